"""Whether the site's tables have the columns that this code uses: not between an update and `bench migrate`."""

from __future__ import annotations

import functools
from collections.abc import Callable

import frappe
from frappe.model import no_value_fields, table_fields
from frappe.query_builder import CustomFunction

from nexwave_xero_connector.erp.doctypes import (
	ATTACHMENT,
	CONNECTION,
	CONTACT,
	LEFT_OUT_PARTY,
	LOG,
	SETTINGS,
	XERO_DOCUMENT,
)
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence, _

OUR_METHODS = "/nexwave_xero_connector.api."
ASKED_BY_ERPNEXT = (".invoice.state", ".invoice.states", ".leave_out.party_state")
"""What ERPNext's own forms and lists ask when they are opened: these know nothing until the site is migrated."""
OURS = (LOG, CONNECTION, CONTACT, SETTINGS, XERO_DOCUMENT, ATTACHMENT, LEFT_OUT_PARTY)

_current: set[str] = set()
"""Sites whose tables were found complete. They stay so: this process goes on with the code that it has loaded."""


def waits_for_migration(job: Callable[..., None]) -> Callable[..., None]:
	"""Decorator of a job: while the site's tables are older than the code, it does nothing, and nothing is lost."""

	@functools.wraps(job)
	def once_migrated(*arguments: object, **parameters: object) -> None:
		if unfinished := unfinished_update():
			frappe.logger("xero").warning(str(unfinished))
			return
		job(*arguments, **parameters)

	return once_migrated


def refuse_until_migrated() -> None:
	"""Before each request: until then our buttons say what is to be done, and ERPNext's forms go on without us."""
	path = frappe.request.path
	if OUR_METHODS not in path or path.endswith(ASKED_BY_ERPNEXT) or frappe.session.user == "Guest":
		return
	if unfinished := unfinished_update():
		frappe.throw(plain_text(unfinished), title=_("Update not finished"))


def unfinished_update() -> Sentence | None:
	"""What is to be done before anything can be sent, for a person; None if the tables are those of this code."""
	if frappe.local.site in _current:
		return None
	there = _columns()
	missing = [(doctype, columns[0]) for doctype in OURS if (columns := _missing(doctype, there))]
	if not missing:
		_current.add(frappe.local.site)
		return None
	return Sentence(
		_(
			"The Xero connector was updated, and this site has not been migrated yet: {doctype} has no {column}. Run"
			" bench --site {site} migrate. Nothing is lost; waiting documents will be sent then."
		),
		doctype=missing[0][0],
		column=missing[0][1],
		site=frappe.local.site,
	)


def _columns() -> set[tuple[str, str]]:
	"""The columns of our tables, each with its table, in one query: every job asks this.

	In lower case, as a server with lower_case_table_names has the tables.
	"""
	columns = frappe.qb.Schema("information_schema").columns
	rows = (
		frappe.qb.from_(columns)
		.select(columns.table_name, columns.column_name)
		.where(columns.table_schema == CustomFunction("DATABASE")())
		.where(columns.table_name.isin([f"tab{doctype}" for doctype in OURS]))
		.run()
	)
	return {(table.lower(), column) for table, column in rows}


def _missing(doctype: str, there: set[tuple[str, str]]) -> list[str]:
	scrubbed = frappe.scrub(doctype)
	path = frappe.get_app_path(
		"nexwave_xero_connector", "xero_connector", "doctype", scrubbed, f"{scrubbed}.json"
	)
	fields = frappe.get_file_json(path)["fields"]
	without_column = {*no_value_fields, *table_fields}
	wanted = [field["fieldname"] for field in fields if field["fieldtype"] not in without_column]
	return [column for column in wanted if (f"tab{doctype}".lower(), column) not in there]
