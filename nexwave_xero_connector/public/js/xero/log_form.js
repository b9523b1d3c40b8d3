// The form of the Xero Sync Log: what happened, with all attempts on the document, and what can be done.

import * as attachments from "./attachments";
import * as bulk from "./bulk";
import * as realtime from "./realtime";
import { escape, html } from "./sentence";
import { ACTION_LABELS, FIELDS, LOG, actions, indicator, may_use_another, open_in_xero } from "./status";
import * as use_this_one from "./use_this_one";

const ATTEMPTS = 100;

export function refresh(frm) {
	frm.disable_save();
	const [label, colour] = indicator(frm.doc);
	frm.page.set_indicator(label, colour);
	add_buttons(frm);
	tell_story(frm);
	attachments.show(frm);
	follow(frm);
}

function add_buttons(frm) {
	const row = frm.doc;
	const act = {
		retry: () => bulk.one("retry", row),
		void: () => bulk.void_in_xero(LOG, [row.name]),
		open: () => open_in_xero(row),
		handle: () => bulk.mark_handled([row.name]),
		take_back: () => bulk.take_back(LOG, [row.name]),
		leave_out: () => bulk.leave_out(LOG, [row.name]),
	};
	if (may_use_another(row)) {
		frm.add_custom_button(__("Use This One"), () =>
			use_this_one.choose(LOG, row.name, () => frm.reload_doc())
		);
	}
	for (const action of actions(row)) {
		const $button = frm.add_custom_button(ACTION_LABELS[action], act[action]);
		if (["retry", "void"].includes(action)) $button.removeClass("btn-default").addClass("btn-primary");
	}
}

async function tell_story(frm) {
	const row = frm.doc;
	const attempts = await frappe.xcall("frappe.client.get_list", {
		doctype: LOG,
		filters: {
			reference_doctype: row.reference_doctype,
			reference_name: row.reference_name,
		},
		fields: [
			"name",
			...FIELDS,
			"attempt",
			"triggered_by",
			"finished_at",
			"handled_reason",
			"handled_by",
			"owner",
		],
		order_by: "creation desc",
		limit_page_length: ATTEMPTS,
	});
	if (frm.doc.name !== row.name) return;
	const newest = attempts[0];
	if (newest && newest.name !== row.name) {
		const href = frappe.utils.get_form_link(LOG, newest.name);
		const link = `<a href="${escape(href)}">${__("Show the latest attempt")}</a>`;
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline(`<div>${__("There is a later attempt for this document.")} ${link}</div>`);
	}
	frm.get_field("story").$wrapper.html(
		`<p class="xero-sentence">${html(row)}</p>
		<div class="xero-timeline">${attempts.map((attempt) => item(attempt, row)).join("")}</div>`
	);
}

function item(attempt, shown) {
	const [label, colour] = indicator(attempt);
	const what = __("{0}, attempt {1}", [__(attempt.operation), attempt.attempt]);
	const when = frappe.datetime.comment_when(attempt.finished_at || attempt.queued_at);
	const by = __("{0} by {1}", [__(attempt.triggered_by), frappe.user.full_name(attempt.owner)]);
	const href = frappe.utils.get_form_link(LOG, attempt.name);
	const is_shown = attempt.name === shown.name;
	const title = is_shown ? `<b>${escape(what)}</b>` : `<a href="${escape(href)}">${escape(what)}</a>`;
	const handled = attempt.handled_at
		? `<div class="text-muted">${escape(
				__("Marked as handled by {0}: {1}", [
					frappe.user.full_name(attempt.handled_by),
					attempt.handled_reason,
				])
		  )}</div>`
		: "";
	const sentence = is_shown ? "" : `<div class="xero-attempt-text">${html(attempt)}</div>`;
	return `<div class="xero-attempt">
		<div class="xero-attempt-head">
			<span class="indicator-pill ${colour}">${escape(label)}</span>
			<span>${title}</span>
			<span class="text-muted">${escape(by)} · ${when}</span>
		</div>
		${sentence}${handled}
	</div>`;
}

// The rows of one document share the first part of their names.
function follow(frm) {
	if (frm.xero_follows) return;
	frm.xero_follows = true;
	realtime.follow(async ({ name }) => {
		const shown = frm.doc.name;
		if (frappe.get_route_str() !== `Form/${LOG}/${shown}`) return;
		const [document, attempt] = name.split("-");
		const [shown_document, shown_attempt] = shown.split("-");
		if (document !== shown_document) return;
		// A user who has the latest attempt open is taken to the next one.
		if (frm.doc.is_latest && Number(attempt) > Number(shown_attempt)) {
			await frappe.set_route("Form", LOG, name);
			// What was announced while it opened found the earlier attempt still shown.
			if (frm.doc.name === name) frm.reload_doc();
		} else {
			frm.reload_doc();
		}
	});
}
