"""Look documents up in Xero: by number, and by id if an earlier response gave it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nexwave_xero_connector.sync.attempt import Attempt
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.contacts import recognise_merged
from nexwave_xero_connector.sync.identity import key_in
from nexwave_xero_connector.sync.ownership import Owners, Standing, may_be_ours_without_link, standing
from nexwave_xero_connector.sync.records import Origin, XeroDocument


def look_up(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Find what Xero has under each attempt's number, ignoring case, or under its id: `attempt.candidates`.

	All attempts are of one type. The id is looked up only if the number did not find it: somebody may have renumbered
	the document in Xero. Raises what a read through the port Xero raises; a failed look-up never means that nothing is
	there.
	"""
	xero_type = attempts[0].xero_type
	assert xero_type is not None
	numbers = sorted({attempt.number for attempt in attempts if attempt.number})
	documents = {document.id: document for document in batch.xero.find(xero_type, numbers)} if numbers else {}
	unseen = sorted({attempt.known_id for attempt in attempts if attempt.known_id} - documents.keys())
	if unseen:
		documents.update((document.id, document) for document in batch.xero.read(xero_type, unseen))
	owners = _owners(batch, documents.values())
	for attempt in attempts:
		attempt.owners = owners
		attempt.candidates = [
			document
			for document in documents.values()
			if document.number.casefold() == attempt.number.casefold() or document.id == attempt.known_id
		]
	recognise_merged(batch, attempts)
	_recognise_without_links(batch, attempts)
	batch.note_missing_links(
		attempt.claim.link
		for attempt in attempts
		for found in attempt.candidates
		if attempt.claim.origin is Origin.MADE_BY_US and found.id == attempt.known_id and not found.url
	)


def standing_of(attempt: Attempt) -> Standing:
	"""What the latest look-up found of this attempt's document, judged with what is known of it now."""
	return standing(attempt.expected, attempt.candidates, attempt.owners)


def _recognise_without_links(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Ask Xero who has made what may be ours by its figures alone, where it shows no links: one call more, if any."""
	doubtful = [
		attempt
		for attempt in attempts
		if any(may_be_ours_without_link(attempt.expected, found) for found in attempt.candidates)
	]
	if not doubtful:
		return
	assert doubtful[0].xero_type is not None
	numbers = sorted({attempt.number for attempt in doubtful})
	made = batch.xero.ids_made_by_this_app(doubtful[0].xero_type, numbers)
	batch.note_missing_links(attempt.expected.link for attempt in doubtful if made)
	for attempt in doubtful:
		attempt.candidates = [
			replace(found, is_made_by_this_app=found.id in made) for found in attempt.candidates
		]


def _owners(batch: Batch, found: Iterable[XeroDocument]) -> Owners:
	ids = {document.id for document in found}
	keys = {key for document in found if (key := key_in(document.url))}
	return batch.documents.owners(batch.company, sorted(ids), sorted(keys)) if ids else Owners()
