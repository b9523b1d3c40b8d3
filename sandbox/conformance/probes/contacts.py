"""Names with accents, and contacts that are archived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calls import Exchange, is_saved
from ..lab import MARK, Lab, judge, judge_refusal
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject, fixture
from .documents import contact

SUBJECT = Subject("Contacts")


def _create(lab: Lab, body: dict[str, str]) -> Exchange:
	return lab.write("PUT", "/Contacts", {"Contacts": [body]}, {"summarizeErrors": False})


def _was_saved(exchange: Exchange) -> bool:
	return exchange.status == 200 and any(
		is_saved(element, "ContactID") for element in exchange.elements("Contacts")
	)


@fixture(1)
def accented(lab: Lab) -> Mapping[str, Any]:
	exchange = _create(lab, {"Name": f"{MARK} {lab.run} Café Māori Ångström"})
	if not _was_saved(exchange):
		raise CannotAsk(f"a name with accents was refused: {exchange.words}")
	return exchange.elements("Contacts")[0]


@SUBJECT.probe(
	"accents-kept",
	"Are accents and macrons in a contact's name kept as sent?",
	outcomes={"kept": "yes", "changed": "no"},
	believed="kept",
	source=NO_SOURCE,
	calls=0,
	needs=(accented,),
)
def accents_kept(lab: Lab) -> Seen:
	name = lab.get(accented)["Name"]
	return Seen("kept" if name == f"{MARK} {lab.run} Café Māori Ångström" else "changed", name)


@SUBJECT.probe(
	"contact_name_accents",
	"Are two contact names that differ only in accents the same?",
	outcomes={"ignored": "the same: refused as assigned to another contact", "compared": "two contacts"},
	source="Xero's documentation, for filters; nobody says so for uniqueness",
	calls=1,
	needs=(accented,),
)
def contact_name_accents(lab: Lab) -> Seen:
	exchange = _create(lab, {"Name": f"{MARK} {lab.run} Cafe Maori Angstrom"})
	if _was_saved(exchange):
		return Seen("compared", "saved")
	return judge_refusal(exchange, {"ignored": "already assigned to another contact"})


@fixture(2)
def archived_with_invoice(lab: Lab) -> Mapping[str, Any]:
	"""A draft whose contact was archived afterwards."""
	who = contact(lab, "archived customer")
	invoice = lab.create(lab.invoice("of-archived", Status="DRAFT", Contact=who))
	body = {"Contacts": [{**who, "ContactStatus": "ARCHIVED"}]}
	exchange = lab.write("POST", "/Contacts", body, {"summarizeErrors": False})
	if not _was_saved(exchange):
		raise CannotAsk(f"a contact could not be archived: {exchange.words}")
	return invoice


@SUBJECT.probe(
	"lists_hide_archived_contacts",
	"Does a list of invoices leave out those of archived contacts, without includeArchived=true?",
	outcomes={"yes": "left out", "no": "listed"},
	source="Xero's documentation of includeArchived, which can be read both ways",
	calls=1,
	needs=(archived_with_invoice,),
)
def lists_hide_archived_contacts(lab: Lab) -> Seen:
	number = lab.get(archived_with_invoice)["InvoiceNumber"]
	found = lab.find(number, includeArchived=None)
	return Seen("no" if found else "yes", f"{len(found)} found")


@SUBJECT.probe(
	"include-archived",
	"Does includeArchived=true list the invoices of archived contacts?",
	outcomes={"listed": "yes", "left_out": "no"},
	believed="listed",
	source="Xero's documentation of includeArchived, which can be read both ways",
	calls=1,
	needs=(archived_with_invoice,),
)
def include_archived(lab: Lab) -> Seen:
	found = lab.find(lab.get(archived_with_invoice)["InvoiceNumber"])
	return Seen("listed" if found else "left_out", f"{len(found)} found")


@SUBJECT.probe(
	"contacts-by-number-or-name",
	"Can contacts be found by number or name in one filter, including archived ones?",
	outcomes={"found": "yes", "not_found": "no"},
	believed="found",
	source="Xero's documentation, for each one separately; nobody says so for OR",
	calls=1,
	needs=(archived_with_invoice,),
)
def contacts_by_number_or_name(lab: Lab) -> Seen:
	number, name = lab.number("customer"), f"{MARK} {lab.run} archived customer"
	where = f'ContactNumber=="{number}" OR Name=="{name}"'
	exchange = lab.xero.call("GET", "/Contacts", query={"where": where, "includeArchived": True, "page": 1})
	wanted = {contact(lab, which)["ContactID"] for which in ("customer", "archived customer")}
	found = {element.get("ContactID") for element in exchange.elements("Contacts")}
	words = f"{len(found)} of 2 found" if exchange.status == 200 else exchange.words
	return Seen("found" if found == wanted else "not_found", words)


@SUBJECT.probe(
	"archived-contact-words",
	"What does Xero say when an invoice is for an archived contact?",
	outcomes={
		"archived": "The contact with the specified contact details has been archived.",
		"other_words": "in other words",
		"accepted": "it is accepted",
	},
	believed="archived",
	source="measured by others",
	calls=1,
	needs=(archived_with_invoice,),
)
def archived_contact_words(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("for-archived", Contact=contact(lab, "archived customer")))
	refused = {"archived": "contact details has been archived", "other_words": ""}
	return judge(tried, saved="accepted", refused=refused)


@SUBJECT.probe(
	"archived-contact-number",
	"Is the ContactNumber of an archived contact still taken?",
	outcomes={"refused": "yes: refused", "accepted": "no: accepted"},
	believed="refused",
	source="reported by WorkGuru",
	calls=1,
	needs=(archived_with_invoice,),
)
def archived_contact_number(lab: Lab) -> Seen:
	number = lab.number("archived-customer")
	exchange = _create(lab, {"Name": f"{MARK} {lab.run} successor", "ContactNumber": number})
	if _was_saved(exchange):
		return Seen("accepted", "saved")
	return judge_refusal(exchange, {"refused": "contact number"})
