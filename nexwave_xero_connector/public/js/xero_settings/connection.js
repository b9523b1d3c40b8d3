// Connecting: the app's credentials, Xero's consent page, the organisation, and the end of it.

import { escape } from "../xero/sentence";

const API = "nexwave_xero_connector.api.connection";
const CUSTOM = "Custom Connection";
const XERO = '<a href="https://developer.xero.com/app/manage" target="_blank">developer.xero.com</a>';

export async function app(frm) {
	const company = frm.doc.company;
	const known = await frappe.xcall(`${API}.app`, { company });
	const dialog = new frappe.ui.Dialog({
		title: __("Xero App"),
		fields: [
			{
				fieldname: "how",
				fieldtype: "HTML",
				options: frm.doc.connection_type === CUSTOM ? how_custom() : how(known.redirect_address),
			},
			{
				fieldname: "client_id",
				fieldtype: "Data",
				label: __("Client ID"),
				default: known.client_id,
				reqd: 1,
			},
			{
				fieldname: "client_secret",
				fieldtype: "Password",
				label: __("Client Secret"),
				description: known.has_secret ? __("One is stored. Leave this empty to keep it.") : "",
				reqd: known.has_secret ? 0 : 1,
			},
			{ fieldtype: "Section Break", label: __("Scopes"), collapsible: 1 },
			{
				fieldname: "scopes",
				fieldtype: "Small Text",
				label: __("Scopes"),
				default: known.scopes,
				description: __(
					"An app made before March 2026 may have accounting.transactions in the place of accounting.invoices."
				),
			},
		],
		primary_action_label: __("Save and Connect"),
		primary_action: async (values) => {
			await frappe.xcall(`${API}.save_app`, { company, ...values });
			dialog.hide();
			await connect(frm);
		},
	});
	// A secret of Xero's is no password that a person thinks up.
	dialog.get_field("client_secret").disable_password_checks?.();
	dialog.show();
}

function how(redirect_address) {
	const text = __("Create an app of type Web app at {0}. Give it this redirect address:", [XERO]);
	return `<p>${text}</p><p><code class="xero-address">${escape(redirect_address)}</code></p>`;
}

function how_custom() {
	return `<p>${__("Create a Custom Connection at {0}, and let it into the organisation there.", [XERO])}</p>`;
}

export async function connect(frm) {
	const company = frm.doc.company;
	const { url, question } = await frappe.xcall(`${API}.connect`, { company });
	if (question) {
		frappe.confirm(escape(question), async () => {
			await go_on(frm, await frappe.xcall(`${API}.connect`, { company, in_place_of_another_site: true }));
		});
		return;
	}
	await go_on(frm, { url });
}

async function go_on(frm, { url }) {
	if (url) window.location.assign(url);
	else await frm.reload_doc();
}

export function confirm(frm) {
	frappe.confirm(
		__("Does this site, {0}, send the documents of {1} to {2}? If it is a copy of the site that does, answer No.", [
			escape(window.location.host),
			escape(frm.doc.company),
			escape(frm.doc.organisation_name || __("Xero")),
		]),
		async () => {
			await frappe.xcall(`${API}.confirm_installation`, { company: frm.doc.company });
			await frm.reload_doc();
		}
	);
}

export async function choose(frm) {
	const company = frm.doc.company;
	const organisations = await frappe.xcall(`${API}.organisations`, { company });
	const by_id = Object.fromEntries(organisations.map((one) => [one.tenant_id, one]));
	const another = __("Let this site into another organisation");
	const dialog = new frappe.ui.Dialog({
		title: __("Choose Organisation"),
		fields: [
			{
				fieldname: "tenant_id",
				fieldtype: "Select",
				label: __("Organisation"),
				options: organisations.map((one) => ({ value: one.tenant_id, label: one.name })),
				default: organisations.find((one) => one.is_chosen)?.tenant_id || organisations[0]?.tenant_id,
				reqd: 1,
				onchange: () => warn(),
			},
			{ fieldname: "warning", fieldtype: "HTML" },
		],
		primary_action_label: __("Choose"),
		primary_action: async ({ tenant_id }) => {
			dialog.hide();
			await frappe.xcall(`${API}.choose_organisation`, { company, tenant_id });
			await frm.reload_doc();
		},
		secondary_action_label: another,
		secondary_action: () => connect(frm),
	});

	function warn() {
		const chosen = by_id[dialog.get_value("tenant_id")];
		const warnings = [];
		if (chosen?.used_by.length) {
			warnings.push(
				__("{0} is pushed to {1} already. Each company should have an organisation of its own.", [
					chosen.used_by.map(escape).join(", "),
					escape(chosen.name),
				])
			);
		}
		if (chosen && frm.doc.tenant_id && !chosen.is_chosen) {
			warnings.push(
				__("{0} has been pushed to {1}. What is in Xero there stays there; the mapping has to be made anew.", [
					escape(company),
					escape(frm.doc.organisation_name),
				])
			);
		}
		const html = warnings.map((text) => `<p class="xero-warning">${text}</p>`).join("");
		dialog.get_field("warning").$wrapper.html(html);
	}

	dialog.show();
	warn();
}

export function disconnect(frm) {
	frappe.confirm(
		[
			__("Disconnect {0} from Xero? Documents wait here until you connect again. What is in Xero stays there.", [
				escape(frm.doc.company),
			]),
			frm.doc.__onload.setup.is_connected
				? __("Another site that the same Xero user has connected to this organisation with the same app is disconnected too.")
				: __("Nothing is changed in Xero."),
		].join(" "),
		async () => {
			const { message } = await frappe.xcall(`${API}.disconnect`, { company: frm.doc.company });
			frappe.show_alert({ message: escape(message), indicator: "blue" }, 10);
			await frm.reload_doc();
		}
	);
}

export function switch_on(frm) {
	const notes = [__("Earlier ones are left as they are. You can push them later.")];
	if (frm.doc.lock_date) {
		const lock_date = frappe.datetime.str_to_user(frm.doc.lock_date);
		notes.unshift(__("Xero takes nothing dated on or before its lock date {0}.", [lock_date]));
	}
	frappe.prompt(
		{
			fieldname: "start_date",
			fieldtype: "Date",
			label: __("Push documents posted on or after"),
			default: frm.doc.start_date || frappe.datetime.get_today(),
			description: notes.join(" "),
			reqd: 1,
		},
		async ({ start_date }) => {
			await frm.set_value({ enabled: 1, start_date });
			await frm.save();
		},
		__("Switch On"),
		__("Switch On")
	);
}
