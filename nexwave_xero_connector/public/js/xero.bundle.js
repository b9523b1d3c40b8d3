// What the app's lists and forms share. Loaded with the desk, so it is kept small.
import * as backfill from "./xero/backfill";
import * as bulk from "./xero/bulk";
import * as invoice_form from "./xero/invoice_form";
import * as invoice_list from "./xero/invoice_list";
import * as log_form from "./xero/log_form";
import * as log_list from "./xero/log_list";
import * as preview from "./xero/preview";
import * as sentence from "./xero/sentence";
import * as status from "./xero/status";

frappe.provide("nexwave_xero");
Object.assign(nexwave_xero, {
	backfill,
	bulk,
	invoice_form,
	invoice_list,
	log_form,
	log_list,
	preview,
	sentence,
	status,
});
