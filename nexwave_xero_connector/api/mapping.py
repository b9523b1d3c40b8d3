"""Help with the mapping: suggestions, a check on past invoices, and a copy of another company's settings."""

from datetime import date

import frappe
from frappe.utils import fmt_money, getdate

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.setup.copy_settings import copy_settings
from nexwave_xero_connector.erp.setup.last_check import keep_check
from nexwave_xero_connector.erp.setup.mapping_check import EXAMPLES, Check, check_mapping, count_unsent
from nexwave_xero_connector.erp.setup.mapping_suggestions import suggestions
from nexwave_xero_connector.sentence import Sentence

MAX_CHECKED = 500
PROGRESS = "xero_check_progress"


@frappe.whitelist(methods=["POST"])
def suggest(company: str) -> list[dict[str, object]]:
	"""Suggested mappings, each with its reason, for the user to accept or change. Nothing is saved."""
	_require_write(company)
	return suggestions(company)


@frappe.whitelist(methods=["POST"])
def check(company: str, limit: int = 100) -> dict[str, object]:
	"""Try the mapping on the last submitted invoices. Nothing is sent. The form shows the progress."""
	settings = _require_write(company)

	def show_progress(done: int, of_all: int) -> None:
		frappe.publish_realtime(PROGRESS, {"done": done, "of_all": of_all}, user=frappe.session.user)

	outcome = check_mapping(company, min(max(limit, 1), MAX_CHECKED), show_progress)
	result = _shown(outcome, company)
	keep_check(settings, {key: result[key] for key in ("checked", "would_go", "not_pushed", "is_clean")})
	return result


@frappe.whitelist(methods=["POST"])
def before_enabling(company: str, start_date: date) -> dict[str, object]:
	"""What saving the settings as enabled, with this start date, would send of what is submitted already.

	`count` is 0 if the company is enabled with this start date or an earlier one: then nothing more is sent. The check
	is one of these documents, the last 500 of them. Nothing is sent or saved.
	"""
	settings = _require_write(company)
	since = getdate(start_date)
	is_known = settings.enabled and settings.start_date and getdate(settings.start_date) <= since
	count = 0 if is_known else count_unsent(company, since)
	if not count:
		return {"count": 0}
	outcome = check_mapping(company, MAX_CHECKED, lambda done, of_all: None, since)
	return {**_shown(outcome, company), "count": count}


@frappe.whitelist(methods=["POST"])
def copy_from(company: str, source: str) -> dict[str, object]:
	"""Another company's settings, without records that have no counterpart in this company. Nothing is saved."""
	_require_write(company)
	frappe.get_doc(SETTINGS, source).check_permission("read")
	copied = copy_settings(source, company)
	return {"values": copied.values, "tables": copied.tables, "left_out": copied.left_out}


def _shown(check: Check, company: str) -> dict[str, object]:
	currency = frappe.get_cached_value("Company", company, "default_currency")
	return {
		"checked": check.checked,
		"would_go": check.would_go,
		"not_pushed": check.not_pushed,
		"is_clean": check.is_clean,
		"causes": [
			{
				**_with_links(cause.sentence),
				"count": len(cause.documents),
				"examples": [
					{"doctype": ref.doctype, "name": ref.name} for ref in cause.documents[:EXAMPLES]
				],
			}
			for cause in check.causes
		],
		"notes": [_with_links(sentence) for sentence in check.notes],
		"to_default": [
			{
				"account": one.account,
				"xero_account": one.xero_account,
				"lines": one.lines,
				"documents": len(one.documents),
				"amount": fmt_money(float(one.amount or 0), precision=2, currency=currency),
			}
			for one in check.to_default
		],
	}


def _with_links(sentence: Sentence) -> dict[str, object]:
	"""The links lead to where to fix it."""
	links = [
		{"doctype": link.doctype, "name": link.name, "label": str(link), "fieldname": link.fieldname}
		for link in sentence.links
	]
	return {"message": plain_text(sentence), "links": links}


def _require_write(company: str) -> object:
	settings = frappe.get_doc(SETTINGS, company)
	settings.check_permission("write")
	return settings
