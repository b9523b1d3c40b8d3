// Shared by the app's lists and forms. Loaded on every page of the desk, so keep it small.
import * as attachments from "./xero/attachments";
import * as backfill from "./xero/backfill";
import * as bulk from "./xero/bulk";
import * as invoice_form from "./xero/invoice_form";
import * as invoice_list from "./xero/invoice_list";
import * as log_form from "./xero/log_form";
import * as log_list from "./xero/log_list";
import * as party_form from "./xero/party_form";
import * as preview from "./xero/preview";
import * as sentence from "./xero/sentence";
import * as sidebar from "./xero/sidebar";
import * as status from "./xero/status";

frappe.provide("nexwave_xero");
Object.assign(nexwave_xero, {
	attachments,
	backfill,
	bulk,
	invoice_form,
	invoice_list,
	log_form,
	log_list,
	party_form,
	preview,
	sentence,
	status,
});
sidebar.set_up();
