"""What a site that used the app holds: the records `check_uninstall` must not find afterwards."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_field
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.desk.form.assign_to import add as assign
from frappe.share import add as share
from frappe.utils.password import set_encrypted_password

from nexwave_xero_connector.erp.connection.installation import ensure_installation
from nexwave_xero_connector.tests.records import make_account, make_company, make_log, make_settings


def leave_traces() -> None:
	company = make_company("Uninstall Company", "UNC")
	settings = make_settings(company, default_sales_account=make_account(company, "200"))
	settings.stuck_after_minutes = 45
	settings.save()
	settings.add_comment("Comment", "Looks right")
	settings.add_tag("set-up")
	log = make_log(company)
	log.add_viewed()

	installation = ensure_installation()
	connection = frappe.get_doc(
		{"doctype": "Xero Connection", "company": company, "installation": installation}
	).insert()
	for fieldname in ("access_token", "refresh_token"):
		set_encrypted_password("Xero Connection", connection.name, "secret", fieldname)

	app = frappe.get_doc("Connected App", "Xero")
	app.update({"client_id": "xero-client", "client_secret": "secret"})
	app.save()

	user = "uninstall@example.com"
	if not frappe.db.exists("User", user):
		frappe.get_doc(
			{"doctype": "User", "email": user, "first_name": "U", "send_welcome_email": 0}
		).insert()
	share("Xero Sync Settings", settings.name, user, read=1)
	assign({"doctype": "Xero Sync Settings", "name": settings.name, "assign_to": [user]})
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": user,
			"allow": "Xero Sync Settings",
			"for_value": settings.name,
		}
	).insert()

	create_custom_field("Xero Sync Settings", {"fieldname": "note", "fieldtype": "Data", "label": "Note"})
	make_property_setter("Xero Sync Log", "message", "label", "What Xero Said", "Data")
	frappe.permissions.setup_custom_perms("Xero Sync Log")
	if frappe.db.table_exists("Workspace Sidebar"):
		arrange_desk_of(user)


def arrange_desk_of(user: str) -> None:
	"""On Frappe 16: the user's own copy of our sidebar, a link of ours in another one, and a further tile."""
	copy = frappe.copy_doc(frappe.get_doc("Workspace Sidebar", "Xero"))
	copy.update({"title": f"Xero-{user}", "for_user": user, "standard": 0})
	copy.insert()
	other = frappe.get_doc("Workspace Sidebar", "Invoicing")
	link = {"type": "Link", "label": "Xero Log", "link_type": "DocType", "link_to": "Xero Sync Log"}
	other.append("items", link)
	other.save()
	tile = {"label": "My Xero", "icon_type": "Link", "link_type": "Workspace Sidebar", "link_to": "Xero"}
	frappe.get_doc({"doctype": "Desktop Icon", **tile}).insert()
