"""What people change in Xero is found, and what is Xero's own is not: against the sandbox, with the calls counted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.request import Request, urlopen

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import from_json
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.compare import changed_in_xero, follow
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.stage import Stage
from tests.sync.test_allocate import returned, submitted, wire

LINE = {"Description": "Changed", "Quantity": "1", "AccountCode": "200", "TaxType": "OUTPUT2"}


def edit(stage: Stage, document: DocumentRef, **fields: object) -> None:
	"""Somebody edits the document in Xero, here through the API."""
	entry = wire(stage, document)
	id_ = entry.get("InvoiceID") or entry["CreditNoteID"]
	collection = "Invoices" if "InvoiceID" in entry else "CreditNotes"
	token = stage.admin.mint(stage.tenant)["access_token"]
	request = Request(
		f"{stage.sandbox.url}/api.xro/2.0/{collection}/{id_}?unitdp=4",
		json.dumps(fields).encode(),
		{
			"Authorization": f"Bearer {token}",
			"xero-tenant-id": stage.tenant,
			"Content-Type": "application/json",
			"Accept": "application/json",
		},
		method="POST",
	)
	with urlopen(request) as response:
		assert response.status == 200


def findings(stage: Stage, since: datetime, merged: dict[str, str] | None = None) -> dict[str, str]:
	"""By the ERPNext name, what is found of the documents that changed since then."""
	erp = stage.erp
	xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, erp.database.path, erp.clock)
	rows = {row["xero_id"]: row for row in erp.database.rows("SELECT * FROM xero_document")}
	found = {}
	for xero_type in XeroType:
		for document in xero.changed_since(xero_type, since):
			row = rows.get(document.id)
			sent = from_json(row["figures"]) if row else None
			if row and sent and (change := changed_in_xero(sent, row["number"], document, merged or {})):
				found[row["document"]] = str(change)
	return found


def invoices(stage: Stage, count: int) -> list[DocumentRef]:
	return [submitted(stage, samples.sales_invoice(stage.erp)) for _ in range(count)]


def test_each_change_is_named_and_nothing_else_is(stage: Stage) -> None:
	"""The first six are changed; of the others only what is Xero's own."""
	documents = invoices(stage, 12)
	bill = submitted(stage, samples.bill(stage.erp))
	credit_note = returned(stage, submitted(stage, samples.sales_invoice(stage.erp)), qty=Decimal(1))
	stage.put_forward(timedelta(minutes=2))
	since = stage.erp.clock.now()
	assert findings(stage, since) == {}
	other = submitted(stage, samples.sales_invoice(stage.erp, "Kowhai Gardens"))
	contact = wire(stage, other)["Contact"]["ContactID"]
	number, date, amount, account, tax, party, *untouched = documents
	edit(stage, number, InvoiceNumber="INV-77")
	edit(stage, date, Date="2026-07-16")
	edit(stage, amount, LineItems=[LINE | {"UnitAmount": "300.00"}])
	edit(stage, account, LineItems=[LINE | {"UnitAmount": "299.00", "AccountCode": "260"}])
	edit(stage, tax, LineItems=[LINE | {"UnitAmount": "299.00", "TaxType": "ZERORATED"}])
	edit(stage, party, Contact={"ContactID": contact})
	edit(stage, bill, LineItems=[LINE | {"UnitAmount": "500", "AccountCode": "300", "TaxType": "INPUT2"}])
	stage.admin.act(stage.tenant, "pay", number=untouched[0].name)
	edit(stage, untouched[1], DueDate="2026-12-24")
	edit(stage, untouched[2], Reference="PO 9")
	edit(stage, untouched[3], SentToContact=True)
	edit(stage, untouched[4], LineItems=[LINE | {"UnitAmount": "299.00"}])
	stage.admin.act(stage.tenant, "edit", number=credit_note.name, description="Another text")
	before = stage.admin.marker()
	found = findings(stage, since)
	assert stage.admin.count(before) == len(XeroType)
	advice = " Change it back in Xero, or cancel and amend it here; if the change is intended, mark this as handled."
	assert all(said.endswith(advice) for said in found.values())
	found = {name: said.removesuffix(advice) for name, said in found.items()}
	assert found == {
		number.name: f"Changed in Xero since it was sent: number INV-77 instead of {number.name}.",
		date.name: "Changed in Xero since it was sent: date 2026-07-16 instead of 2026-07-15.",
		amount.name: found[amount.name],
		account.name: found[account.name],
		tax.name: found[tax.name],
		party.name: "Changed in Xero since it was sent: contact Kowhai Gardens.",
		bill.name: found[bill.name],
	}
	assert "total 345.00 instead of 343.85" in found[amount.name]
	assert "299.00 instead of 0.00 on account 260" in found[account.name]
	assert "OUTPUT2 tax 0.00 instead of 44.85" in found[tax.name]
	assert "total 575.00 instead of 473.80" in found[bill.name]


def test_a_difference_is_gone_when_the_two_agree_again(stage: Stage) -> None:
	(document,) = invoices(stage, 1)
	stage.put_forward(timedelta(minutes=2))
	since = stage.erp.clock.now()
	edit(stage, document, Date="2026-07-16")
	assert list(findings(stage, since)) == [document.name]
	edit(stage, document, Date="2026-07-15")
	assert findings(stage, since) == {}


def test_a_merged_contact_is_no_difference(stage: Stage) -> None:
	(document,) = invoices(stage, 1)
	other = submitted(stage, samples.sales_invoice(stage.erp, "Kowhai Gardens"))
	merged = wire(stage, document)["Contact"]["ContactID"]
	into = wire(stage, other)["Contact"]["ContactID"]
	stage.put_forward(timedelta(minutes=2))
	since = stage.erp.clock.now()
	stage.admin.act(stage.tenant, "merge_contact", contact_id=merged, into=into)
	edit(stage, document, Reference="Touched")
	assert "contact" in findings(stage, since)[document.name]
	assert findings(stage, since, {merged: into}) == {}


def test_merges_are_followed_to_the_end_and_a_circle_ends() -> None:
	assert follow("a", {"a": "b", "b": "c"}) == "c"
	assert follow("a", {"a": "b", "b": "a"}) in ("a", "b")
	assert follow("x", {"a": "b"}) == "x"


def test_a_voided_document_is_left_to_the_orphan_check(stage: Stage) -> None:
	(document,) = invoices(stage, 1)
	stage.put_forward(timedelta(minutes=2))
	since = stage.erp.clock.now()
	edit(stage, document, Date="2026-07-16")
	stage.admin.act(stage.tenant, "void", number=document.name)
	assert findings(stage, since) == {}
