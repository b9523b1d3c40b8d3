"""The Xero contact of a Customer or Supplier: already linked, found by contact number or name, or created."""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.mapping.contact import contact_body
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.batch import Attempt, Batch, idempotency_key, needs_person
from nexwave_xero_connector.sync.errors import Rejected, XeroError
from nexwave_xero_connector.sync.isolation import in_parts
from nexwave_xero_connector.sync.records import ValidationErrors, XeroContact


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
	"""If the party's contact was merged in Xero, link the party to the merged contact and say so; otherwise None.

	Xero describes the old contact as archived, and accepts no document for it.
	"""
	assert attempt.document is not None
	party = attempt.document.party
	body = contact_body(party)
	try:
		contacts = batch.xero.find_contacts([str(body["ContactNumber"])], [str(body["Name"])])
	except XeroError:
		return None  # Xero's rejection stands; the next attempt looks again
	linked = next((contact for contact in contacts if contact.id == attempt.contact_id), None)
	if linked is None or not linked.merged_into:
		return None
	_link(batch, [attempt], party, linked)
	return Sentence(
		_("The contact for {party} was merged into another one in Xero. That contact is used from now on."),
		party=_party_link(party),
	)


def _find_or_create(batch: Batch, by_party: dict[Party, list[Attempt]]) -> dict[Party, Sentence]:
	"""Find or create the contact of each party, and link it. Returns the parties without one, each with the reason."""
	bodies = {party: contact_body(party) for party in by_party}
	refused = _link_found(batch, by_party, bodies)
	missing = {
		party: body
		for party, body in bodies.items()
		if party not in refused and not by_party[party][0].contact_id
	}
	rejected = _create_missing(batch, by_party, missing)
	if rejected:
		# Its number or name may have been taken since then: by another worker, or in this very call by a supplier with
		# the same id or a customer with the same name.
		names = {party: bodies[party]["Name"] for party in rejected}
		refused |= _link_found(batch, by_party, {party: bodies[party] for party in rejected})
		renamed = {party: bodies[party] for party in rejected if bodies[party]["Name"] != names[party]}
		rejected |= _create_missing(batch, by_party, renamed)
	for party, errors in rejected.items():
		if party not in refused and not by_party[party][0].contact_id:
			refused[party] = Sentence(
				_("Xero rejected the contact for {party}: {messages}. Correct it, then press Retry."),
				party=_party_link(party),
				messages=" ".join(errors.messages).rstrip("."),
			)
	return refused


def _create_missing(
	batch: Batch, by_party: dict[Party, list[Attempt]], bodies: dict[Party, dict[str, object]]
) -> dict[Party, ValidationErrors]:
	"""Create and link the contacts. Returns those that Xero rejects."""
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
	batch: Batch, asking: Sequence[Attempt], bodies: Sequence[dict[str, object]]
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
	numbers = [str(body["ContactNumber"]) for body in bodies.values()]
	names = [str(body["Name"]) for body in bodies.values()]
	contacts = batch.xero.find_contacts(numbers, names)
	refused: dict[Party, Sentence] = {}
	for party, body in bodies.items():
		number, name = str(body["ContactNumber"]), str(body["Name"])
		numbered = next(
			(contact for contact in contacts if contact.number.casefold() == number.casefold()), None
		)
		namesake = next((contact for contact in contacts if _is_active_namesake(contact, name)), None)
		if numbered and numbered.is_archived and not numbered.merged_into:
			refused[party] = Sentence(
				_(
					"The contact {contact} for {party} is archived in Xero. Restore it there, then press Retry."
				),
				contact=numbered.name,
				party=_party_link(party),
			)
		elif numbered:
			_link(batch, by_party[party], party, numbered)
		elif namesake and not batch.documents.is_contact_of_another(batch.company, party, namesake.id):
			_link(batch, by_party[party], party, namesake)
		elif namesake:
			# Two customers have the same name, and Xero requires names to be unique among active contacts.
			body["Name"] = f"{name[: 250 - len(number)]} ({number})"
	return refused


def _is_active_namesake(contact: XeroContact, name: str) -> bool:
	return not contact.is_archived and contact.name.casefold() == name.casefold()


def _link(batch: Batch, attempts: Sequence[Attempt], party: Party, contact: XeroContact) -> None:
	contact_id = contact.merged_into or contact.id
	batch.documents.link_contact(batch.company, party, contact_id, contact.name)
	for attempt in attempts:
		attempt.contact_id = contact_id


def _party_link(party: Party) -> DocLink:
	return DocLink(party.doctype, party.name, party.title)
