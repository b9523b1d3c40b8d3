// Preview of what would be sent to Xero, laid out like an invoice.

import { escape, with_links } from "./sentence";

const KINDS = {
	ACCREC: __("Invoice"),
	ACCPAY: __("Bill"),
	ACCRECCREDIT: __("Credit note"),
	ACCPAYCREDIT: __("Supplier credit note"),
};

export async function show(doctype, name, has_unsaved_changes = false) {
	const preview = await frappe.xcall("nexwave_xero_connector.api.preview.preview", {
		doctype,
		name,
	});
	const dialog = new frappe.ui.Dialog({
		title: __("Preview for Xero: {0}", [name]),
		size: "extra-large",
		fields: [{ fieldname: "preview", fieldtype: "HTML" }],
	});
	dialog
		.get_field("preview")
		.$wrapper.html(
			(has_unsaved_changes
				? notice("yellow", __("There are unsaved changes. This preview shows the saved document."))
				: "") + content(preview)
		);
	dialog.$wrapper.addClass("xero-preview-dialog");
	dialog.show();
}

function content(preview) {
	const not_pushed = preview.not_pushed
		? notice("blue", with_links(preview.not_pushed.message, preview.not_pushed.message_links))
		: "";
	if (preview.problems.length) {
		const title = `<b>${__("This document cannot be sent to Xero yet. Fix these first:")}</b>`;
		const items = preview.problems.map(
			(problem) => `<li>${with_links(problem.message, problem.message_links)}</li>`
		);
		return not_pushed + notice("red", `${title}<ul class="xero-problems">${items.join("")}</ul>`);
	}
	return not_pushed + head(preview) + lines(preview);
}

function notice(colour, body) {
	return `<div class="form-message ${colour} xero-notice">${body}</div>`;
}

function head(preview) {
	const facts = [
		[__("Type"), KINDS[preview.type]],
		[__("Number"), preview.number],
		[__("Contact"), preview.party],
		[__("Date"), frappe.datetime.str_to_user(preview.date)],
		[__("Due date"), preview.due_date && frappe.datetime.str_to_user(preview.due_date)],
		[__("Reference"), preview.reference],
		[__("Status in Xero"), preview.status],
		[__("Currency"), preview.rate ? `${preview.currency} (${preview.rate})` : preview.currency],
	].filter(([, value]) => value);
	const cells = facts.map(
		([label, value]) =>
			`<div><div class="text-muted small">${escape(label)}</div><div>${escape(value)}</div></div>`
	);
	return `<div class="xero-preview-head">${cells.join("")}</div>`;
}

function lines(preview) {
	const has_tracking = preview.lines.some((line) => line.tracking);
	const columns = [
		["description", __("Description"), ""],
		["quantity", __("Quantity"), "text-right"],
		["unit_amount", __("Unit price"), "text-right"],
		["account", __("Account"), ""],
		...(has_tracking ? [["tracking", __("Tracking"), ""]] : []),
		["tax", __("Tax rate"), ""],
		["tax_amount", __("Tax"), "text-right"],
		["amount", __("Amount"), "text-right"],
	];
	const header = columns.map(([, label, align]) => `<th class="${align}">${escape(label)}</th>`);
	const rows = preview.lines.map((line) => {
		const cells = columns.map(
			([field, label, align]) =>
				`<td class="${align}" data-label="${escape(label)}">${escape(line[field])}</td>`
		);
		return `<tr>${cells.join("")}</tr>`;
	});
	const total = (label, amount, strong) =>
		`<tr class="${strong ? "font-weight-bold" : "text-muted"}">
			<td class="text-right" colspan="${columns.length - 1}">${escape(label)}</td>
			<td class="text-right">${escape(amount)}</td>
		</tr>`;
	const totals = [
		total(__("Net total"), preview.sub_total),
		...preview.taxes.map((tax) => total(tax.tax, tax.amount)),
		total(__("Total {0}", [preview.currency]), preview.total, true),
	];
	return `<div class="table-responsive"><table class="table table-sm xero-preview">
		<thead><tr>${header.join("")}</tr></thead>
		<tbody>${rows.join("")}</tbody><tfoot>${totals.join("")}</tfoot>
	</table></div>`;
}
