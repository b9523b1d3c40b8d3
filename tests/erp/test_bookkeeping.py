"""The embedded ERP books the same as ERPNext."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from sandbox.erp import samples
from sandbox.erp.desk import NotAllowed
from sandbox.erp.drafts import Line
from sandbox.erp.embedded_erp import EmbeddedErp


@pytest.fixture
def erp(tmp_path: Path):
	erp = EmbeddedErp(tmp_path / "erp.sqlite")
	samples.set_up_company(erp)
	yield erp
	erp.close()


def read(erp: EmbeddedErp, document: DocumentRef):
	return erp.documents.read([document])[document]


def test_gst_on_net_total(erp: EmbeddedErp) -> None:
	document = read(erp, samples.sales_invoice(erp))
	assert (document.net_total, document.taxes[0].amount, document.grand_total) == (
		Decimal("299.00"),
		Decimal("44.85"),
		Decimal("343.85"),
	)


def test_gst_on_freight_too(erp: EmbeddedErp) -> None:
	"""149.50 + 99.99 + 25.00 freight = 274.49, and 15% of that is 41.1735."""
	document = read(erp, samples.sales_invoice_with_freight(erp))
	assert [row.amount for row in document.taxes] == [Decimal("25.00"), Decimal("41.17")]
	assert document.grand_total == Decimal("315.66")


def test_half_a_cent_of_tax_is_rounded_to_even(erp: EmbeddedErp) -> None:
	"""15% of 123.50 is 18.525, which ERPNext books as 18.52."""
	document = read(erp, samples.sales_invoice(erp, qty=1, rate="123.50"))
	assert document.taxes[0].amount == Decimal("18.52")


def test_an_items_own_rate_wins(erp: EmbeddedErp) -> None:
	lines = [Line("BENCH", Decimal(1), Decimal(100)), Line("RENT", Decimal(1), Decimal(100))]
	document = read(
		erp,
		erp.drafts.invoice(
			"Sales Invoice", samples.COMPANY, "Harbour Cafe", lines, samples.POSTED_ON, samples.SALES_GST
		),
	)
	assert document.taxes[0].amount == Decimal("15.00")


def test_a_return_is_the_original_with_opposite_signs(erp: EmbeddedErp) -> None:
	original = samples.sales_invoice_with_freight(erp)
	document = read(erp, erp.drafts.return_of(original))
	assert document.is_return
	assert document.return_against == original.name
	assert document.items[0].qty == Decimal(-1)
	assert document.grand_total == -read(erp, original).grand_total


def test_a_partial_return(erp: EmbeddedErp) -> None:
	original = samples.sales_invoice(erp, qty=2)
	document = read(erp, erp.drafts.return_of(original, qty=Decimal(1)))
	assert (document.items[0].qty, document.net_total) == (Decimal(-1), Decimal("-149.50"))
	assert document.grand_total == Decimal("-171.92")


def test_names_count_up_and_an_amendment_keeps_its_name(erp: EmbeddedErp) -> None:
	first, second = samples.sales_invoice(erp), samples.sales_invoice(erp)
	assert (first.name, second.name) == ("ACC-SINV-2026-00001", "ACC-SINV-2026-00002")
	erp.desk.submit(first)
	erp.desk.cancel(first)
	amended = erp.drafts.amendment_of(first)
	assert amended.name == "ACC-SINV-2026-00001-1"
	assert read(erp, amended).docstatus == 0


def test_docstatus_only_goes_forward(erp: EmbeddedErp) -> None:
	document = samples.bill(erp)
	with pytest.raises(NotAllowed):
		erp.desk.cancel(document)
	erp.desk.submit(document)
	with pytest.raises(NotAllowed):
		erp.desk.delete(document)
	erp.desk.cancel(document)
	with pytest.raises(NotAllowed):
		erp.desk.submit(document)


def test_a_document_before_the_start_date_is_not_sent(erp: EmbeddedErp) -> None:
	lines = [Line("BENCH", Decimal(1), Decimal(10))]
	early = erp.drafts.invoice(
		"Sales Invoice", samples.COMPANY, "Harbour Cafe", lines, samples.POSTED_ON.replace(month=3)
	)
	erp.desk.submit(early)
	assert erp.log.of(early) == []


def test_orphans_are_cancelled_here_and_live_in_xero(erp: EmbeddedErp) -> None:
	"""This is only what the log says; the Void asks Xero whether it is true."""
	document = samples.sales_invoice(erp)
	erp.desk.submit(document)
	erp.database.execute(
		"UPDATE sync_log SET status = 'Success', open_key = NULL, due_at = NULL, xero_id = 'x'"
	)
	assert erp.desk.orphans(samples.COMPANY) == []
	erp.desk.cancel_unnoticed(document)
	assert erp.desk.orphans(samples.COMPANY) == [document]
	assert erp.desk.retry(document)
	assert erp.desk.orphans(samples.COMPANY) == []


def test_the_clock_is_moved_forward_for_everybody(erp: EmbeddedErp, tmp_path: Path) -> None:
	other = EmbeddedErp(tmp_path / "erp.sqlite")
	before = other.clock.now()
	erp.clock.put_forward(timedelta(hours=1))
	erp.clock.put_forward(timedelta(hours=1))
	assert other.clock.now() >= before + timedelta(hours=2)
	other.close()
