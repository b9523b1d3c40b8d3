// Actions on many documents: requested in batches, with a progress bar, and a result for each at the end.

import * as realtime from "./realtime";
import * as progress from "./progress";
import { escape, with_links } from "./sentence";
import { LOG, is_open } from "./status";

const BATCH_SIZE = 20;
const MAX_SELECTED = 500;
const LOOK_AGAIN = 2000;
const PATIENCE = 60000;

const API = "nexwave_xero_connector.api";

export async function retry(doctype, names) {
	const answers = await ask(__("Retry"), `${API}.bulk.retry`, { doctype }, names);
	if (answers) await follow(answers, "Success", (count) => __("{0} retried", [count]));
}

export async function push(doctype, names) {
	const answers = await ask(__("Send to Xero"), `${API}.bulk.retry`, { doctype }, names);
	if (answers) await follow(answers, "Success", (count) => __("{0} in Xero", [count]));
}

export async function void_in_xero(doctype, names) {
	const confirmed = await confirm(
		names.length === 1
			? __("Void this document in Xero? This cannot be undone.")
			: __("Void {0} documents in Xero? This cannot be undone.", [names.length])
	);
	if (!confirmed) return;
	const answers = await ask(__("Void in Xero"), `${API}.bulk.void`, { doctype }, names);
	if (answers) await follow(answers, "Voided", (count) => __("{0} voided", [count]));
}

export async function mark_handled(names) {
	const reason = await ask_reason({
		label: __("How was it handled?"),
		description: __("This is kept in the log. Nothing is changed in Xero."),
		title: __("Mark as Handled"),
		action: __("Mark as Handled"),
	});
	if (!reason) return;
	const answers = await ask(__("Mark as Handled"), `${API}.bulk.mark_handled`, { reason }, names);
	if (answers) show_each(answers, (count) => __("{0} marked as handled", [count]));
}

export async function leave_out(doctype, names) {
	const reason = await ask_reason({
		label: __("Why is it left out?"),
		description: __("This is kept in the log. Nothing is sent to Xero, and what is there stays there."),
		title: __("Leave Out of Xero"),
		action: __("Leave Out"),
	});
	if (!reason) return;
	const args = { doctype, reason };
	const answers = await ask(__("Leave Out"), `${API}.bulk.leave_out`, args, names);
	if (answers) show_each(answers, (count) => __("{0} left out", [count]));
}

export async function take_back(doctype, names) {
	const answers = await ask(__("Take Back"), `${API}.bulk.take_back`, { doctype }, names);
	if (answers) show_each(answers, (count) => __("{0} taken back", [count]));
}

export async function check_for_orphans(names) {
	if (!within_limit(names)) return;
	await ask_xero(`${API}.orphans.check`, { names });
}

export async function check_company(company) {
	await ask_xero(`${API}.orphans.check_company`, { company });
}

export async function compare_period(values) {
	await ask_xero(`${API}.orphans.compare_period`, values);
}

async function ask_xero(method, args) {
	const { message } = await frappe.call({
		method,
		args,
		freeze: true,
		freeze_message: __("Checking Xero"),
	});
	frappe.show_alert({ message: escape(message.message), indicator: "blue" }, 10);
}

// One document: show the server's message; the list or form then follows the worker.
export async function one(method, row) {
	const { message } = await frappe.xcall(`${API}.sync.${method}`, {
		doctype: row.reference_doctype,
		name: row.reference_name,
	});
	frappe.show_alert({ message: escape(message), indicator: "blue" }, 7);
}

function within_limit(names) {
	if (names.length <= MAX_SELECTED) return true;
	frappe.msgprint(
		__("{0} documents are selected. The maximum is {1} at a time.", [names.length, MAX_SELECTED])
	);
	return false;
}

async function ask(title, method, args, names) {
	if (!names.length || !within_limit(names)) return null;
	const answers = [];
	try {
		for (let start = 0; start < names.length; start += BATCH_SIZE) {
			progress.show(title, start, names.length);
			const part = names.slice(start, start + BATCH_SIZE);
			answers.push(...(await frappe.xcall(method, { ...args, names: part })));
		}
	} finally {
		progress.hide();
	}
	return answers;
}

// Wait for the worker, then show the result of each document.
async function follow(answers, success, say) {
	const refused = answers.filter((answer) => !answer.done);
	const asked = answers.filter((answer) => answer.done);
	let rows = [];
	const give_up_at = Date.now() + PATIENCE;
	realtime.subscribe();
	while (asked.length) {
		rows = await newest_rows(asked);
		const closed = rows.filter((row) => !is_open(row));
		progress.show(__("Waiting for Xero"), closed.length, rows.length);
		if (closed.length === rows.length || Date.now() > give_up_at) break;
		await realtime.next_change(LOOK_AGAIN);
	}
	progress.hide();
	const ended_well = rows.filter((row) => row.status === success && !row.needs_attention);
	const waiting = rows.filter(is_open);
	const failing = rows
		.filter((row) => !is_open(row) && !ended_well.includes(row))
		.map((row) => ({
			document_type: row.reference_doctype,
			document: row.reference_name,
			message: row.message,
			links: row.message_links,
		}));
	const parts = [say(ended_well.length)];
	if (waiting.length) parts.push(__("{0} still waiting, see the log", [waiting.length]));
	const still_failing = [...refused, ...failing];
	if (still_failing.length) parts.push(__("{0} still failing", [still_failing.length]));
	show(parts.join(", "), still_failing);
}

function newest_rows(asked) {
	return Promise.all(
		Object.entries(by_doctype(asked)).map(([doctype, answers]) =>
			frappe.xcall("frappe.client.get_list", {
				doctype: LOG,
				filters: {
					reference_doctype: doctype,
					reference_name: ["in", answers.map((answer) => answer.document)],
					is_latest: 1,
				},
				fields: [
					"name",
					"status",
					"needs_attention",
					"reference_doctype",
					"reference_name",
					"message",
					"message_links",
				],
				limit_page_length: MAX_SELECTED,
			})
		)
	).then((lists) => lists.flat());
}

function by_doctype(asked) {
	const found = {};
	for (const answer of asked) (found[answer.document_type] ??= []).push(answer);
	return found;
}

// The server's own message for one document that went well; a count, and what was refused, for many.
function show_each(answers, say) {
	const done = answers.filter((answer) => answer.done);
	const refused = answers.filter((answer) => !answer.done);
	show(answers.length === 1 && done.length ? done[0].message : say(done.length), refused);
}

function show(summary, failing) {
	if (!failing.length) {
		frappe.show_alert({ message: escape(summary), indicator: "green" }, 7);
		return;
	}
	const lines = failing.map((answer) => {
		const links = [{ doctype: answer.document_type, name: answer.document, label: answer.document }];
		const message = with_links(answer.message, answer.links || links);
		return `<li class="mb-2"><b>${with_links(answer.document, links)}</b><br>${message}</li>`;
	});
	frappe.msgprint({
		title: __("Results"),
		indicator: "orange",
		message: `<p>${escape(summary)}:</p><ul class="xero-results">${lines.join("")}</ul>`,
	});
}

function confirm(question) {
	return new Promise((resolve) => {
		frappe.confirm(
			escape(question),
			() => resolve(true),
			() => resolve(false)
		);
	});
}

function ask_reason({ label, description, title, action }) {
	return new Promise((resolve) => {
		frappe.prompt(
			{
				fieldname: "reason",
				fieldtype: "Small Text",
				label,
				description,
				reqd: 1,
			},
			({ reason }) => resolve(reason),
			title,
			action
		);
	});
}
