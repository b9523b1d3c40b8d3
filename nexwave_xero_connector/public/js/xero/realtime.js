// The lists and forms that are open follow the worker. It tells of a company's rows to who may read its settings: the
// server lets nobody else into that room.

import { LOG_EVENT } from "./status";

const SETTINGS = "Xero Sync Settings";
let resubscribes = false;

// Call `act` with { name } of each row of the log that changes, in any company that the user may see.
export function follow(act) {
	subscribe();
	frappe.realtime.on(LOG_EVENT, act);
}

// Call `act` when the newest row of an open invoice changes; follow_document says which are open.
export function follow_documents(act) {
	frappe.realtime.on("xero_sync", act);
}

// Frappe lets a form follow its document as well, but not two within a second.
export function follow_document(doctype, name) {
	if (frappe.realtime.socket) frappe.realtime.emit("doc_subscribe", doctype, name);
}

export async function subscribe() {
	if (!frappe.realtime.socket || !frappe.model.can_read(SETTINGS)) return;
	if (!resubscribes) {
		resubscribes = true;
		// The server forgets who listened when the connection is lost.
		frappe.realtime.socket.io.on("reconnect", subscribe);
	}
	const companies = await frappe.db.get_list(SETTINGS, { limit: 0 });
	for (const { name } of companies) follow_document(SETTINGS, name);
}

// The next change of any row; at the latest after so many milliseconds, should the socket not get through.
export function next_change(timeout) {
	return new Promise((resolve) => {
		const timer = setTimeout(done, timeout);
		frappe.realtime.on(LOG_EVENT, done);
		function done() {
			clearTimeout(timer);
			frappe.realtime.off(LOG_EVENT, done);
			resolve();
		}
	});
}
