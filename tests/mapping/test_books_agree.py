"""For any ERPNext document, Xero's books equal ERPNext's to the cent, or the document is refused with a sentence.

Besides the documents that Hypothesis generates, MAPPING_EXAMPLES seeded documents are checked (default 3000). Their
seeds begin at MAPPING_SEED (default 0).
"""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.tests.erpnext_documents import ITEM_TAX_TYPES, RATES, Case, random_case
from tests.mapping.xero_ledger import xero_totals

SEEDED_DOCUMENTS = int(os.environ.get("MAPPING_EXAMPLES", "3000"))
FIRST_SEED = int(os.environ.get("MAPPING_SEED", "0"))
CENT = Decimal("0.01")


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_any_document_agrees_or_is_refused(random: Random) -> None:
	check(random_case(random))


def test_seeded_documents_agree_or_are_refused() -> None:
	outcomes: Counter[str] = Counter()
	for seed in range(FIRST_SEED, FIRST_SEED + SEEDED_DOCUMENTS):
		try:
			outcomes[check(random_case(Random(seed)))] += 1
		except AssertionError as error:
			error.add_note(f"random_case(Random({seed}))") if hasattr(error, "add_note") else None
			raise
	assert outcomes["equal"] > SEEDED_DOCUMENTS * 0.85, outcomes
	assert outcomes["refused"] > 0, outcomes


def check(case: Case) -> str:
	"""Assert that the document is equal in both books, or is refused for a reason."""
	try:
		payload = map_document(case.document, case.mapping_settings)
	except CannotMap as refused:
		assert case.unsupported, f"refused without a reason: {refused}"
		assert all(str(sentence) for sentence in refused.sentences)
		return "refused"
	assert not case.unsupported, f"sent, although it holds {set(case.unsupported)}"
	document, invoice = case.document, case.invoice
	sign = -1 if document.is_return else 1
	xero = xero_totals(payload.body, RATES)
	taxes = [tax for tax in invoice.taxes if tax.account not in case.mapping_settings.charge_accounts]
	expected_tax = sign * sum((tax.in_total(tax.after_discount) for tax in taxes), Decimal(0))
	expected_total = sign * (invoice.rounded_total or invoice.grand_total)
	assert xero.total == expected_total
	assert xero.total_tax == expected_tax
	assert xero.sub_total == expected_total - expected_tax
	assert (payload.sub_total, payload.total_tax, payload.total) == (
		xero.sub_total,
		xero.total_tax,
		xero.total,
	)
	assert {k: v for k, v in payload.tax_by_type.items()} == xero.tax_by_type
	for tax_type, tax in xero.tax_by_type.items():
		assert tax == 0 or RATES[tax_type], f"tax on {tax_type}"
	_lines_are_the_items(case, payload.body, sign)
	return "equal"


def _lines_are_the_items(case: Case, body: dict, sign: int) -> None:
	"""Compare each line: net amount, tax type, and a tax within the cents that rounding explains."""
	slack = CENT * (len(case.invoice.items) + 3)
	for item, line in zip(case.invoice.items, body["LineItems"], strict=False):
		net = sign * item.net_amount
		assert abs(line["Quantity"] * line["UnitAmount"] - net) <= CENT / 2
		if item.item_tax_template:
			assert line["TaxType"] == ITEM_TAX_TYPES[item.item_tax_template]
		if "TaxAmount" in line:
			assert abs(line["TaxAmount"] - net * RATES[line["TaxType"]] / 100) <= slack


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_repeats_its_document(seed: int) -> None:
	assert random_case(Random(seed)).document == random_case(Random(seed)).document
