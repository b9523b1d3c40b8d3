// Live updates for open lists and forms. A company's rows are announced in the room of its settings, which the server
// opens only to users who can read them.

import { LOG_EVENT } from "./status";

const SETTINGS = "Xero Sync Settings";
let resubscribes = false;

// Call `act` with { name } of each row of the log that changes, for every company the user can see.
export function follow(act) {
	subscribe();
	frappe.realtime.on(LOG_EVENT, act);
}

// Call `act` when the latest row of an open invoice changes. follow_document registers an open invoice.
export function follow_documents(act) {
	frappe.realtime.on("xero_sync", act);
}

// Frappe's doc_subscribe ignores a second call within a second, so emit the event directly.
export function follow_document(doctype, name) {
	if (frappe.realtime.socket) frappe.realtime.emit("doc_subscribe", doctype, name);
}

export async function subscribe() {
	if (!frappe.realtime.socket || !frappe.model.can_read(SETTINGS)) return;
	if (!resubscribes) {
		resubscribes = true;
		// The server drops subscriptions when the connection is lost.
		frappe.realtime.socket.io.on("reconnect", subscribe);
	}
	const companies = await frappe.db.get_list(SETTINGS, { limit: 0 });
	for (const { name } of companies) follow_document(SETTINGS, name);
}

// Resolves at the next change of any row, or after `timeout` milliseconds in case the socket does not get through.
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
