"""Only a row that will be retried says so: the same error on a button is tried once."""

from __future__ import annotations

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.errors import Unavailable
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.stage import Stage


def test_a_row_says_that_it_is_retried_and_the_error_itself_does_not(stage: Stage) -> None:
	erp = stage.erp
	invoice = samples.sales_invoice(erp)
	erp.desk.submit(invoice)
	stage.admin.fault("unavailable", path="/invoices", status=503, count=20)
	xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, erp.database.path, erp.clock)
	drain(samples.COMPANY, erp.outbox, erp.documents, xero, Policy())
	row = erp.log.latest(invoice)
	assert row["status"] == "Queued"
	assert row["sentence"].endswith("It will be sent automatically once Xero responds.")
	with pytest.raises(Unavailable) as caught:
		xero.find(XeroType.ACCREC, ["ANY"])
	assert "retried" not in str(caught.value) and "automatically" not in str(caught.value)
