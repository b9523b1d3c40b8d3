// The forms of Customer and Supplier: leave the party out of Xero, for a company, and take it back.

import { escape } from "./sentence";
import { LOG, may_void } from "./status";

const API = "nexwave_xero_connector.api.leave_out";
const GROUP = __("Xero");

export function extend(doctype) {
	frappe.ui.form.on(doctype, { refresh });
}

async function refresh(frm) {
	if (frm.is_new() || !frappe.model.can_read(LOG)) return;
	const { doctype, name } = frm.doc;
	const states = await frappe.xcall(`${API}.party_state`, { party_type: doctype, party: name });
	if (frm.doc.name !== name) return;
	show_state(frm, states);
	for (const label of [__("Leave Out"), __("Take Back")]) frm.remove_custom_button(label, GROUP);
	if (!may_void()) return;
	const left_out = states.filter((state) => state.left_out);
	const sent = states.filter((state) => !state.left_out);
	if (sent.length) frm.add_custom_button(__("Leave Out"), () => leave_out(frm, sent), GROUP);
	if (left_out.length) frm.add_custom_button(__("Take Back"), () => take_back(frm, left_out), GROUP);
}

function show_state(frm, states) {
	frm.layout.wrapper.find(".xero-headline").remove();
	for (const { company, left_out } of states.filter((state) => state.left_out)) {
		const text = __("Left out of Xero for {0} by {1}. Reason: {2}", [
			company,
			frappe.user.full_name(left_out.by),
			left_out.reason,
		]);
		$(`<div class="xero-headline">
			<span class="indicator-pill gray">${escape(__("Left Out"))}</span>
			<span class="xero-headline-text">${escape(text)}</span>
		</div>`).prependTo(frm.layout.wrapper);
	}
}

function leave_out(frm, states) {
	const reason = {
		fieldname: "reason",
		fieldtype: "Small Text",
		label: __("Why is it left out?"),
		description: __(
			"Documents that wait and later ones are not sent to Xero. What is there stays there."
		),
		reqd: 1,
	};
	frappe.prompt(
		[company_field(states), reason],
		(values) => ask(frm, "leave_out_with_party", values),
		__("Leave Out of Xero"),
		__("Leave Out")
	);
}

function take_back(frm, states) {
	frappe.prompt(
		company_field(states),
		(values) => ask(frm, "take_back_with_party", values),
		__("Take Back"),
		__("Take Back")
	);
}

function company_field(states) {
	return {
		fieldname: "company",
		fieldtype: "Select",
		label: __("Company"),
		options: states.map((state) => state.company),
		default: states[0].company,
		reqd: 1,
	};
}

async function ask(frm, method, values) {
	const party = { party_type: frm.doc.doctype, party: frm.doc.name };
	const { message } = await frappe.xcall(`${API}.${method}`, { ...party, ...values });
	frappe.show_alert({ message: escape(message), indicator: "blue" }, 10);
	frm.reload_doc();
}
