"""Look a document up in Xero: by number, and by id if an earlier response gave it."""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.sync.batch import Attempt, Batch
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
	return {
		attempt: [
			document
			for document in documents.values()
			if document.number.casefold() == attempt.number.casefold() or document.id == attempt.claim.xero_id
		]
		for attempt in attempts
	}
