"""What would be sent to Xero for an invoice as it is saved now, even a draft, so that Submit holds no surprises."""

from decimal import Decimal

import frappe
from frappe.utils import fmt_money

from nexwave_xero_connector.api.permissions import require_permission
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.totals import line_tax
from nexwave_xero_connector.sentence import decimals_of

CENT = Decimal("0.01")


@frappe.whitelist(methods=["POST"])
def preview(doctype: str, name: str) -> dict[str, object]:
	"""Header, lines and totals in the document's currency; or the problems, each with how to fix it.

	Nothing is sent, and Xero is not called. Amounts are text, with cents.
	"""
	if doctype not in DOCTYPES:
		frappe.throw(_("{0} is not sent to Xero.").format(_(doctype)))
	ref = DocumentRef(doctype, name)
	require_permission(ref, "read")
	company = frappe.db.get_value(doctype, name, "company")
	if not company:
		frappe.throw(_("{0} {1} no longer exists.").format(_(doctype), name), frappe.DoesNotExistError)
	if not frappe.db.exists(SETTINGS, company):
		frappe.throw(_("{0} has no Xero Sync Settings.").format(company))
	documents = FrappeDocuments()
	document = documents.read([ref])[ref]
	mapping_settings = documents.mapping_settings(company)
	not_pushed = eligibility(frappe.get_doc(doctype, name), frappe.get_cached_doc(SETTINGS, company))
	result: dict[str, object] = {
		"party": document.party.title,
		"problems": [],
		"not_pushed": message(not_pushed) if not_pushed else None,
	}
	try:
		return result | _shown(map_document(document, mapping_settings), mapping_settings)
	except CannotMap as error:
		return result | {"problems": [message(sentence) for sentence in error.sentences]}


def _shown(payload: XeroPayload, mapping_settings: MappingSettings) -> dict[str, object]:
	body = payload.body
	return {
		"type": payload.xero_type.value,
		"number": payload.number,
		"date": payload.date,
		"due_date": body.get("DueDate"),
		"reference": body.get("Reference"),
		"status": body["Status"],
		"currency": payload.currency,
		"rate": str(body["CurrencyRate"]) if "CurrencyRate" in body else None,
		"lines": [_line(line, mapping_settings) for line in body["LineItems"]],
		"sub_total": _money(payload.sub_total),
		"taxes": [
			{"tax": _tax_name(tax_type, mapping_settings), "amount": _money(amount)}
			for tax_type, amount in payload.tax_by_type.items()
		],
		"total": _money(payload.total),
	}


def _line(line: dict[str, object], mapping_settings: MappingSettings) -> dict[str, object]:
	amount = (line["Quantity"] * line["UnitAmount"]).quantize(CENT)
	rate = mapping_settings.tax_rates[line["TaxType"]]
	account = mapping_settings.accounts[line.get("AccountID") or line["AccountCode"]]
	options = {option.option_id: option for option in mapping_settings.tracking.values()}
	tracking = [options[part["TrackingOptionID"]] for part in line.get("Tracking", [])]
	return {
		"description": line["Description"],
		"quantity": format(line["Quantity"].normalize(), ",f"),
		"unit_amount": _price(line["UnitAmount"]),
		"account": f"{account.code} {account.name}",
		"tax": _tax_name(rate.tax_type, mapping_settings),
		"tax_amount": _money(line.get("TaxAmount", line_tax(amount, rate))),
		"amount": _money(amount),
		"tracking": ", ".join(f"{option.category}: {option.option}" for option in tracking),
	}


def _tax_name(tax_type: str, mapping_settings: MappingSettings) -> str:
	rate = mapping_settings.tax_rates[tax_type]
	return f"{rate.name} ({tax_type})" if rate.name else tax_type


def _price(price: Decimal) -> str:
	"""Two decimals, or more if the price has them, as the site writes numbers."""
	return fmt_money(float(price or 0), precision=decimals_of(price))


def _money(amount: Decimal) -> str:
	return fmt_money(float(amount or 0), precision=2)
