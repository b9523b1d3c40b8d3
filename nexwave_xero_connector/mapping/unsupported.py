"""What a Xero document cannot hold, whatever the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument, TaxRow
from nexwave_xero_connector.mapping.errors import LineReason
from nexwave_xero_connector.mapping.header import (
	currency_problem,
	date_problem,
	document_number,
	number_problem,
)
from nexwave_xero_connector.mapping.links import link_to_document, link_to_item, link_to_settings
from nexwave_xero_connector.mapping.money import has_only_cents
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.tax.charged import TAX_ACCOUNT, is_charge, is_tax
from nexwave_xero_connector.sentence import DocLink, Sentence, _

MAX_AMOUNT = Decimal("9999999999.99")
"""The largest amount of a line in Xero (documented by Xero)."""


def unsupported(document: ErpDocument, settings: MappingSettings) -> Iterator[Sentence | LineReason]:
	"""Every reason why the document (with Xero's signs) cannot be sent, apart from mapping and tax rates."""
	problems = (
		currency_problem(document, settings),
		number_problem(document, document_number(document, settings)),
		date_problem(document, settings),
	)
	yield from (problem for problem in problems if problem is not None)
	if document.total < 0:
		yield _negative_total(document)
	for subject, amount in _amounts_of_lines(document, settings):
		yield from _more_than_cents(subject, amount, document)
		yield from _too_large(subject, amount, document)
	for tax in document.taxes:
		if tax.category != "Valuation":
			if is_tax(tax, settings.charge_accounts):
				yield from _more_than_cents(DocLink("Account", tax.account), tax.amount, document)
			yield from _deducted(tax, document, settings)
	yield from _more_than_cents(Sentence(_("the total")), document.total, document)


def _amounts_of_lines(
	document: ErpDocument, settings: MappingSettings
) -> Iterator[tuple[DocLink | Sentence | str, Decimal]]:
	yield from ((link_to_item(row), row.net_amount) for row in document.items)
	for row in document.taxes:
		if is_charge(row, settings.charge_accounts):
			yield DocLink("Account", row.account), row.amount
	if document.is_cash_discount:
		yield Sentence(_("cash discount")), document.discount_amount


def _negative_total(document: ErpDocument) -> Sentence:
	template = (
		_(
			"The total of return {document} is positive ({total}), so the credit note would be negative, which"
			" Xero does not accept. Cancel it and enter the amount owed as an invoice."
		)
		if document.is_return
		else _(
			"The total of {document} is {total}, and Xero does not accept a negative total. Cancel it and"
			" enter it as a return instead."
		)
	)
	total = -document.total if document.is_return else document.total
	return Sentence(template, document=link_to_document(document.ref), total=total)


def _more_than_cents(
	subject: DocLink | Sentence | str, amount: Decimal, document: ErpDocument
) -> Iterator[LineReason]:
	if not has_only_cents(amount):
		yield LineReason(
			Sentence(
				_(
					"Xero keeps only two decimals of an amount, but {document} has more: {lines}. Cancel and amend it"
					" so that its amounts have two decimals; or enter it in Xero by hand, and mark this as handled."
				),
				document=link_to_document(document.ref),
			),
			Sentence(_("{amount} of {subject}"), amount=amount, subject=subject),
		)


def _too_large(
	subject: DocLink | Sentence | str, amount: Decimal, document: ErpDocument
) -> Iterator[LineReason]:
	if abs(amount) > MAX_AMOUNT:
		yield LineReason(
			Sentence(
				_(
					"The largest amount of a line in Xero is {largest}, but {document} has {lines}. Cancel it, and"
					" split that line in an amended document."
				),
				largest=MAX_AMOUNT,
				document=link_to_document(document.ref),
			),
			Sentence(_("{amount} of {subject}"), amount=amount, subject=subject),
		)


def _deducted(row: TaxRow, document: ErpDocument, settings: MappingSettings) -> Iterator[Sentence]:
	if row.is_tax_withholding and row.amount:
		yield Sentence(
			_(
				"{document} withholds tax at source ({account}, {amount}), and an invoice or bill in Xero has no place"
				" for that. Cancel and amend it without that row, and record what is withheld with the payment; or"
				" enter it in Xero by hand, and mark this as handled."
			),
			document=link_to_document(document.ref),
			account=DocLink("Account", row.account),
			amount=row.amount,
		)
	elif not row.deducted or not row.amount or not is_tax(row, settings.charge_accounts):
		return
	elif row.account_type == TAX_ACCOUNT:
		yield Sentence(
			_(
				"{document} deducts {amount} in its taxes ({account}), but Xero cannot deduct a tax. Enter the"
				" document in Xero by hand, and mark this as handled."
			),
			document=link_to_document(document.ref),
			account=DocLink("Account", row.account),
			amount=row.amount,
		)
	else:
		yield Sentence(
			_(
				"{document} deducts {amount} in its taxes ({account}), but Xero cannot deduct a tax. If it is"
				" a discount or charge, not a tax, add {account} to the charges in {settings}; otherwise enter"
				" the document in Xero by hand, and mark this as handled."
			),
			document=link_to_document(document.ref),
			account=DocLink("Account", row.account),
			amount=row.amount,
			settings=link_to_settings(settings, "charge_mapping"),
		)
