"""Predict the totals that Xero will calculate, and compare them with ERPNext's.

Xero rounds each line half up to the cent, then adds the lines up (documented by Xero).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.links import link_to_document
from nexwave_xero_connector.mapping.money import ZERO, to_cents
from nexwave_xero_connector.mapping.settings import XeroTaxRate
from nexwave_xero_connector.sentence import Sentence, _


@dataclass(frozen=True, slots=True)
class Totals:
	"""A document's totals in its own currency. `tax_by_type` has every tax type that a line uses."""

	sub_total: Decimal
	tax_by_type: Mapping[str, Decimal]
	total_tax: Decimal
	total: Decimal


def line_amount(quantity: Decimal, unit_amount: Decimal) -> Decimal:
	return to_cents(quantity * unit_amount)


def line_tax(amount: Decimal, rate: XeroTaxRate) -> Decimal:
	"""The tax that Xero adds to a line if no TaxAmount is sent."""
	return to_cents(amount * rate.rate / 100)


def predict(line_items: Sequence[Mapping[str, object]], tax_rates: Mapping[str, XeroTaxRate]) -> Totals:
	"""The totals that Xero will return, for lines exclusive of tax."""
	sub_total = ZERO
	tax_by_type: dict[str, Decimal] = {}
	for line in line_items:
		amount = line_amount(Decimal(str(line["Quantity"])), Decimal(str(line["UnitAmount"])))
		tax_type = str(line["TaxType"])
		tax = (
			Decimal(str(line["TaxAmount"])) if "TaxAmount" in line else line_tax(amount, tax_rates[tax_type])
		)
		sub_total += amount
		tax_by_type[tax_type] = tax_by_type.get(tax_type, ZERO) + tax
	total_tax = sum(tax_by_type.values(), ZERO)
	return Totals(sub_total, tax_by_type, total_tax, sub_total + total_tax)


def compare(document: ErpDocument, total_tax: Decimal, xero: Totals) -> None:
	"""Raise CannotMap if Xero would calculate another total or tax than ERPNext."""
	if (xero.total, xero.total_tax) == (document.total, total_tax):
		return
	difference = Sentence(
		_(
			"Xero would calculate a total of {xero_total} with {xero_tax} tax for {document}, but ERPNext has"
			" {total} with {tax} tax: a difference of {difference}. Enter the document in Xero by hand, mark this as"
			" handled, and report it to the connector's support with the document's rows."
		),
		document=link_to_document(document.ref),
		xero_total=xero.total,
		xero_tax=xero.total_tax,
		total=document.total,
		tax=total_tax,
		difference=max(abs(xero.total - document.total), abs(xero.total_tax - total_tax)),
	)
	raise CannotMap([difference])
