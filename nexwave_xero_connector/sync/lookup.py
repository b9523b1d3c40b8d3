"""Look a document up in Xero: by number, and by id if an earlier response gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.batch import Attempt, Batch
from nexwave_xero_connector.sync.contacts import recognise_merged
from nexwave_xero_connector.sync.ownership import OwnershipVerdict, is_ours, judge
from nexwave_xero_connector.sync.records import XeroDocument


def look_up(batch: Batch, attempts: Sequence[Attempt]) -> dict[Attempt, list[XeroDocument]]:
	"""For each attempt (all of one Xero type), find what Xero has under its number, ignoring case, or under its id.

	The id is looked up only if the number did not find it: somebody may have renumbered the document in Xero.
	Raises what a read through the port Xero raises; a failed look-up never means that nothing is there.
	"""
	xero_type = attempts[0].xero_type
	assert xero_type is not None
	numbers = sorted({attempt.number for attempt in attempts if attempt.number})
	documents = {document.id: document for document in batch.xero.find(xero_type, numbers)} if numbers else {}
	unseen = sorted(
		{attempt.claim.xero_id for attempt in attempts if attempt.claim.xero_id} - documents.keys()
	)
	if unseen:
		documents.update((document.id, document) for document in batch.xero.read(xero_type, unseen))
	found = {
		attempt: [
			document
			for document in documents.values()
			if document.number.casefold() == attempt.number.casefold() or document.id == attempt.claim.xero_id
		]
		for attempt in attempts
	}
	recognise_merged(batch, found)
	return found


def judge_all(batch: Batch, attempts: Sequence[Attempt]) -> dict[Attempt, OwnershipVerdict]:
	"""What Xero has of each attempt (all of one type), told apart from what it has of other documents of ERPNext.

	Raises what `look_up` does.
	"""
	candidates = look_up(batch, attempts)
	owners = owners_of(batch, candidates)
	for attempt in attempts:
		# What is one document's own does not stand in the way of another: two of a batch may share their number. Credit
		# notes that nothing tells apart get one each.
		own = [found for found in candidates[attempt] if is_ours(attempt.expected, found, owners)]
		if own:
			owners[next((found for found in own if found.is_live), own[0]).id] = attempt.claim.document
	return {attempt: judge(attempt.expected, candidates[attempt], owners) for attempt in attempts}


def owners_of(batch: Batch, candidates: Mapping[Attempt, Sequence[XeroDocument]]) -> dict[str, DocumentRef]:
	"""Which document of ERPNext the candidates belong to, by the log, which is asked only about ids not yet known."""
	news = {
		found.id
		for attempt, documents in candidates.items()
		for found in documents
		if found.id != attempt.claim.xero_id
	}
	return dict(batch.documents.owners(sorted(news))) if news else {}
