"""What somebody has changed in Xero since a document was sent.

Read only. What was sent is compared with what Xero lists as changed since the last look. Payments, allocations,
approvals, due dates, sent flags and texts are Xero's own, and no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.sentence import Sentence, _, join
from nexwave_xero_connector.sync.agreement import differences
from nexwave_xero_connector.sync.records import XeroDocument


def changed_in_xero(
	sent: Figures, number: str, found: XeroDocument, merged_into: Mapping[str, str]
) -> Sentence | None:
	"""What is different in Xero from what was sent, as a finding; None if the two agree.

	number: the one that it was sent under. merged_into: the contact that took a merged one's place, by the merged one's
	id. A document of a merged contact moves with it, which is no difference. A document that was voided or deleted is
	found by the orphan check, so only live ones are compared.
	"""
	if not found.is_live:
		return None
	if follow(sent.contact_id, merged_into) == found.contact_id:
		found = replace(found, contact_id=sent.contact_id)
	changes = differences(sent, found)
	if found.number != number:
		changes.insert(0, Sentence(_("number {theirs} instead of {ours}"), theirs=found.number, ours=number))
	if not changes:
		return None
	return Sentence(
		_(
			"Changed in Xero since it was sent: {changes}. Change it back in Xero, or cancel and amend it here; if the"
			" change is intended, mark this as handled."
		),
		changes=join(changes, ", "),
	)


def follow(contact_id: str, merged_into: Mapping[str, str]) -> str:
	"""The contact that has taken its place, also over several merges."""
	seen: set[str] = set()
	while contact_id in merged_into and contact_id not in seen:
		seen.add(contact_id)
		contact_id = merged_into[contact_id]
	return contact_id
