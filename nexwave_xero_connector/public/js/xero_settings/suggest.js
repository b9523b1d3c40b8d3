// A suggested mapping: each row has its reason, and can be accepted or changed. It is saved only with the form.

import { fetch } from "./mapping";

const API = "nexwave_xero_connector.api.mapping";
const OF_TAXES = ["tax_mapping", "untaxed_sales_tax_rate", "untaxed_purchase_tax_rate"];
const OF_TRACKING = ["tracking_mapping"];

export async function suggest(frm) {
	if (!frm.doc.last_fetched) await fetch(frm);
	const rows = await frappe.xcall(`${API}.suggest`, { company: frm.doc.company });
	if (!rows.length) {
		frappe.msgprint(__("Everything your invoices use is already mapped."));
		return;
	}
	remember_titles(rows);
	const in_xero = () => ({ filters: { company: frm.doc.company, status: "ACTIVE" } });
	const taxes = rows.filter((row) => OF_TAXES.includes(row.place));
	const tracking = rows.filter((row) => OF_TRACKING.includes(row.place));
	const accounts = rows.filter((row) => !taxes.includes(row) && !tracking.includes(row));
	const dialog = new frappe.ui.Dialog({
		title: __("Suggested Mapping"),
		size: "extra-large",
		fields: [
			...(rows.some((row) => row.is_guess) ? [guesses()] : []),
			...table("taxes", __("Taxes"), taxes, [
				link("tax_rate", __("In Xero"), "Xero Tax Rate", in_xero),
				link("purchase_tax_rate", __("For Purchases"), "Xero Tax Rate", in_xero),
			]),
			...table("accounts", __("Accounts"), accounts, [
				link("account", __("In Xero"), "Xero Account", in_xero),
			]),
			...table("tracking", __("Tracking"), tracking, [
				link("tracking_option", __("In Xero"), "Xero Tracking Option", in_xero),
			]),
		],
		primary_action_label: __("Accept"),
		primary_action: () => {
			dialog.hide();
			for (const fieldname of ["taxes", "accounts", "tracking"]) {
				const accepted = (dialog.get_value(fieldname) || []).filter((row) => row.is_accepted);
				accepted.forEach((row) => enter(frm, row));
			}
			frm.refresh_fields();
			frm.dirty();
			frappe.show_alert({ message: __("Review the mapping, then save."), indicator: "blue" }, 7);
		},
	});
	dialog.$wrapper.addClass("xero-suggest");
	dialog.show();
}

function guesses() {
	const text = __("Some of these are guesses. They are not accepted unless you tick them.");
	return { fieldname: "guesses", fieldtype: "HTML", options: `<p class="xero-warning">${text}</p>` };
}

function table(fieldname, label, rows, links) {
	if (!rows.length) return [];
	const data = rows.map((row, index) => ({
		...row,
		idx: index + 1,
		name: `${fieldname}-${index}`,
		is_accepted: !row.is_guess && (row.account || row.tax_rate || row.tracking_option) ? 1 : 0,
		what: row.subject ? `${__(row.doctype)}: ${row.subject}` : row.label,
	}));
	return [
		{
			fieldname,
			fieldtype: "Table",
			label,
			data,
			get_data: () => data,
			cannot_add_rows: true,
			cannot_delete_rows: true,
			in_place_edit: true,
			// A grid is ten columns wide, and leaves out fields that do not fit.
			fields: [
				column("is_accepted", __("Accept"), "Check", 1),
				{ ...column("what", __("In ERPNext"), "Data", links.length > 1 ? 2 : 3), read_only: 1 },
				...links,
				{ ...column("reason", __("Reason"), "Small Text", links.length > 1 ? 3 : 4), read_only: 1 },
			],
		},
	];
}

function link(fieldname, label, options, get_query) {
	return { ...column(fieldname, label, "Link", 2), options, get_query };
}

function column(fieldname, label, fieldtype, columns) {
	return { fieldname, label, fieldtype, columns, in_list_view: 1 };
}

function remember_titles(rows) {
	for (const row of rows) {
		const titles = [
			["Xero Account", row.account, row.account_title],
			["Xero Tax Rate", row.tax_rate, row.tax_rate_title],
			["Xero Tax Rate", row.purchase_tax_rate, row.purchase_tax_rate_title],
			["Xero Tracking Option", row.tracking_option, row.tracking_option_title],
		];
		for (const [doctype, name, title] of titles) {
			if (name) frappe.utils.add_link_title(doctype, name, title);
		}
	}
}

// A record that is mapped to another organisation keeps its row.
function remap(frm, row, in_xero) {
	const field = row.place === "tracking_mapping" ? "tracking_option" : "xero_account";
	const names = (mapped) => mapped.account || mapped.source;
	const is_same = (mapped) =>
		names(mapped) === row.subject && (mapped.source_doctype || "Account") === row.doctype;
	const known = (frm.doc[row.place] || []).find(is_same);
	if (known) known[field] = in_xero;
	return Boolean(known);
}

// Skip a row without a Xero record; it is suggested again next time.
function enter(frm, row) {
	const in_xero = row.tax_rate || row.account || row.tracking_option;
	if (!in_xero) return;
	if (!row.subject) {
		frm.doc[row.place] = in_xero;
	} else if (row.place === "tax_mapping") {
		frm.add_child("tax_mapping", {
			template_type: row.doctype,
			template: row.subject,
			xero_tax_rate: row.tax_rate,
			purchase_tax_rate: row.purchase_tax_rate,
		});
	} else if (remap(frm, row, in_xero)) {
		return;
	} else if (row.place === "tracking_mapping") {
		frm.add_child("tracking_mapping", {
			source_doctype: row.doctype,
			source: row.subject,
			tracking_option: row.tracking_option,
		});
	} else {
		frm.add_child(row.place, { account: row.subject, xero_account: row.account });
	}
}
