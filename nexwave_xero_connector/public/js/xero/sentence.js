// The message of a row: plain text from the server, escaped here, with links to the records it names.

import { is_open } from "./status";

const TAX_TEMPLATES = [
	"Item Tax Template",
	"Sales Taxes and Charges Template",
	"Purchase Taxes and Charges Template",
];

export function escape(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}

// The message of a row as text.
export function text(row) {
	if (row.finding) return row.finding;
	if (row.is_stuck && row.status === "Queued") {
		const since = frappe.datetime.comment_when(row.queued_at).replace(/<[^>]*>/g, "");
		const waits = __("Queued {0}, but no worker has started it. Press Retry.", [since]);
		return row.message ? `${waits} ${row.message}` : waits;
	}
	if (row.is_stuck && row.status === "In Progress" && !row.message) {
		return __("A worker started this and has not reported back. It may have stopped. Press Retry.");
	}
	if (row.message) return row.message;
	return is_open(row) ? __("Waiting for a worker.") : "";
}

// The message of a row as HTML.
export function html(row) {
	return with_links(text(row), row.message_links);
}

export function with_links(sentence, links) {
	const named = parse(links)
		.filter((link) => link.label && link.doctype && link.name)
		.sort((a, b) => b.label.length - a.label.length);
	const parts = [{ text: String(sentence ?? "") }];
	for (const link of named) {
		const index = parts.findIndex((part) => part.text?.includes(link.label));
		if (index >= 0) parts.splice(index, 1, ...around(parts[index].text, link));
	}
	const template = named.find((link) => TAX_TEMPLATES.includes(link.doctype));
	return parts
		.map(({ link, text }) => {
			if (!link) return escape(text);
			return anchor(link, link.fieldname === "tax_mapping" ? template : null);
		})
		.join("");
}

// Only the first occurrence of the record's name becomes a link: the number in Xero is often the same text.
function around(sentence, link) {
	const at = sentence.indexOf(link.label);
	if (at < 0) return [{ text: sentence }];
	return [
		{ text: sentence.slice(0, at) },
		{ link },
		{ text: sentence.slice(at + link.label.length) },
	].filter((part) => part.link || part.text);
}

function anchor(link, template) {
	const field = link.fieldname ? `#${encodeURIComponent(link.fieldname)}` : "";
	const href = frappe.utils.get_form_link(link.doctype, link.name) + field;
	const data = {
		doctype: link.doctype,
		name: link.name,
		fieldname: link.fieldname || "",
		...(template && { template_type: template.doctype, template: template.name }),
	};
	const attributes = Object.entries(data).map(([key, value]) => `data-${key}="${escape(value)}"`);
	return `<a class="xero-link" href="${escape(href)}" ${attributes.join(" ")}>${escape(link.label)}</a>`;
}

function parse(links) {
	if (!links) return [];
	if (typeof links !== "string") return links;
	try {
		return JSON.parse(links);
	} catch {
		return [];
	}
}

// A link with a fieldname leads to that field; for a missing tax mapping, its row is already started. The listener is
// on the capture phase, because Frappe's router and the list's rows handle the click while it bubbles.
document.addEventListener("click", follow_link, true);

function follow_link(event) {
	const target = event.target.closest?.("a.xero-link");
	if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
	event.preventDefault();
	event.stopPropagation();
	const { doctype, name, fieldname, template_type, template } = target.dataset;
	const arrive = (frm) => {
		if (template) begin_tax_mapping(frm, template_type, template);
		// In a table Frappe would focus every cell in turn, half a second later.
		const is_table = frm.get_field(fieldname)?.df.fieldtype === "Table";
		if (fieldname) frm.scroll_to_field(fieldname, !is_table);
	};
	window.cur_dialog?.hide();
	if (frappe.get_route_str() === `Form/${doctype}/${name}`) {
		arrive(frappe.views.formview[doctype].frm);
		return;
	}
	frappe.route_hooks.after_load = arrive;
	frappe.set_route("Form", doctype, name);
}

function begin_tax_mapping(frm, template_type, template) {
	const is_mapped = (row) => row.template_type === template_type && row.template === template;
	if (!frm.perm[0]?.write || (frm.doc.tax_mapping || []).some(is_mapped)) return;
	frm.add_child("tax_mapping", { template_type, template });
	frm.refresh_field("tax_mapping");
}
