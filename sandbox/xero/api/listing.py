"""Lists: filters, order and paging, over columns of the SQLite file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.folding import fold, fold_name
from ..ledger.model import Kind
from ..problems import bad_request, high_volume, query_parse
from ..where import Condition, Field, is_optimised, order_clause, where_condition

if TYPE_CHECKING:
	from ..world import World

UNPAGED_CAP = 100
LARGEST_PAGE = 1000
LAG_MILLISECONDS = 2000

_DOCUMENT_FIELDS = {
	"status": Field("d.status", "exact"),
	"type": Field("d.type", "exact"),
	"reference": Field("d.reference_key", nullable=True),
	"contact.contactid": Field("d.contact_id", "guid"),
	"contact.name": Field("c.name_key", "name"),
	"contact.contactnumber": Field("c.number_key", nullable=True),
	"date": Field("d.date", "date"),
	"duedate": Field("d.due_date", "date", nullable=True),
	"amountdue": Field("d.amount_due", "money"),
	"amountpaid": Field("d.amount_paid", "money"),
	"amountcredited": Field("d.amount_credited", "money"),
	"subtotal": Field("d.sub_total", "money"),
	"totaltax": Field("d.total_tax", "money"),
	"total": Field("d.total", "money"),
	"currencycode": Field("d.currency", "exact"),
	"url": Field("d.url", "exact", nullable=True),
	"updateddateutc": Field("d.updated", "instant"),
}
INVOICE_FIELDS = {
	**_DOCUMENT_FIELDS,
	"invoiceid": Field("d.id", "guid"),
	"invoicenumber": Field("d.number_key", nullable=True),
}
CREDIT_NOTE_FIELDS = {
	**_DOCUMENT_FIELDS,
	"creditnoteid": Field("d.id", "guid"),
	"creditnotenumber": Field("d.number_key", nullable=True),
	"remainingcredit": Field("d.amount_due", "money"),
}
CONTACT_FIELDS = {
	"contactid": Field("c.id", "guid"),
	"name": Field("c.name_key", "name"),
	"contactnumber": Field("c.number_key", nullable=True),
	"accountnumber": Field("c.account_number", "exact", nullable=True),
	"emailaddress": Field("c.email_key", nullable=True),
	"contactstatus": Field("c.status", "exact"),
	"iscustomer": Field("c.is_customer", "boolean"),
	"issupplier": Field("c.is_supplier", "boolean"),
	"updateddateutc": Field("c.updated", "instant"),
}


# Documented by Xero, for Invoices and CreditNotes.
_OPTIMISED = frozenset(
	{
		"status",
		"contact.contactid",
		"contact.name",
		"contact.contactnumber",
		"reference",
		"date",
		"type",
	}
)
OPTIMISED_INVOICE_FIELDS = _OPTIMISED | {"invoicenumber", "invoiceid", "amountdue", "amountpaid", "duedate"}
OPTIMISED_CREDIT_NOTE_FIELDS = _OPTIMISED


@dataclass
class Query:
	"""A SELECT statement under construction."""

	table: str
	columns: str
	conditions: list[Condition] = field(default_factory=list)

	def add(self, sql: str, *parameters: Any) -> None:
		self.conditions.append(Condition(sql, parameters))

	def add_list(self, column: str, text: str | None, convert: Callable[[str], str]) -> None:
		"""A comma-separated parameter.

		There is no way to write a comma inside a value (reported by users).
		"""
		if text:
			values = [convert(part.strip()) for part in text.split(",") if part.strip()]
			self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

	def sql(self, columns: str | None = None) -> tuple[str, list[Any]]:
		where = " AND ".join(f"({condition.sql})" for condition in self.conditions)
		parameters = [value for condition in self.conditions for value in condition.parameters]
		return f"SELECT {columns or self.columns} FROM {self.table} WHERE {where}", parameters


@dataclass(frozen=True)
class Page:
	number: int
	size: int

	def pagination(self, items: int) -> dict[str, int]:
		return {
			"page": self.number,
			"pageSize": self.size,
			"pageCount": math.ceil(items / self.size),
			"itemCount": items,
		}


def page_of(call: Call) -> Page | None:
	"""The requested page; None for an unpaged list.

	Statuses and summaryOnly force paging (documented by Xero).
	"""
	forced = call.flag("summaryonly") or "statuses" in call.query
	if not forced and "page" not in call.query and "pagesize" not in call.query:
		return None
	number, size = _positive(call, "page", 1), _positive(call, "pagesize", 100)
	if size > LARGEST_PAGE:
		raise bad_request(10, "ValidationException", f"pageSize must be between 1 and {LARGEST_PAGE}")
	return Page(number, size)


def _positive(call: Call, name: str, default: int) -> int:
	text = call.query.get(name, "") or str(default)
	if not text.isdecimal() or int(text) < 1:
		raise bad_request(10, "ValidationException", f"{name} must be a positive whole number")
	return int(text)


def apply_where(query: Query, call: Call, fields: dict[str, Field]) -> None:
	if expression := call.query.get("where", "").strip():
		query.conditions.append(where_condition(expression, fields))


def refuse_slow_where(world: World, call: Call, kind: Kind, optimised: frozenset[str]) -> None:
	"""HighVolumeException for a filter that is not optimised, in an organisation with many documents.

	Also refuses what summaryOnly does not accept; which fields those are is not documented.
	"""
	expression = call.query.get("where", "").strip()
	if not expression:
		return
	wholly = world.switches.get("high_volume_partly_optimised") == "refused"
	by_or = kind.id_field.lower()
	most = world.limits.limit(call.tenant or "", "records")
	if most is not None and not is_optimised(expression, optimised, by_or, wholly=wholly):
		held = world.storage.scalar(
			"SELECT count(*) FROM documents WHERE tenant = ? AND kind = ?", call.tenant, kind.name
		)
		if held > most:
			raise high_volume(kind.wrapper)
	narrow = call.flag("summaryonly") and world.switches.get("summary_where") == "optimised"
	if narrow and not is_optimised(expression, optimised, by_or, wholly=True):
		raise query_parse("The where clause is not supported with summaryOnly.")


def hide_what_is_new(query: Query, world: World) -> None:
	"""Lists that lag behind, if the switch says so."""
	if world.switches.get("new_in_lists") == "late":
		query.add("d.updated <= ?", world.clock.milliseconds() - LAG_MILLISECONDS)


def order_of(call: Call, fields: dict[str, Field], alias: str) -> str:
	"""Documented default: UpdatedDateUTC, then id."""
	last = f"{alias}.updated, {alias}.id"
	expression = call.query.get("order", "").strip()
	return order_clause(expression, fields, last) if expression else last


def apply_modified_since(query: Query, call: Call, column: str) -> None:
	"""If-Modified-Since, to the second, as an HTTP date or as the SDK's ISO form without zone."""
	text = call.headers.get("if-modified-since")
	if not text:
		return
	try:
		moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
	except ValueError:
		try:
			moment = parsedate_to_datetime(text)
		except (TypeError, ValueError):
			return
	if moment.tzinfo is None:
		moment = moment.replace(tzinfo=timezone.utc)
	query.add(f"{column} >= ?", int(moment.timestamp()) * 1000)


def apply_search(query: Query, call: Call, columns: tuple[str, ...], *, names: bool = False) -> None:
	"""searchTerm: contained anywhere, ignoring case."""
	term = call.query.get("searchterm", "").strip()
	if term:
		folded = fold_name(term) if names else fold(term)
		pattern = "%" + folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
		sql = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in columns)
		query.add(sql, *[pattern] * len(columns))
