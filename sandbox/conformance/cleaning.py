"""Voids, deletes and archives everything with the mark, from this run and from earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .budget import BudgetSpent
from .calls import Exchange, NoAnswer, Xero, is_saved
from .consent import NoConsent
from .lab import ID_FIELDS, MARK

AT_ONCE = 50
CALLS = 30
"""Look-ups, one call for fifty documents of each kind, one for each allocation."""
LAG_SECONDS = 3
LIVE = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID")
SEARCHES: dict[str, dict[str, object]] = {
	"CreditNotes": {"where": f'CreditNoteNumber!=null AND CreditNoteNumber.StartsWith("{MARK}")'},
	"Invoices": {"searchTerm": MARK, "includeArchived": True},
	"Contacts": {"where": f'Name!=null AND Name.StartsWith("{MARK}")'},
}
MARKED = {
	"CreditNotes": ("CreditNoteNumber",),
	"Invoices": ("InvoiceNumber", "Reference"),
	"Contacts": ("Name",),
}


@dataclass
class Cleaned:
	"""How many were ended, and what is still there, in words that a person can search for."""

	ended: int = 0
	left_behind: list[str] = field(default_factory=list)


def clean(
	xero: Xero,
	made: Mapping[str, Iterable[str]] | None = None,
	wait: Callable[[float], None] = time.sleep,
) -> Cleaned:
	"""Searches for the mark and ends what it finds. If a list lags, waits for what this run has `made`."""
	xero.cleaning = True
	done = Cleaned()
	made = made or {}
	try:
		credit_notes = _found(xero, "CreditNotes", made.get("CreditNotes", ()), wait, done)
		for credit_note in credit_notes:
			for allocation in credit_note.get("Allocations") or []:
				path = f"/CreditNotes/{credit_note['CreditNoteID']}/Allocations/{allocation['AllocationID']}"
				xero.call("DELETE", path)
		_end(xero, "CreditNotes", credit_notes, done)
		_end(xero, "Invoices", _found(xero, "Invoices", made.get("Invoices", ()), wait, done), done)
		_archive(xero, _found(xero, "Contacts", (), wait, done), done)
	except (NoAnswer, NoConsent, BudgetSpent) as failure:
		done.left_behind.append(f"{failure}: run it again with --clean")
	finally:
		xero.cleaning = False
	return done


def _found(
	xero: Xero, collection: str, made: Iterable[str], wait: Callable[[float], None], done: Cleaned
) -> list[dict[str, Any]]:
	"""The newest thousand documents with the mark, in any status."""
	query = {**SEARCHES[collection], "order": "UpdatedDateUTC DESC", "page": 1, "pageSize": 1000}
	id_field = ID_FIELDS[collection]

	def listed() -> list[dict[str, Any]]:
		exchange = xero.call("GET", f"/{collection}", query=query)
		if exchange.status != 200:
			done.left_behind.append(f"{collection} could not be searched for {MARK}: {exchange.words}")
		return [
			element
			for element in exchange.elements(collection)
			if any(str(element.get(name, "")).startswith(MARK) for name in MARKED[collection])
		]

	found = listed()
	missing = set(made) - {element[id_field] for element in found}
	if missing:
		wait(LAG_SECONDS)
		found = listed()
		missing -= {element[id_field] for element in found}
	done.left_behind += [f"{collection} {id_}: made here, but in no list" for id_ in sorted(missing)]
	return found


def _end(xero: Xero, collection: str, found: list[dict[str, Any]], done: Cleaned) -> None:
	"""Voids approved documents and deletes the others."""
	id_field = ID_FIELDS[collection]
	live = [element for element in found if element["Status"] in LIVE]
	for start in range(0, len(live), AT_ONCE):
		part = live[start : start + AT_ONCE]
		bodies = [
			{
				id_field: element[id_field],
				"Status": "DELETED" if element["Status"] in ("DRAFT", "SUBMITTED") else "VOIDED",
			}
			for element in part
		]
		exchange = _post(xero, collection, bodies)
		said = {element.get(id_field): element for element in exchange.elements(collection)}
		for element in part:
			answer = said.get(element[id_field], {})
			if exchange.status == 200 and is_saved(answer, id_field):
				done.ended += 1
				continue
			errors = answer.get("ValidationErrors") or []
			words = "; ".join(error["Message"] for error in errors) or exchange.words
			done.left_behind.append(f"{element[MARKED[collection][0]]} ({element['Status']}): {words}")


def _archive(xero: Xero, contacts: list[dict[str, Any]], done: Cleaned) -> None:
	for start in range(0, len(contacts), AT_ONCE):
		part = contacts[start : start + AT_ONCE]
		bodies = [{"ContactID": contact["ContactID"], "ContactStatus": "ARCHIVED"} for contact in part]
		exchange = _post(xero, "Contacts", bodies)
		archived = [element for element in exchange.elements("Contacts") if is_saved(element, "ContactID")]
		done.ended += len(archived)
		if len(archived) < len(part):
			done.left_behind.append(f"{len(part) - len(archived)} contacts {MARK} ...: {exchange.words}")


def _post(xero: Xero, collection: str, bodies: list[dict[str, Any]]) -> Exchange:
	return xero.call(
		"POST", f"/{collection}", query={"summarizeErrors": False, "unitdp": 4}, body={collection: bodies}
	)
