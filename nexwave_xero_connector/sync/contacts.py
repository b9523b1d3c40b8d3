"""The Xero contact of a Customer or Supplier: already linked, found by contact number or name, or created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nexwave_xero_connector.mapping.contact import (
	alternative_number,
	contact_body,
	contact_number,
	folded,
	may_be_the_same,
)
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.attempt import Attempt, idempotency_key, needs_person
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.errors import Rejected, XeroError
from nexwave_xero_connector.sync.isolation import in_parts
from nexwave_xero_connector.sync.ports import Xero
from nexwave_xero_connector.sync.records import ValidationErrors, XeroContact

MAX_MERGES = 10
"""How many merges of a contact are followed: more than anybody makes, so that a circle ends."""


def know_contacts(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Fill in the contacts that are already linked, without a call to Xero."""
	parties = {attempt.document.party for attempt in attempts if attempt.document}
	known = batch.documents.contact_ids(
		batch.company, sorted(parties, key=lambda party: (party.doctype, party.name))
	)
	for attempt in attempts:
		if attempt.document:
			attempt.contact_id = known.get(attempt.document.party, "")


def ensure_contacts(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Find or create the contacts that are not linked yet. Returns the attempts that have one.

	Contacts are never overwritten, and never sent with a document: Xero would update them from it.
	"""
	by_party: dict[Party, list[Attempt]] = {}
	parties: dict[tuple[str, str], Party] = {}
	for attempt in attempts:
		if not attempt.contact_id and attempt.document:
			# Invoices of one party can carry different addresses; the first one is used.
			party = attempt.document.party
			by_party.setdefault(parties.setdefault((party.doctype, party.name), party), []).append(attempt)
	if not by_party:
		return list(attempts)

	def find_or_create(some: list[Party]) -> dict[Party, Sentence]:
		# After a lost response, this finds the contact by its number if Xero has saved it.
		return _find_or_create(batch, {party: by_party[party] for party in some})

	for _parties, refused in in_parts(batch, list(by_party), find_or_create, lambda party: by_party[party]):
		for party, sentence in refused.items():
			batch.end((attempt, needs_person(attempt, sentence)) for attempt in by_party[party])
	still_open = set(batch.open)
	return [attempt for attempt in attempts if attempt.contact_id and attempt in still_open]


def follow_merge(batch: Batch, attempt: Attempt) -> Sentence | None:
	"""If Xero has merged the party's contact or no longer has it, link the party again and say so; otherwise None.

	Xero describes a merged contact as archived, and accepts no document for it. An organisation that was reset has none
	of its former contacts.
	"""
	assert attempt.document is not None
	party = attempt.document.party
	try:
		linked = next(iter(batch.xero.read_contacts([attempt.contact_id])), None)
		into = end_of_merges(batch.xero, linked) if linked else None
	except XeroError:
		return None  # Xero's rejection stands; the next attempt looks again
	if linked is None:
		batch.documents.unlink_contact(batch.company, party)
		attempt.contact_id = ""
		return Sentence(
			_(
				"The contact for {party} no longer exists in Xero. It will be found by its number or name, or created."
			),
			party=_party_link(party),
		)
	if into is None or into.id == linked.id or into.is_archived:
		return None
	_link(batch, [attempt], party, into)
	return Sentence(
		_(
			"The contact for {party} was merged into {contact} in Xero. Documents go to that contact from now on."
		),
		party=_party_link(party),
		contact=into.name,
	)


def recognise_merged(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Link parties whose contact was merged in Xero, which has moved its documents: they are still the party's.

	Only documents under another contact than the linked one are a reason to ask. Raises what a read of Xero raises.
	"""
	moved = [
		attempt
		for attempt in attempts
		if attempt.contact_id
		and attempt.document
		and any(document.contact_id not in ("", attempt.contact_id) for document in attempt.candidates)
	]
	if not moved:
		return
	linked = {
		contact.id: contact
		for contact in batch.xero.read_contacts(sorted({attempt.contact_id for attempt in moved}))
	}
	for attempt in moved:
		contact = linked.get(attempt.contact_id)
		if contact and contact.merged_into:
			assert attempt.document is not None
			_link(batch, [attempt], attempt.document.party, end_of_merges(batch.xero, contact))


def _find_or_create(batch: Batch, by_party: dict[Party, list[Attempt]]) -> dict[Party, Sentence]:
	"""Find or create the contact of each party, and link it. Returns the parties without one, each with the reason."""
	bodies = {party: contact_body(party) for party in by_party}
	refused = _link_found(batch, by_party, bodies)
	rejected = _create_missing(batch, by_party, _missing(by_party, bodies, refused), refused)
	if rejected:
		# Its number or name may have been taken since then: by another worker, or in this very call by a supplier with
		# the same id or a customer with the same name.
		rejected = _once_more(
			batch, by_party, {party: bodies[party] for party in rejected}, refused, rejected
		)
	if len(by_party) > 1:
		# Asked for one name alone, Xero's answer has what it takes for the same name, however it compares.
		for party in [party for party in rejected if party not in refused]:
			rejected |= _once_more(batch, by_party, {party: bodies[party]}, refused, rejected)
	for party, errors in rejected.items():
		if party not in refused and not by_party[party][0].contact_id:
			refused[party] = Sentence(
				_("Xero rejected the contact for {party}: {messages}. Correct it, then press Retry."),
				party=_party_link(party),
				messages=" ".join(errors.messages).rstrip("."),
			)
	return refused


def _once_more(
	batch: Batch,
	by_party: dict[Party, list[Attempt]],
	bodies: dict[Party, dict[str, object]],
	refused: dict[Party, Sentence],
	rejected: Mapping[Party, ValidationErrors],
) -> dict[Party, ValidationErrors]:
	"""Look rejected contacts up again, and create those that have another name or number now."""
	before = {party: dict(body) for party, body in bodies.items()}
	refused |= _link_found(batch, by_party, bodies)
	changed = {party: body for party, body in bodies.items() if body != before[party]}
	still = {party: rejected[party] for party in bodies if not by_party[party][0].contact_id}
	return still | _create_missing(batch, by_party, _missing(by_party, changed, refused), refused)


def _missing(
	by_party: dict[Party, list[Attempt]],
	bodies: dict[Party, dict[str, object]],
	refused: Mapping[Party, Sentence],
) -> dict[Party, dict[str, object]]:
	return {
		party: body
		for party, body in bodies.items()
		if party not in refused and not by_party[party][0].contact_id
	}


def _create_missing(
	batch: Batch,
	by_party: dict[Party, list[Attempt]],
	missing: dict[Party, dict[str, object]],
	refused: dict[Party, Sentence],
) -> dict[Party, ValidationErrors]:
	"""Create and link the contacts. Returns those that Xero rejects; what another app refuses is added to `refused`."""
	bodies: dict[Party, Mapping[str, object]] = {}
	for party, body in missing.items():
		try:
			bodies[party] = batch.extensions.before_contact(party, body)
		except CannotMap as error:
			refused[party] = error.sentence
	if not bodies:
		return {}
	asking = [attempt for party in bodies for attempt in by_party[party]]
	results = dict(zip(bodies, _create(batch, asking, list(bodies.values())), strict=True))
	rejected = {}
	for party, result in results.items():
		if isinstance(result, XeroContact):
			_link(batch, by_party[party], party, result)
		else:
			rejected[party] = result
	return rejected


def _create(
	batch: Batch, asking: Sequence[Attempt], bodies: Sequence[Mapping[str, object]]
) -> list[XeroContact | ValidationErrors]:
	try:
		results = batch.xero.create_contacts(bodies, idempotency_key("contacts", asking, bodies))
	except Rejected as error:
		if len(bodies) == 1:
			return [ValidationErrors((str(error.sentence),))]
	else:
		told = [result for result in results if result is not None]
		if len(told) == len(bodies):
			return told
	# One by one, so that only the contact that Xero rejects fails. One that was created all the same is found by name.
	return [result for body in bodies for result in _create(batch, asking, [body])]


def _link_found(
	batch: Batch, by_party: dict[Party, list[Attempt]], bodies: dict[Party, dict[str, object]]
) -> dict[Party, Sentence]:
	"""Link the parties whose contact Xero has. Changes the bodies of others if their name or number is taken.

	Returns the parties that must not be created, each with the reason.
	"""
	numbers = [str(body["ContactNumber"]) for body in bodies.values()]
	names = [str(body["Name"]) for body in bodies.values()]
	contacts = batch.xero.find_contacts(numbers, names)
	refused: dict[Party, Sentence] = {}
	for party, body in bodies.items():
		number, name = str(body["ContactNumber"]), str(body["Name"])
		numbered = next(
			(contact for contact in contacts if contact.number.casefold() == number.casefold()), None
		)
		namesake = next(
			(
				contact
				for contact in contacts
				if contact != numbered
				and not contact.is_archived
				and (len(bodies) == 1 or folded(contact.name) == folded(name))
			),
			None,
		)
		linked = numbered and end_of_merges(batch.xero, numbered)
		if numbered and linked and _is_same(party, numbered, linked):
			if linked.is_archived:
				refused[party] = _archived(party, linked)
			else:
				_link(batch, by_party[party], party, linked)
		elif namesake and not _is_of_another(batch, party, namesake):
			_link(batch, by_party[party], party, namesake)
		elif numbered and number == contact_number(party) and _is_of_another(batch, party, numbered):
			# A Supplier whose id is a Customer's, or the other way round: one number, but two businesses.
			body["ContactNumber"] = alternative_number(party)
		elif numbered:
			refused[party] = _number_of_another(party, numbered)
		elif namesake:
			# Two customers have the same name, and Xero requires names to be unique among active contacts.
			body["Name"] = f"{name[: 250 - len(number)]} ({number})"
	return refused


def _is_same(party: Party, numbered: XeroContact, merged: XeroContact) -> bool:
	"""Whether a contact with the party's number is the party's: shops and other sites set contact numbers, too."""
	return any(
		may_be_the_same(ours, contact.name)
		for ours in (party.title, party.name)
		for contact in (numbered, merged)
	)


def _is_of_another(batch: Batch, party: Party, contact: XeroContact) -> bool:
	"""Whether the contact is known as another party's. A customer and a supplier of one name may share one."""
	others = [
		other
		for other in batch.documents.parties_of_contact(batch.company, contact)
		if _key(other) != _key(party)
	]
	return any(
		other.doctype == party.doctype or not may_be_the_same(other.title, party.title) for other in others
	)


def end_of_merges(xero: Xero, contact: XeroContact) -> XeroContact:
	"""The contact that the last of its merges has left. Raises what a read of Xero raises."""
	for _merge in range(MAX_MERGES):
		if not contact.merged_into:
			break
		contact = next(iter(xero.read_contacts([contact.merged_into])), contact)
	return contact


def _link(batch: Batch, attempts: Sequence[Attempt], party: Party, contact: XeroContact) -> None:
	batch.documents.link_contact(batch.company, party, contact.id, contact.name)
	for attempt in attempts:
		attempt.contact_id = contact.id


def _archived(party: Party, contact: XeroContact) -> Sentence:
	return Sentence(
		_("The contact {contact} for {party} is archived in Xero. Restore it there, then press Retry."),
		contact=contact.name,
		party=_party_link(party),
	)


def _number_of_another(party: Party, contact: XeroContact) -> Sentence:
	return Sentence(
		_(
			"Contact number {number} belongs to {contact} in Xero, but to {party} here, so nothing was sent. If they"
			" are the same, give both the same name. Otherwise add {party} as a contact in Xero. Then press Retry."
		),
		number=contact.number,
		contact=contact.name,
		party=_party_link(party),
	)


def _key(party: Party) -> tuple[str, str]:
	return party.doctype, party.name


def _party_link(party: Party) -> DocLink:
	return DocLink(party.doctype, party.name, party.title)
