"""Checks the five promises against what ERPNext says and what Xero's ledgers have, once everything is at rest.

They hold in each organisation. What is live in one to which the company does not send now is said, and is withdrawn as
soon as that one is connected again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
	from benchmarks.chaos_faults import Xero
	from nexwave_xero_connector.tests.matrix import Cell


@dataclass
class Verdict:
	broken: list[str] = field(default_factory=list)
	statuses: Counter[str] = field(default_factory=Counter)
	failures: Counter[str] = field(default_factory=Counter)
	in_xero: Counter[str] = field(default_factory=Counter)
	not_withdrawn: list[str] = field(default_factory=list)
	"""Cancelled, and live in the organisation that is connected, whatever the log says about it."""


def verdict(documents: list[dict], xero: Xero, cell: Cell, connected: str, retried: bool = False) -> Verdict:
	"""`documents`: chaos_site.state(). `connected`: the organisation that the company sends to now.

	`retried`: Retry was pressed when only others' numbers were in the way.
	"""
	found = Verdict()
	ours = defaultdict(list)
	reachable = set()
	for organisation in xero.organisations:
		for entry in xero.documents(organisation):
			if _id(entry) in xero.anothers:
				if entry != xero.anothers[_id(entry)]:
					found.broken.append(f"No overwrite: {_number(entry)} is not ours and was changed")
				continue
			ours[_token(entry)].append(entry)
			where = "here" if organisation == connected else "in the other one"
			found.in_xero[f"{entry['Type']} {entry['Status']} {where}"] += 1
			if organisation == connected:
				reachable.add(_id(entry))
	deleted = [document for document in documents if document["docstatus"] == "deleted"]
	documents = [document for document in documents if document["docstatus"] != "deleted"]
	found.broken += _ghosts(
		{token: ours[token] for token in ours.keys() - {d["token"] for d in documents}}, deleted
	)
	found.broken += [
		f"No loss: deleted {document['name']} waits forever" for document in deleted if document["open_rows"]
	]
	statuses = {document["name"]: document for document in documents}
	found.statuses.update(f"deleted {document['status']}" for document in deleted)
	for document in documents:
		found.statuses[
			f"{'submitted' if document['docstatus'] == 1 else 'cancelled'} {document['status']}"
		] += 1
		if document["status"] == "Failed":
			found.failures[f"{document['error_class']}"] += 1
			is_helped = document["docstatus"] == 1 or document["error_class"] == "Bug"
			if retried and is_helped and document["error_class"] != "Conflict":
				found.broken.append(f"No loss: Retry does not help {document['name']}: {document['message']}")
		entries = ours[document["token"]]
		here = [entry for entry in entries if _is_live(entry) and _id(entry) in reachable]
		elsewhere = [entry for entry in entries if _is_live(entry) and _id(entry) not in reachable]
		if document["docstatus"] == 2 and here:
			found.not_withdrawn.append(
				f"No ghost: {document['name']} is cancelled, {document['status']}, {document['message']}"
			)
		for broken in [
			*_broken(document, entries, here, elsewhere),
			*_allocation(document, here + elsewhere, statuses, cell),
		]:
			found.broken.append(
				f"{broken}: {document['name']}, {document['status']}, {document['message']} [{document['known']}]"
			)
	return found


def _ghosts(of_deleted: dict[str, list[dict]], deleted: list[dict]) -> list[str]:
	"""What is live of documents that ERPNext no longer has, unless a row asks a person about it."""
	told = {document["xero_id"] for document in deleted if document["status"] == "Failed"}
	return [
		f"No ghost: {_number(entry)} is deleted here and live in Xero"
		for entries in of_deleted.values()
		for entry in entries
		if _is_live(entry) and _id(entry) not in told
	]


def _broken(document: dict, entries: list[dict], here: list[dict], elsewhere: list[dict]) -> list[str]:
	"""`here`, `elsewhere`: what of it is live in the organisation that is connected, and in the other one."""
	broken = []
	status, live = document["status"], here + elsewhere
	if max(len(here), len(elsewhere)) > 1:
		broken.append(f"No duplicate: {len(here)} and {len(elsewhere)} live documents")
	if document["docstatus"] == 2 and live and status != "Failed":
		broken.append("No ghost: cancelled and live in Xero")
	if document["docstatus"] == 2 and elsewhere and "Xero organisation" not in (document["message"] or ""):
		broken.append("No ghost: cancelled and live in the other organisation, which its row does not name")
	if document["open_rows"]:
		broken.append("No loss: waits forever")
	if document["docstatus"] == 1 and not live and (status != "Failed" or not document["message"]):
		broken.append("No loss: submitted and not in Xero")
	if status == "Success" and (
		document["docstatus"] != 1 or document["xero_id"] not in [_id(entry) for entry in live]
	):
		broken.append("No lie: Success")
	for entry in live if status == "Success" else ():
		if float(entry["Total"]) != float(document["total"]):
			broken.append(f"No lie: total {entry['Total']} instead of {document['total']}")
	if status == "Voided" and (live or not entries):
		broken.append(f"No lie: Voided, and Xero has {[e['Status'] for e in entries]}")
	if status == "Skipped" and entries:
		broken.append(f"No lie: Skipped, and Xero has {[e['Status'] for e in entries]}")
	if status == "Failed" and here and document["error_class"] == "Needs a person":
		# A cancelled document that could not be voided says so, and is an orphan for a person to deal with.
		if document["docstatus"] == 1:
			broken.append("No lie: Failed, and live in Xero")
	return broken


def _allocation(document: dict, live: list[dict], documents: dict[str, dict], cell: Cell) -> list[str]:
	"""A return is allocated in Xero to the invoice that it returns, once, or its row says why not."""
	live = [entry for entry in live if _id(entry) == document["xero_id"]]
	if not live or not document["return_against"] or document["status"] != "Success":
		return []
	original = documents[document["return_against"]]
	allocations = [allocation for entry in live for allocation in entry.get("Allocations", [])]
	if allocations and document["own_balance"] and not cell.allocates_always:
		return ["No duplicate: allocated, although it keeps its own balance in ERPNext"]
	if len(allocations) > 1:
		return [f"No duplicate: allocated {len(allocations)} times"]
	if (
		not allocations
		and original["status"] == "Success"
		and "Not allocated" not in (document["message"] or "")
	):
		return ["No lie: not allocated"]
	return []


def _token(entry: dict) -> str:
	"""What says which document it is, whatever its names and numbers are: see chaos_site."""
	return entry["LineItems"][0]["Description"]


def _is_live(entry: dict) -> bool:
	return entry["Status"] not in ("VOIDED", "DELETED")


def _id(entry: dict) -> str:
	return entry.get("InvoiceID") or entry["CreditNoteID"]


def _number(entry: dict) -> str:
	return entry.get("InvoiceNumber") or entry["CreditNoteNumber"]
