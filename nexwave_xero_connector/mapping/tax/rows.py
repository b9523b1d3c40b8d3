"""Tax rows whose amount in ERPNext does not follow from the document's own rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import LineReason
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.links import link_to_document
from nexwave_xero_connector.mapping.money import CENT, ZERO, to_cents
from nexwave_xero_connector.mapping.tax.charged import ChargedRow
from nexwave_xero_connector.mapping.tax.rounding import is_explained
from nexwave_xero_connector.sentence import DocLink, Sentence, _


def tax_row_problems(
	document: ErpDocument, taxes: Sequence[ChargedRow], lines: Sequence[Line]
) -> Iterator[Sentence | LineReason]:
	"""A sentence for each tax row that the document's rates do not explain."""
	parts = {part for line in lines for part in line.parts}
	for tax in taxes:
		if sum((abs(share) for part, share in tax.shares.items() if part not in parts), ZERO) >= CENT:
			yield _charged_on_nothing(document, tax)
		elif not is_explained(tax):
			yield _unexplained(document, tax)
		else:
			yield from _other_by_item(document, tax)


def _charged_on_nothing(document: ErpDocument, tax: ChargedRow) -> Sentence:
	return Sentence(
		_(
			"Tax row {idx} of {document} ({account}, {amount}) is charged on another row that is not in the document's"
			" total (category Valuation), so Xero has no line for it. Cancel and amend the document so that the other"
			" row has the category Valuation and Total; or enter it in Xero by hand, and mark this as handled."
		),
		idx=tax.row.idx,
		document=link_to_document(document.ref),
		account=DocLink("Account", tax.row.account),
		amount=tax.row.amount,
	)


def _unexplained(document: ErpDocument, tax: ChargedRow) -> Sentence:
	return Sentence(
		_(
			"Tax row {idx} of {document} ({account}) is {amount}, but its rates give {computed} on the lines. {advice}"
		),
		idx=tax.row.idx,
		document=link_to_document(document.ref),
		account=DocLink("Account", tax.row.account),
		amount=tax.row.amount,
		computed=to_cents(sum(tax.shares.values(), ZERO)),
		advice=_advice(document, tax),
	)


def at_the_last_rows_rate(document: ErpDocument, account: str) -> Sentence | None:
	"""What to do if ERPNext 16, which alone has tax by item, read the rates of several rows from the last of them."""
	rates = {row.rate for row in document.taxes if row.account == account}
	if len(rates) <= 1 or all(row.by_item is None for row in document.taxes):
		return None
	return Sentence(
		_(
			"Several tax rows are booked to {account}, and ERPNext 16 charges all of them at the rate of the last one."
			" Cancel and amend the document with one tax row for {account}; or enter it in Xero by hand, and mark this"
			" as handled."
		),
		account=DocLink("Account", account),
	)


def _advice(document: ErpDocument, tax: ChargedRow) -> Sentence:
	return at_the_last_rows_rate(document, tax.row.account) or Sentence(
		_(
			"Cancel and amend the document so that ERPNext recalculates it; or enter it in Xero by hand, and mark this"
			" as handled."
		)
	)


def _other_by_item(document: ErpDocument, tax: ChargedRow) -> Iterator[LineReason]:
	"""Compare with ERPNext 16's own tax by item: a difference that rounding does not explain is a rate read wrongly.

	ERPNext keeps these figures in company currency: a cent there is 1 / conversion_rate cents here. It books the
	rounding of all items to the last one. Of an amount by hand it books all to the items with a rate of their own: that
	is no rate that could be read wrongly.
	"""
	if tax.row.by_item is None or tax.row.charge_type == "Actual":
		return
	cent = CENT * max(Decimal(1), 1 / document.conversion_rate)
	for idx, computed in tax.by_item.items():
		booked = tax.row.by_item.get(idx, ZERO)
		if abs(booked - computed) > cent * (len(document.items) + 1):
			yield LineReason(
				Sentence(
					_(
						"The rate of tax row {idx} of {document} ({account}) does not give the tax that ERPNext charged"
						" on {lines}. {advice}"
					),
					idx=tax.row.idx,
					document=link_to_document(document.ref),
					account=DocLink("Account", tax.row.account),
					advice=_advice(document, tax),
				),
				Sentence(
					_("item row {row} ({computed} instead of {booked})"),
					row=idx,
					computed=to_cents(computed),
					booked=to_cents(booked),
				),
			)
