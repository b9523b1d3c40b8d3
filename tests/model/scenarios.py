"""The small worlds that are searched: what is in them, and what users do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.identity import document_key, link
from nexwave_xero_connector.sync.records import Status, Trigger, XeroDocument
from tests.model.erp_model import SITE, Copy, document
from tests.model.world import Bounds, Scenario, UserAction, World

BILL = document("Purchase Invoice", "PINV-1")
INVOICE = document("Sales Invoice", "SINV-1")
SECOND_BILL = document("Purchase Invoice", "PINV-2")
CREDIT_NOTE = document("Sales Invoice", "SRET-1", return_against="SINV-1")


def submit_and_cancel(bounds: Bounds, which: object = BILL) -> Scenario:
	"""The central case: a document is submitted, and cancelled at any time."""
	ref = which.ref  # type: ignore[attr-defined]
	return Scenario(
		f"{ref}: submit, cancel",
		[which],  # type: ignore[list-item]
		[UserAction("submit", ref), UserAction("cancel", ref, (0,))],
		bounds,
	)


def submit_only(bounds: Bounds) -> Scenario:
	"""A document is submitted, and everything else is left to workers, network and time."""
	return Scenario("bill: submit", [BILL], [UserAction("submit", BILL.ref)], bounds)


def submit_and_retry(bounds: Bounds) -> Scenario:
	"""Somebody presses Retry at any time."""
	return Scenario(
		"bill: submit, retry",
		[BILL],
		[UserAction("submit", BILL.ref), UserAction("retry", BILL.ref, (0,))],
		bounds,
	)


def amend(bounds: Bounds) -> Scenario:
	"""A document is cancelled, and its amendment is submitted, which has its own name."""
	amended = document("Sales Invoice", "SINV-1-1")
	return Scenario(
		"invoice: submit, cancel, amend",
		[INVOICE, amended],
		[
			UserAction("submit", INVOICE.ref),
			UserAction("cancel", INVOICE.ref, (0,)),
			UserAction("submit", amended.ref, (1,)),
		],
		bounds,
	)


def batch(bounds: Bounds) -> Scenario:
	"""Two documents in one batch, one of them cancelled at any time."""
	return Scenario(
		"two bills, one cancelled",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("submit", SECOND_BILL.ref, (0,)),
			UserAction("cancel", BILL.ref, (1,)),
		],
		bounds,
	)


def credit_note(bounds: Bounds) -> Scenario:
	"""A return of an invoice that is in Xero: created, allocated, and cancelled at any time."""

	def invoice_in_xero(world: World) -> None:
		found = in_xero(XeroType.ACCREC, "SINV-1", link_to(INVOICE))
		world.xero.documents[found.id] = found
		world.erp.submit(INVOICE.ref)
		row = world.erp.rows[-1]
		row.due_at, row.xero_id, row.xero_type, row.number = None, found.id, found.xero_type, found.number
		row.status = Status.SUCCESS
		world.erp.copies[row.key] = Copy(found.xero_type, found.number, found.url, xero_id=found.id)

	return Scenario(
		"credit note: submit, cancel",
		[INVOICE, CREDIT_NOTE],
		[UserAction("submit", CREDIT_NOTE.ref), UserAction("cancel", CREDIT_NOTE.ref, (0,))],
		bounds,
		prepare=invoice_in_xero,
		ours_from_the_start=("SINV-1",),
	)


def credit_note_before_its_invoice(bounds: Bounds) -> Scenario:
	"""Xero rejects the invoice, so its return arrives first; then the cause is fixed and the invoice goes through."""

	def refusing(world: World) -> None:
		world.xero.refuses_now.add(INVOICE.ref.name)

	return Scenario(
		"credit note: submitted while its invoice is rejected",
		[INVOICE, CREDIT_NOTE],
		[
			UserAction("submit", INVOICE.ref),
			UserAction("fix in Xero", INVOICE.ref, (0,)),
			UserAction("retry once it is not being worked on", INVOICE.ref, (1,)),
			UserAction("submit", CREDIT_NOTE.ref, (0,)),
		],
		bounds,
		prepare=refusing,
		retry_cures=True,
	)


def allocated_by_hand(bounds: Bounds) -> Scenario:
	"""At any time, somebody in Xero allocates part of the credit note to another invoice, and it is cancelled."""
	base = credit_note(bounds)

	def prepare(world: World) -> None:
		assert base.prepare
		base.prepare(world)
		other = in_xero(XeroType.ACCREC, "OTHER", "")
		world.xero.documents[other.id] = other

	return replace(
		base,
		name="credit note: allocated by hand, cancelled",
		actions=[*base.actions, UserAction("allocate by hand in Xero", CREDIT_NOTE.ref)],
		prepare=prepare,
	)


def foreign(bounds: Bounds) -> Scenario:
	"""Xero has others' documents with our numbers: an invoice, with the number in lower case, and a bill."""

	def others(world: World) -> None:
		for xero_type, number in ((XeroType.ACCREC, "sinv-1"), (XeroType.ACCPAY, "PINV-1")):
			found = in_xero(xero_type, number, "")
			world.xero.documents[found.id] = found

	return Scenario(
		"numbers used by others",
		[INVOICE, BILL],
		[
			UserAction("submit", INVOICE.ref),
			UserAction("submit", BILL.ref, (0,)),
			UserAction("cancel", INVOICE.ref, (0,)),
			UserAction("cancel", BILL.ref, (1,)),
		],
		bounds,
		prepare=others,
	)


def rejected_then_fixed(bounds: Bounds) -> Scenario:
	"""Xero rejects the invoice. Somebody fixes the cause in Xero and presses Retry.

	While a worker has the document, Retry says so, and the user tries again later.
	"""

	def refusing(world: World) -> None:
		world.xero.refuses_now.add(INVOICE.ref.name)

	return Scenario(
		"invoice: rejected, fixed, retried",
		[INVOICE],
		[
			UserAction("submit", INVOICE.ref),
			UserAction("fix in Xero", INVOICE.ref, (0,)),
			UserAction("retry once it is not being worked on", INVOICE.ref, (1,)),
		],
		bounds,
		prepare=refusing,
		retry_cures=True,
	)


def number_taken_while_we_look(bounds: Bounds) -> Scenario:
	"""Somebody enters an invoice with our number in Xero, at any time."""
	return Scenario(
		"invoice: its number is taken by somebody",
		[INVOICE],
		[UserAction("submit", INVOICE.ref), UserAction("enter by hand in Xero", INVOICE.ref)],
		bounds,
	)


def unlogged(bounds: Bounds) -> Scenario:
	"""The log was lost, or restored from an old backup: the invoice is ours, but no row says so."""

	def forgotten(world: World) -> None:
		found = in_xero(XeroType.ACCPAY, "PINV-1", link_to(BILL))
		world.xero.documents[found.id] = found
		world.erp.submit(BILL.ref, Trigger.BACKFILL)

	return Scenario(
		"bill of a lost log",
		[BILL],
		[UserAction("cancel", BILL.ref)],
		bounds,
		prepare=forgotten,
		ours_from_the_start=("PINV-1",),
	)


def cancel_and_delete(bounds: Bounds) -> Scenario:
	"""A bill is cancelled and deleted at any time, so that only the log still knows it."""
	return Scenario(
		"bill: submit, cancel, delete",
		[BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("cancel", BILL.ref, (0,)),
			UserAction("delete", BILL.ref, (1,)),
		],
		bounds,
	)


def rename(bounds: Bounds) -> Scenario:
	"""A submitted bill is renamed at any time, also while a worker has its row."""
	return Scenario(
		"bill: submit, rename",
		[BILL],
		[UserAction("submit", BILL.ref), UserAction("rename", BILL.ref, (0,))],
		bounds,
	)


def copied_elsewhere(bounds: Bounds) -> Scenario:
	"""A backup with its configuration is restored to staging, where the bill is cancelled and another one submitted."""
	return _copied(bounds, "restore a backup elsewhere")


def copied_under_the_same_name(bounds: Bounds) -> Scenario:
	"""The same on another machine, where the site has the same name but its own configuration."""
	return _copied(bounds, "restore a backup under the same name")


def _copied(bounds: Bounds, how: str) -> Scenario:
	return Scenario(
		f"bill: submit, {how}, cancel there",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction(how, BILL.ref, (0,)),
			UserAction("cancel on the copy", BILL.ref, (1,)),
			UserAction("submit on the copy", SECOND_BILL.ref, (1,)),
		],
		bounds,
	)


def link_to(document: ErpDocument) -> str:
	"""The link that Xero has of a document once it was sent."""
	assert document.created is not None
	return link(f"https://{SITE}", document_key(document.ref, document.created))


def in_xero(xero_type: XeroType, number: str, url: str) -> XeroDocument:
	"""An approved document of 115.00 with nothing applied."""
	document = XeroDocument(
		xero_type=xero_type,
		id=f"{xero_type.value}/{number}/there",
		number=number,
		status="AUTHORISED",
		contact_id="contact-CUST-1" if xero_type.is_sales else "contact-OTHER",
		contact_name="",
		currency="NZD",
		total=Decimal("115.00"),
		total_tax=Decimal("15.00"),
		url=url,
		amount_due=Decimal("115.00"),
	)
	return replace(document, contact_id="contact-SUPP-1") if url and not xero_type.is_sales else document
