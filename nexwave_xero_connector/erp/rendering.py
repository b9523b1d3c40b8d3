"""Sentences as the Xero Sync Log stores them: plain text in the site's language, and the links separately."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import fmt_money, format_date, format_datetime, get_system_timezone

from nexwave_xero_connector.erp.foreign_text import as_stored, without_tags
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence, decimals_of

# A JSON Web Token, such as Xero's access tokens, or anything after the word Bearer.
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=Bearer )[^\s'\"]+")

_VIEW_PAGE = {
	XeroType.ACCREC: "/AccountsReceivable/View.aspx?InvoiceID={id}",
	XeroType.ACCPAY: "/AccountsPayable/View.aspx?InvoiceID={id}",
	XeroType.ACCRECCREDIT: "/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={id}",
	XeroType.ACCPAYCREDIT: "/AccountsPayable/ViewCreditNote.aspx?creditNoteID={id}",
}


def plain_text(sentence: Sentence) -> str:
	language = frappe.db.get_default("lang") or "en"
	return as_stored(sentence.render(lambda text: frappe._(text, language), _show))


def message(sentence: Sentence) -> dict[str, str]:
	"""The log's columns for a sentence. The form makes links of the records' names."""
	links = [
		{
			"doctype": link.doctype,
			"name": link.name,
			"label": without_tags(str(link)),
			"fieldname": link.fieldname,
		}
		for link in sentence.links
	]
	return {"message": plain_text(sentence), "message_links": json.dumps(links)}


def without_tokens(detail: str) -> str:
	return _TOKEN.sub("[token]", detail)


def xero_page(xero_type: XeroType, xero_id: str, short_code: str) -> str:
	"""The document's page in Xero; the short code opens it in the right organisation."""
	page = _VIEW_PAGE[xero_type].format(id=quote(xero_id))
	if not short_code:
		return f"https://go.xero.com{page}"
	organisation = quote(short_code, safe="!")
	return f"https://go.xero.com/organisationlogin/default.aspx?shortcode={organisation}&redirecturl={page}"


def _show(value: object) -> str:
	if isinstance(value, datetime):
		if value.tzinfo:
			value = value.astimezone(ZoneInfo(get_system_timezone())).replace(tzinfo=None)
		return format_datetime(value)
	if isinstance(value, date):
		return format_date(value)
	if isinstance(value, Decimal):
		return fmt_money(float(value or 0), precision=decimals_of(value))
	return str(value)
