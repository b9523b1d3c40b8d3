// The Xero Sync Settings as a guided form. Loaded on that form only.
import * as attachments from "./xero_settings/attachments";
import * as connection from "./xero_settings/connection";
import * as enable from "./xero_settings/enable";
import * as guide from "./xero_settings/guide";
import * as mapping from "./xero_settings/mapping";
import { check } from "./xero_settings/check";
import { diagnose } from "./xero_settings/diagnosis";
import { suggest } from "./xero_settings/suggest";

const ACTIONS = { ...connection, ...mapping, check, suggest, switch_on: enable.switch_on, diagnose };

frappe.provide("nexwave_xero");
nexwave_xero.settings = {
	refresh(frm) {
		guide.show(frm, ACTIONS);
		guide.add_buttons(frm, ACTIONS);
		attachments.show(frm, connection.connect);
	},
	before_save: enable.before_save,
};
