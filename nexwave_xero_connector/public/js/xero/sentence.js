// The sentence of a row: plain text from the server, escaped here, with links to the records that it names.

import { is_open } from "./status";

export function escape(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}

// What to say of a row, as text.
export function text(row) {
	if (row.finding) return row.finding;
	if (row.is_stuck && row.status === "Queued") {
		const since = frappe.datetime.comment_when(row.queued_at).replace(/<[^>]*>/g, "");
		const waits = __("Waiting since {0}, and no worker has taken it up. Press Retry.", [since]);
		return row.message ? `${waits} ${row.message}` : waits;
	}
	if (row.message) return row.message;
	return is_open(row) ? __("Waits for a worker.") : "";
}

// The same as HTML.
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
	return parts.map((part) => (part.link ? anchor(part.link) : escape(part.text))).join("");
}

// The first place where the record is named becomes the link; the number in Xero is often the same text.
function around(sentence, link) {
	const at = sentence.indexOf(link.label);
	if (at < 0) return [{ text: sentence }];
	return [
		{ text: sentence.slice(0, at) },
		{ link },
		{ text: sentence.slice(at + link.label.length) },
	].filter((part) => part.link || part.text);
}

function anchor(link) {
	const field = link.fieldname ? `#${encodeURIComponent(link.fieldname)}` : "";
	const href = frappe.utils.get_form_link(link.doctype, link.name) + field;
	return `<a class="xero-link" href="${escape(href)}" data-doctype="${escape(
		link.doctype
	)}" data-name="${escape(link.name)}" data-fieldname="${escape(link.fieldname)}">${escape(
		link.label
	)}</a>`;
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

// A link with a field leads to that very field, also on a form that is in another tab of itself.
$(document).on("click", "a.xero-link", (event) => {
	if (event.ctrlKey || event.metaKey || event.shiftKey) return;
	const { doctype, name, fieldname } = event.currentTarget.dataset;
	event.preventDefault();
	event.stopPropagation();
	if (fieldname) {
		frappe.route_hooks.after_load = (frm) => frm.scroll_to_field(fieldname);
	}
	const was_loaded = Boolean(locals[doctype]?.[name]);
	frappe.set_route("Form", doctype, name).then(() => {
		if (fieldname && was_loaded && cur_dialog) cur_dialog.hide();
		const frm = frappe.ui.form.get_open_form?.(doctype, name);
		frm?.scroll_to_field(fieldname);
	});
});
