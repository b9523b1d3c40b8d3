"""What this app adds to a site: its description, install hooks, doc events, scheduled jobs and the desk."""

app_name = "nexwave_xero_connector"
app_title = "NexWave Xero Connector"
app_publisher = "NexWave"
app_description = "Sends invoices, bills and credit notes from ERPNext to Xero"
app_email = "support@nexwave.nz"
app_license = "MIT"

required_apps = ["frappe/erpnext"]

# Install

before_install = "nexwave_xero_connector.install.before_install"
after_install = "nexwave_xero_connector.install.after_install"
after_migrate = "nexwave_xero_connector.install.after_migrate"
before_uninstall = "nexwave_xero_connector.uninstall.before_uninstall"
after_uninstall = "nexwave_xero_connector.uninstall.after_uninstall"

# Documents

before_request = ["nexwave_xero_connector.erp.schema.refuse_until_migrated"]

doc_events = {
	"*": {
		"before_rename": "nexwave_xero_connector.overrides.mapped_record.before_rename",
		"on_trash": "nexwave_xero_connector.overrides.mapped_record.on_trash",
	},
	"Accounting Dimension": {
		"on_trash": "nexwave_xero_connector.overrides.accounting_dimension.on_trash",
	},
	("Customer", "Supplier"): {
		"after_insert": "nexwave_xero_connector.overrides.party.after_insert",
		"before_rename": "nexwave_xero_connector.overrides.party.before_rename",
		"on_trash": "nexwave_xero_connector.overrides.party.on_trash",
	},
	"Company": {
		"before_rename": "nexwave_xero_connector.overrides.company.before_rename",
		"after_rename": "nexwave_xero_connector.overrides.company.after_rename",
		"on_trash": "nexwave_xero_connector.overrides.company.on_trash",
	},
	"Connected App": {
		"validate": "nexwave_xero_connector.erp.connection.xero_app.show_our_redirect_address",
	},
	"Journal Entry": {
		"on_cancel": "nexwave_xero_connector.overrides.journal_entry.on_cancel",
		"on_submit": "nexwave_xero_connector.overrides.journal_entry.on_submit",
	},
	"Payment Entry": {
		"on_cancel": "nexwave_xero_connector.overrides.payment_entry.on_cancel",
		"on_submit": "nexwave_xero_connector.overrides.payment_entry.on_submit",
	},
	"Purchase Invoice": {
		"after_rename": "nexwave_xero_connector.overrides.purchase_invoice.after_rename",
		"before_rename": "nexwave_xero_connector.overrides.purchase_invoice.before_rename",
		"on_cancel": "nexwave_xero_connector.overrides.purchase_invoice.on_cancel",
		"on_submit": "nexwave_xero_connector.overrides.purchase_invoice.on_submit",
		"on_update_after_submit": "nexwave_xero_connector.overrides.purchase_invoice.on_update_after_submit",
	},
	"Sales Invoice": {
		"after_rename": "nexwave_xero_connector.overrides.sales_invoice.after_rename",
		"before_rename": "nexwave_xero_connector.overrides.sales_invoice.before_rename",
		"on_cancel": "nexwave_xero_connector.overrides.sales_invoice.on_cancel",
		"on_submit": "nexwave_xero_connector.overrides.sales_invoice.on_submit",
		"on_update_after_submit": "nexwave_xero_connector.overrides.sales_invoice.on_update_after_submit",
	},
	"Unreconcile Payment": {
		"on_submit": "nexwave_xero_connector.overrides.unreconcile_payment.on_submit",
	},
}

# What we keep about a document or a party is visible to a user who may see the document or the party.
permission_query_conditions = {
	"Xero Attachment": "nexwave_xero_connector.erp.document_permissions.attachment_condition",
	"Xero Contact": "nexwave_xero_connector.erp.document_permissions.contact_condition",
	"Xero Document": "nexwave_xero_connector.erp.document_permissions.xero_document_condition",
	"Xero Sync Log": "nexwave_xero_connector.erp.document_permissions.log_condition",
}
has_permission = {
	"Xero Attachment": "nexwave_xero_connector.erp.document_permissions.may_see_row",
	"Xero Contact": "nexwave_xero_connector.erp.document_permissions.may_see_contact",
	"Xero Document": "nexwave_xero_connector.erp.document_permissions.may_see_row",
	"Xero Sync Log": "nexwave_xero_connector.erp.document_permissions.may_see_row",
}

# A log row or a contact link never prevents the deletion of its document or party.
ignore_links_on_delete = ["Xero Attachment", "Xero Contact", "Xero Document", "Xero Sync Log"]

# ERPNext's "Delete Transactions" of a company deletes the log along with the invoices, but not the company's setup.
company_data_to_be_ignored = [
	"Xero Account",
	"Xero Attachment",
	"Xero Connection",
	"Xero Contact",
	"Xero Document",
	"Xero Sync Settings",
	"Xero Tax Rate",
	"Xero Tracking Option",
]

default_log_clearing_doctypes = {"Xero Sync Log": 90}

# The links in Xero: they carry a document's key and lead to it under its present name.
website_route_rules = [{"from_route": "/xero-document/<key>", "to_route": "xero_document"}]

# Scheduler

scheduler_events = {
	# At every tick: every minute on Frappe 15, every four minutes on Frappe 16.
	"all": ["nexwave_xero_connector.jobs.sweep.enqueue_due", "nexwave_xero_connector.jobs.alert.alert"],
	"cron": {
		"*/5 * * * *": [
			"nexwave_xero_connector.jobs.sweep.sweep",
			"nexwave_xero_connector.jobs.attachments.look_for_new_files",
		]
	},
	"daily_long": [
		"nexwave_xero_connector.jobs.fetch.fetch_every_organisation",
		"nexwave_xero_connector.jobs.orphan_check.check_daily",
		"nexwave_xero_connector.jobs.sweep.look_at_everything",
		"nexwave_xero_connector.jobs.attachments.look_at_all_files",
	],
	"hourly": ["nexwave_xero_connector.jobs.digest.send_digest"],
}

# Desk

app_include_css = "xero.bundle.css"
app_include_js = "xero.bundle.js"

doctype_js = {
	"Customer": "public/js/customer.js",
	"Purchase Invoice": "public/js/purchase_invoice.js",
	"Sales Invoice": "public/js/sales_invoice.js",
	"Supplier": "public/js/supplier.js",
}

doctype_list_js = {
	"Purchase Invoice": "public/js/purchase_invoice_list.js",
	"Sales Invoice": "public/js/sales_invoice_list.js",
}

override_doctype_dashboards = {
	"Purchase Invoice": "nexwave_xero_connector.desk.purchase_invoice_connections",
	"Sales Invoice": "nexwave_xero_connector.desk.sales_invoice_connections",
}

add_to_apps_screen = [
	{
		"name": app_name,
		"logo": "/assets/nexwave_xero_connector/images/logo.svg",
		"title": app_title,
		"route": "/app/xero",
		"has_permission": "nexwave_xero_connector.desk.may_open_sync_log",
	}
]

# Code conventions that Frappe checks

export_python_type_annotations = True
require_type_annotated_api_methods = True
