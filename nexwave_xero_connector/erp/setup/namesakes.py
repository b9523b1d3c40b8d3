"""After another organisation was chosen: what it has under the code and name of what is mapped to the former one.

No record is the same in two organisations, so no mapping is carried over automatically; it is only suggested.
"""

from __future__ import annotations

from collections.abc import Iterator

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import ACCOUNT, TRACKING_OPTION
from nexwave_xero_connector.erp.translation import _

NAMED_BY = {ACCOUNT: ("code", "account_name"), TRACKING_OPTION: ("category", "option")}
TABLES = ("account_mapping", "charge_mapping", "tracking_mapping")


def namesakes(settings: Document) -> list[dict[str, object]]:
	"""Rows like those of `suggestions`, for what is mapped to a record that Xero no longer has. Nothing is saved."""
	return [*_of_fields(settings), *_of_tables(settings)]


def _of_fields(settings: Document) -> Iterator[dict[str, object]]:
	for df in settings.meta.get_link_fields():
		yield from _row(settings, df.fieldname, ("", ""), df.options, settings.get(df.fieldname))


def _of_tables(settings: Document) -> Iterator[dict[str, object]]:
	for table in TABLES:
		for row in settings.get(table):
			for df in row.meta.get_link_fields():
				yield from _row(
					settings, table, settings.mapped_record(row), df.options, row.get(df.fieldname)
				)


def _row(
	settings: Document, place: str, record: tuple[str, str], doctype: str, mapped: str | None
) -> Iterator[dict[str, object]]:
	if not mapped or doctype not in NAMED_BY:
		return
	fields = NAMED_BY[doctype]
	former = frappe.db.get_value(doctype, mapped, ["status", "title", *fields], as_dict=True)
	if not former or former.status == "ACTIVE":
		return
	same = {field: former[field] for field in fields}
	found = frappe.db.get_value(
		doctype, {"company": settings.company, "status": "ACTIVE", **same}, ["name", "title"], as_dict=True
	)
	if not found:
		return
	field = "account" if doctype == ACCOUNT else "tracking_option"
	yield {
		"place": place,
		"label": _(settings.meta.get_label(place)),
		"doctype": record[0],
		"subject": record[1],
		field: found.name,
		f"{field}_title": found.title,
		"reason": _("Has the code and name of {0}, which this organisation does not have.").format(
			former.title
		)
		if doctype == ACCOUNT
		else _("Has the name of {0}, which this organisation does not have.").format(former.title),
		"is_guess": False,
	}
