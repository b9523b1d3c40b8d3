// The Xero Sync Settings as a guided form. Loaded on that form only.
import * as connection from "./xero_settings/connection";
import * as guide from "./xero_settings/guide";
import * as mapping from "./xero_settings/mapping";
import { check } from "./xero_settings/check";
import { suggest } from "./xero_settings/suggest";

const ACTIONS = { ...connection, ...mapping, check, suggest };

frappe.provide("nexwave_xero");
nexwave_xero.settings = {
	refresh(frm) {
		guide.show(frm, ACTIONS);
		guide.add_buttons(frm, ACTIONS);
	},
};
