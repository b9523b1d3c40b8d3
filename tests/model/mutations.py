"""The guards of the protocol, removed one at a time, to prove that the search detects each missing one.

Every mutation is a context manager; `WHERE` says in which small world, and by which broken promise, it is detected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync import batch as batch_module
from nexwave_xero_connector.sync import drain as drain_module
from nexwave_xero_connector.sync import installation, lookup, ownership, push, void
from nexwave_xero_connector.sync.attempt import Attempt
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Unavailable
from nexwave_xero_connector.sync.installation import Belonging
from nexwave_xero_connector.sync.ownership import Relation
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import DocStatus, ValidationErrors, XeroDocument
from tests.model import company_scenarios as company
from tests.model import erp_model, erp_ports, scenarios, trouble_scenarios, world, xero_model
from tests.model import identity_scenarios as identity
from tests.model.world import Bounds, Scenario

Mutation = Callable[[], AbstractContextManager[object]]


def no_second_look() -> AbstractContextManager[object]:
	"""The outcome is written without reading docstatus again."""
	original = Batch._settle
	return patch.object(Batch, "_settle", lambda self, ends, look_again=False: original(self, ends, False))


def plain_reload() -> AbstractContextManager[object]:
	"""docstatus is read again, but in the transaction of the first read: REPEATABLE READ shows the old value."""

	def as_read_first(self: erp_ports.LockedRows, claim: Any) -> DocStatus:
		return self.erp.first_reads[claim.document]

	return patch.object(erp_ports.LockedRows, "docstatus", as_read_first)


def lease_shorter_than_job() -> AbstractContextManager[object]:
	"""A worker that was frozen wakes up when another one already has its row."""
	return patch.object(world, "Policy", lambda: Policy(lease=timedelta(seconds=90)))


def blind_resend() -> AbstractContextManager[object]:
	"""A create whose response was lost is sent again at once, with a new key."""
	original = xero_model.XeroPort.create

	def twice(
		self: xero_model.XeroPort, xero_type: XeroType, bodies: Sequence[Any], idempotency_key: str
	) -> list[Any]:
		try:
			return original(self, xero_type, bodies, idempotency_key)
		except OutcomeUnknown:
			return original(self, xero_type, bodies, idempotency_key + "again")

	return patch.object(xero_model.XeroPort, "create", twice)


def no_idempotency_key() -> AbstractContextManager[object]:
	"""The network repeats a create, and Xero cannot tell."""
	return patch.object(push, "idempotency_key", lambda what, attempts, body: "")


def key_of_the_document_only() -> AbstractContextManager[object]:
	"""The key depends on neither body nor attempt: Xero repeats its old rejection for a corrected document."""
	return patch.object(push, "idempotency_key", lambda what, attempts, body: str(attempts[0].claim.document))


def post_instead_of_put() -> AbstractContextManager[object]:
	"""POST finds a document by its number and overwrites it."""
	original = xero_model.XeroModel.create_one

	def upsert(
		self: xero_model.XeroModel, xero_type: XeroType, body: Any, *more: Any
	) -> XeroDocument | ValidationErrors:
		number = str(body.get("InvoiceNumber") or body.get("CreditNoteNumber"))
		for found in self.documents.values():
			if (
				found.xero_type is xero_type
				and found.number.casefold() == number.casefold()
				and found.is_live
			):
				self.documents[found.id] = replace(found, url=str(body.get("Url", "")))
				return self.documents[found.id]
		return original(self, xero_type, body, *more)

	return patch.object(xero_model.XeroModel, "create_one", upsert)


def failed_look_up_means_absent() -> AbstractContextManager[object]:
	"""A failed look-up is taken to mean that nothing is there."""
	original = lookup.look_up

	def optimistic(batch: Batch, attempts: Sequence[Any]) -> None:
		try:
			original(batch, attempts)
		except Unavailable:
			pass

	return patch.object(push, "look_up", optimistic)


def no_look_up() -> AbstractContextManager[object]:
	"""Our log is trusted: nothing is looked up in Xero before a create."""
	return patch.object(push, "look_up", lambda batch, attempts: None)


def no_follow_up() -> AbstractContextManager[object]:
	"""A create without a response that is not in Xero at once counts as never carried out."""

	def shrug(self: Batch, attempts: Any, sentence: Any, until: Any, detail: str = "") -> None:
		for attempt in attempts:
			attempt.unconfirmed_until = None
		self.give_back(attempts, sentence, timedelta(seconds=30))

	return patch.object(Batch, "hold", shrug)


def no_note_before_sending() -> AbstractContextManager[object]:
	"""Nothing is noted before a create is sent, so a crash forgets it."""
	return patch.object(erp_ports.LockedRows, "mark_sending", lambda *args, **more: None)


def number_is_enough() -> AbstractContextManager[object]:
	"""Every document with our number is taken to be ours."""
	return patch.object(ownership, "relation", lambda expected, found, owners: Relation.OURS)


def cancel_without_a_row() -> AbstractContextManager[object]:
	"""The cancel relies on a worker reading docstatus again, and queues nothing itself."""

	def begin(self: erp_model.ErpModel, ref: Any, session: str) -> None:
		row = self.open_row(ref)
		if row:
			self.row_locks[row.name] = session

	return patch.object(erp_model.ErpModel, "begin_cancel", begin)


def cancel_does_not_lock_the_row() -> AbstractContextManager[object]:
	"""The cancel sees an open row and relies on it, but a worker can close the row before the cancel commits."""
	original = erp_model.ErpModel.begin_cancel

	def begin(self: erp_model.ErpModel, ref: Any, session: str) -> None:
		if not self.open_row(ref):
			original(self, ref, session)

	return patch.object(erp_model.ErpModel, "begin_cancel", begin)


def a_copy_takes_itself_for_the_original() -> AbstractContextManager[object]:
	"""Every site that has the connection's token uses it."""
	return patch.object(installation, "belonging", lambda of_connection, in_config, site: Belonging.OURS)


def the_folder_name_does_not_count() -> AbstractContextManager[object]:
	"""A backup that includes the configuration includes the installation."""
	original = installation.belonging
	return patch.object(
		installation,
		"belonging",
		lambda of_connection, in_config, site: original(of_connection, in_config, erp_model.SITE),
	)


def the_configuration_does_not_count() -> AbstractContextManager[object]:
	"""Sites are distinguished only by their folder name."""
	original = installation.belonging
	return patch.object(
		installation,
		"belonging",
		lambda of_connection, in_config, site: original(of_connection, of_connection, site),
	)


def voided_as_the_claim_knew_it() -> AbstractContextManager[object]:
	"""A document is voided by what its name in the claim says, without a look under the lock: renamed is gone."""
	return patch.object(
		void,
		"_still_to_void",
		lambda batch, live: live,
	)


def an_outage_counts() -> AbstractContextManager[object]:
	"""Every call that fails is an attempt of the documents in it, whatever the reason."""
	stack = ExitStack()
	stack.enter_context(patch.object(Batch, "outage_behind", lambda self, error: None))
	stack.enter_context(patch.object(Batch, "pause_after", lambda self, error: None))
	stack.enter_context(patch.object(batch_module, "may_be_one_documents", lambda error: True))
	return stack


def a_lost_batch_stays_together() -> AbstractContextManager[object]:
	"""What was lost is sent again as it was, up to the last automatic retry."""
	stack = ExitStack()
	stack.enter_context(patch.object(Policy, "sent_together", lambda self, attempt: self.batch_size))
	stack.enter_context(
		patch.object(
			Batch, "never_arrived", lambda self, attempt, sentence: self.try_again(attempt, sentence)
		)
	)
	return stack


def a_held_row_is_settled_as_it_was_seen() -> AbstractContextManager[object]:
	"""The worker comes back for the row that a user held, but does not look at the document again."""
	original = Batch._write_once

	def blindly(self: Batch, outcomes: dict[Any, Any], wait: bool) -> Any:
		seen = {claim: (attempt, outcome, False) for claim, (attempt, outcome, _look) in outcomes.items()}
		return original(self, seen if wait else outcomes, wait)

	return patch.object(Batch, "_write_once", blindly)


def a_name_identifies() -> AbstractContextManager[object]:
	"""The key is of the name alone: whoever gets the name later has the same one."""
	original = erp_model.document_key
	return patch.object(erp_model, "document_key", lambda ref, created: original(ref, erp_model.START))


def the_status_is_a_namesakes() -> AbstractContextManager[object]:
	"""Under the lock, the status is that of whichever document has the name now."""
	return patch.object(erp_ports.LockedRows, "is_namesake", lambda self, document, row: False)


def a_namesake_is_read() -> AbstractContextManager[object]:
	"""What is read for a claim is whichever document has its name now."""
	return patch.object(batch_module, "_is_namesake", lambda document, claim: False)


def any_key_is_ours() -> AbstractContextManager[object]:
	"""A link of this site is enough, whichever document it leads to."""
	original = ownership._has_link
	return patch.object(
		ownership, "_has_link", lambda expected, found: bool(found.url) or original(expected, found)
	)


def a_copy_is_ours() -> AbstractContextManager[object]:
	"""Every document that carries our link is ours, although we know the id of the one that we made."""
	return _relations({Relation.COPY: Relation.OURS})


def a_credit_note_is_known_by_its_figures() -> AbstractContextManager[object]:
	"""A credit note with our number and figures is ours, whether we ever sent one or not."""

	def by_figures(expected: ownership.Expected, found: XeroDocument) -> bool:
		return found.number == expected.number and found.total == Decimal("115.00")

	return patch.object(ownership, "_is_unconfirmed_create", by_figures)


def whoever_made_it() -> AbstractContextManager[object]:
	"""Where Xero shows no links, a bill with our number and figures is ours, whether our app has made it or not."""
	return patch.object(
		xero_model.XeroPort,
		"ids_made_by_this_app",
		lambda self, xero_type, numbers: {d.id for d in self.find(xero_type, numbers)},
	)


def nothing_stands_in_for_the_link() -> AbstractContextManager[object]:
	"""What carries no link is somebody else's, although we have just sent it."""
	return patch.object(lookup, "may_be_ours_without_link", lambda expected, found: False)


def figures_are_not_kept() -> AbstractContextManager[object]:
	"""What was sent is only known while ERPNext has the document."""
	original = erp_ports.LockedRows.mark_sending

	def without(self: erp_ports.LockedRows, *args: Any, figures: object = None, **more: Any) -> None:
		original(self, *args, **more)

	return patch.object(erp_ports.LockedRows, "mark_sending", without)


def adopted_uncompared() -> AbstractContextManager[object]:
	"""What is found in Xero and is ours counts as what was to be sent."""
	return patch.object(push, "differences", lambda ours, theirs: [])


def ambiguous_is_ours() -> AbstractContextManager[object]:
	"""Ours was copied before its id was known: of those that carry its link, the one listed last is taken for ours."""

	def the_last(batch: Batch, found: dict[Attempt, ownership.Standing]) -> dict[Attempt, ownership.Standing]:
		return {attempt: replace(what, ours=what.live[-1:] or what.ours) for attempt, what in found.items()}

	return patch.object(void, "_without_ambiguous", the_last)


def a_linked_document_is_voided() -> AbstractContextManager[object]:
	"""A cancel voids what somebody else made in Xero and linked here."""
	return patch.object(void, "_is_left_to_a_person", lambda attempt: False)


def looked_up_as_the_claim_knew_it() -> AbstractContextManager[object]:
	"""What this attempt has created is looked up by its number only."""
	return patch.object(Attempt, "known_id", property(lambda attempt: attempt.claim.xero_id))


def sent_by_an_earlier_attempt_only() -> AbstractContextManager[object]:
	"""A draft counts as never sent if no attempt before this one has sent it."""
	return patch.object(
		void,
		"_is_unsent_draft",
		lambda attempt: attempt.docstatus is DocStatus.DRAFT and attempt.claim.xero_type is None,
	)


def results_in_the_order_sent() -> AbstractContextManager[object]:
	"""The first element of a batch's response belongs to the first document sent."""
	return patch.object(xero_model, "element_of_each", lambda bodies, elements, fields: list(elements))


def a_rejected_batch_saved_nothing() -> AbstractContextManager[object]:
	"""After a batch that was rejected as a whole, each document is sent again without a look-up."""
	return patch.object(
		push,
		"_in_parts_again",
		lambda batch, parts: [found for part in parts for a in part for found in push._create(batch, [a])],
	)


def _relations(instead: dict[Relation, Relation]) -> AbstractContextManager[object]:
	original = ownership.relation

	def relation(expected: Any, found: Any, owners: Any) -> Relation:
		what = original(expected, found, owners)
		return instead.get(what, what)

	return patch.object(ownership, "relation", relation)


def returns_are_left_as_they_are() -> AbstractContextManager[object]:
	"""An invoice that arrives in Xero does not queue its returns."""
	return patch.object(push, "queue_returns", lambda batch, invoices: None)


def the_invoice_is_not_looked_for_again() -> AbstractContextManager[object]:
	"""A return's outcome is written without another look whether its invoice arrived since."""
	return patch.object(push, "queue_again_if_invoice_arrived", lambda batch, credit_notes: None)


def allocations_are_not_noted() -> AbstractContextManager[object]:
	"""Nothing is noted before an allocation is sent, so a crash forgets that it is ours."""
	return patch.object(erp_ports.LockedRows, "mark_allocating", lambda *args: None)


def every_allocation_is_ours() -> AbstractContextManager[object]:
	"""A cancel takes off every allocation of a credit note, whoever made it."""
	return patch.multiple(void, ours=lambda noted, found: list(found), others=lambda noted, found: [])


def ids_without_their_organisation() -> AbstractContextManager[object]:
	"""What is in another organisation is not known: a cancel takes it for never sent."""
	return patch.object(erp_ports.DocumentsPort, "elsewhere", lambda self, company, keys: {})


def interrupted_ones_are_in_no_organisation() -> AbstractContextManager[object]:
	"""What killed its workers and is cancelled is taken for never sent, wherever a copy of it is."""
	return patch.object(drain_module, "know_elsewhere", lambda batch, attempts: None)


def merges_of_contacts_are_not_followed() -> AbstractContextManager[object]:
	"""A contact that Xero describes as archived is taken for archived."""
	return patch.object(push, "follow_merge", lambda batch, attempt: None)


def moved_documents_are_somebody_elses() -> AbstractContextManager[object]:
	"""A document under another contact differs, although Xero has moved it there with a merge."""
	return patch.object(lookup, "recognise_merged", lambda batch, attempts: None)


CRASH = Bounds(workers=1, network_faults=0, crashes=1, frozen=0)
FAULT = Bounds(workers=1, network_faults=1, crashes=0, frozen=0)


def a_namesake_is_waited_for() -> AbstractContextManager[object]:
	"""Whether the owner of a number is being withdrawn is asked by its name, which another document may have now."""

	def by_name(self: erp_ports.DocumentsPort, key: str) -> bool:
		ref = next(row.ref for row in self.erp.rows if row.key == key)
		return self._learnt(self.erp.open_row(ref) is not None)

	return patch.object(erp_ports.DocumentsPort, "has_open_row", by_name)


def what_never_arrived_stays_in_doubt() -> AbstractContextManager[object]:
	"""A create that can no longer arrive still counts as under way, so that each sweep looks for it again."""
	return patch.object(void, "_end_doubt", lambda attempt: None)


CALM = Bounds(workers=1, network_faults=0, crashes=0, frozen=0)
FROZEN = Bounds(workers=2, network_faults=1, crashes=0, frozen=2)

WHERE: dict[Mutation, tuple[Callable[[Bounds], Scenario], Bounds, str]] = {
	no_second_look: (scenarios.submit_and_cancel, CALM, "No ghost"),
	plain_reload: (scenarios.submit_and_cancel, CALM, "No ghost"),
	lease_shorter_than_job: (scenarios.submit_only, FROZEN, "No duplicate"),
	blind_resend: (scenarios.submit_and_retry, FAULT, "No duplicate"),
	no_idempotency_key: (scenarios.submit_and_retry, FAULT, "No duplicate"),
	key_of_the_document_only: (scenarios.rejected_then_fixed, CALM, "Retry cures"),
	post_instead_of_put: (scenarios.number_taken_while_we_look, CALM, "No overwrite"),
	failed_look_up_means_absent: (scenarios.submit_and_retry, replace(FAULT, crashes=1), "No duplicate"),
	no_look_up: (scenarios.submit_and_retry, CRASH, "No duplicate"),
	no_follow_up: (scenarios.submit_and_retry, FAULT, "No duplicate"),
	no_note_before_sending: (scenarios.submit_and_cancel, replace(FAULT, crashes=1), "No ghost"),
	number_is_enough: (scenarios.foreign, CALM, "No overwrite"),
	cancel_without_a_row: (scenarios.submit_and_cancel, CALM, "No ghost"),
	cancel_does_not_lock_the_row: (scenarios.submit_and_cancel, CALM, "No ghost"),
	a_name_identifies: (identity.RENAMED, CALM, "No loss|No lie|No ghost"),
	the_status_is_a_namesakes: (identity.lost_its_name, CALM, "No ghost"),
	a_namesake_is_waited_for: (identity.NUMBER_GIVEN_AGAIN, CALM, "No lie"),
	a_namesake_is_read: (identity.RENAMED, CALM, "No duplicate|No lie|No loss"),
	any_key_is_ours: (identity.LOST_BY_A_RESTORE, CALM, "No lie|No loss"),
	a_copy_is_ours: (identity.COPIED_AND_RETRIED, CALM, "No needless question"),
	ambiguous_is_ours: (identity.COPIED, FAULT, "No overwrite"),
	adopted_uncompared: (identity.EDITED, CALM, "No lie"),
	a_credit_note_is_known_by_its_figures: (identity.CREDIT_NOTE_TYPED, CALM, "No overwrite|No lie|No loss"),
	whoever_made_it: (identity.TYPED_WITHOUT_LINKS, FAULT, "No overwrite|No lie|No loss"),
	nothing_stands_in_for_the_link: (identity.LOST_WITHOUT_LINKS, FAULT, "No ghost|No lie"),
	figures_are_not_kept: (identity.CREDIT_NOTE_DELETED, FAULT, "No ghost"),
	a_linked_document_is_voided: (identity.USED, CALM, "No overwrite"),
	looked_up_as_the_claim_knew_it: (identity.RENUMBERED, CALM, "No ghost|No lie"),
	sent_by_an_earlier_attempt_only: (identity.CANCELLED_AND_SET_BACK, CALM, "No ghost|No lie"),
	results_in_the_order_sent: (identity.ALIKE, FAULT, "No lie|No loss|No ghost"),
	a_rejected_batch_saved_nothing: (identity.ALIKE, FAULT, "No duplicate"),
	voided_as_the_claim_knew_it: (scenarios.rename, CRASH, "No loss|No lie|No ghost"),
	an_outage_counts: (trouble_scenarios.long_outage, CALM, "No needless question"),
	a_lost_batch_stays_together: (trouble_scenarios.poison, CALM, "No needless question"),
	a_held_row_is_settled_as_it_was_seen: (scenarios.submit_and_cancel, CALM, "No ghost"),
	returns_are_left_as_they_are: (scenarios.credit_note_before_its_invoice, CALM, "Allocated"),
	the_invoice_is_not_looked_for_again: (
		scenarios.credit_note_before_its_invoice,
		replace(CALM, workers=2),
		"Allocated",
	),
	allocations_are_not_noted: (scenarios.credit_note, CRASH, "No ghost"),
	every_allocation_is_ours: (scenarios.allocated_by_hand, CALM, "No overwrite"),
	ids_without_their_organisation: (company.another_organisation, CALM, "No ghost|No lie"),
	interrupted_ones_are_in_no_organisation: (
		company.interrupted_before_another_organisation,
		CRASH,
		"No ghost|No lie",
	),
	what_never_arrived_stays_in_doubt: (company.cancelled_there_and_back, CRASH, "Rest"),
	merges_of_contacts_are_not_followed: (company.merged_contact, CALM, "No needless question"),
	moved_documents_are_somebody_elses: (company.merged_while_sent, CRASH, "No needless question"),
	a_copy_takes_itself_for_the_original: (scenarios.copied_elsewhere, CALM, "No copy|No loss|No lie"),
	the_folder_name_does_not_count: (scenarios.copied_elsewhere, CALM, "No copy|No loss|No lie"),
	the_configuration_does_not_count: (scenarios.copied_under_the_same_name, CALM, "No copy|No loss|No lie"),
}
