"""The page behind the links in Xero: it leads to the document in ERPNext under its present name."""

import frappe
from frappe.utils import get_url_to_form, get_url_to_list, quoted

from nexwave_xero_connector.erp.doctypes import LOG, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.log import present_key
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.identity import LINK_FOLDER

no_cache = 1


def get_context(context: frappe._dict) -> None:
	"""Redirect to the document; to its attempts in the log if it was deleted. Guests are asked to log in first."""
	key = frappe.form_dict.key or ""
	if frappe.session.user == "Guest":
		_redirect(f"/login?redirect-to=/{LINK_FOLDER}/{quoted(key)}")
	known = frappe.db.get_value(
		XERO_DOCUMENT, {"document_key": key}, ["reference_doctype", "reference_name"], as_dict=True
	)
	if not (known and known.reference_name):
		frappe.throw(
			_(
				"This site does not know the document behind this link. It may have been lost with a restore from a"
				" backup."
			),
			frappe.PageDoesNotExistError,
		)
	document = DocumentRef(known.reference_doctype, known.reference_name)
	# The name of a deleted document may have been given to another one.
	if present_key(document) == key:
		_redirect(get_url_to_form(document.doctype, document.name))
	_redirect(f"{get_url_to_list(LOG)}?reference_name={quoted(known.reference_name)}")


def _redirect(url: str) -> None:
	frappe.local.flags.redirect_location = url
	raise frappe.Redirect
