// Try the mapping on the latest invoices. Nothing is sent.

import { escape, with_links } from "../xero/sentence";

const DEFAULT_CHECKED = 100;
const MAX_CHECKED = 500;
const PROGRESS = "xero_check_progress";

export async function check(frm, limit = DEFAULT_CHECKED) {
	const dialog = new frappe.ui.Dialog({
		title: __("Check"),
		size: "large",
		fields: [{ fieldname: "found", fieldtype: "HTML" }],
		primary_action_label: __("Close"),
		primary_action: () => dialog.hide(),
	});
	const show = (html) => dialog.get_field("found").$wrapper.html(html);
	dialog.$wrapper.on("click", "a", () => dialog.hide());
	show(progress({ done: 0, of_all: limit }));
	dialog.show();
	const follow = (data) => show(progress(data));
	frappe.realtime.on(PROGRESS, follow);
	let found;
	try {
		found = await frappe.xcall("nexwave_xero_connector.api.mapping.check", {
			company: frm.doc.company,
			limit,
		});
	} catch (error) {
		dialog.hide();
		throw error;
	} finally {
		frappe.realtime.off(PROGRESS, follow);
	}
	show(described(found));
	await frm.reload_doc();
	if (found.checked === limit && limit < MAX_CHECKED) {
		dialog.set_secondary_action_label(__("Check the Last {0}", [MAX_CHECKED]));
		dialog.set_secondary_action(() => {
			dialog.hide();
			check(frm, MAX_CHECKED);
		});
	}
}

function progress({ done, of_all }) {
	const text = __("Trying the mapping on the last invoices: {0} of {1}", [done, of_all]);
	return `<p>${text}</p><div class="progress"><div class="progress-bar" role="progressbar"
		style="width: ${(done * 100) / of_all}%"></div></div>`;
}

function described(found) {
	const parts = [`<p class="lead">${headline(found)}</p>`];
	if (found.not_pushed) {
		parts.push(
			`<p class="text-muted">${__("{0} are excluded by the settings.", [found.not_pushed])}</p>`
		);
	}
	for (const cause of found.causes) parts.push(described_cause(cause));
	parts.push(described_default(found.to_default));
	for (const note of found.notes) {
		parts.push(`<div class="xero-cause">${with_links(note.message, note.links)}</div>`);
	}
	return parts.join("");
}

function headline(found) {
	if (!found.checked) return __("There are no submitted invoices yet.");
	return __("{0} of the last {1} invoices would go to Xero. Nothing was sent.", [
		found.would_go,
		found.checked,
	]);
}

function described_default(accounts) {
	if (!accounts.length) return "";
	const rows = accounts.map(
		(one) => `<tr>
			<td>${with_links(one.account, [{ doctype: "Account", name: one.account, label: one.account }])}</td>
			<td>${escape(one.xero_account)}</td>
			<td class="text-right">${one.lines}</td>
			<td class="text-right">${one.documents}</td>
			<td class="text-right">${escape(one.amount)}</td>
		</tr>`
	);
	const heads = [__("Account"), __("In Xero"), __("Lines"), __("Invoices"), __("Amount")];
	return `<div class="xero-to-default">
		<p>${__("These accounts are not mapped, so their lines go to the default account:")}</p>
		<table class="table table-sm"><thead><tr>${heads
			.map((head, index) => `<th class="${index > 1 ? "text-right" : ""}">${head}</th>`)
			.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>
	</div>`;
}

export function described_cause(cause) {
	const examples = cause.examples.map((one) => ({ ...one, label: one.name }));
	const names = cause.examples.map((one) => one.name).join(", ");
	return `<div class="xero-cause">
		<span class="xero-cause-count">${__("{0} invoices", [cause.count])}</span>:
		${with_links(cause.message, cause.links)}
		<div class="text-muted">${__("For example: {0}", [with_links(names, examples)])}</div>
	</div>`;
}
