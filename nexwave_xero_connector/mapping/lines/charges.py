"""Lines other than items: freight and other charges, cash discount, rounding."""

from __future__ import annotations

from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument, TaxRow
from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.lines.description import line_description
from nexwave_xero_connector.mapping.lines.items import default_account
from nexwave_xero_connector.mapping.links import link_to_document
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.tax.charged import in_total, is_charge
from nexwave_xero_connector.sentence import DocLink, Sentence, _

MAX_WITHOUT_A_ROW = Decimal("0.5")
"""In company currency. Inclusive tax and discounts on the grand total leave a difference between the grand total and
the rows. ERPNext books up to this amount to the round-off account, and does not submit a document with a larger one."""


def charge_lines(document: ErpDocument, settings: MappingSettings) -> list[Line]:
	"""A line for each charge in the total; valuation-only rows are not sent."""
	return [
		_charge_line(row, document, settings)
		for row in document.taxes
		if is_charge(row, settings.charge_accounts) and row.amount
	]


def cash_discount_lines(document: ErpDocument, settings: MappingSettings) -> list[Line]:
	"""A cash discount reduces only the grand total, not net amounts or tax, so it is an untaxed line."""
	if not document.is_cash_discount or not document.discount_amount:
		return []
	return [
		_line_without_tax(
			Source.CASH_DISCOUNT,
			Sentence(_("cash discount")),
			"Discount",
			-document.discount_amount,
			document,
			account=document.discount_account,
			default_account=settings.discount_account,
			default_field="discount_account",
		)
	]


def rounding_lines(
	document: ErpDocument, settings: MappingSettings, lines: list[Line]
) -> list[Line] | Sentence:
	"""The difference between the lines and the total in the ledger: rounding adjustment, and cents that have no row.

	ERPNext books both to the round-off account. A Sentence if the difference is more than rounding explains.
	"""
	of_lines = sum((line.amount for line in lines), ZERO)
	of_taxes = sum(
		(in_total(row) for row in document.taxes if row.account not in settings.charge_accounts), ZERO
	)
	missing = document.total - of_lines - of_taxes
	without_row = document.grand_total - of_lines - of_taxes
	if abs(without_row) * document.conversion_rate > MAX_WITHOUT_A_ROW:
		return Sentence(
			_(
				"The grand total of {document} is {grand_total}, but its rows add up to {rows}. No row explains"
				" the difference of {difference}, so it cannot be sent to Xero. Cancel and amend the document"
				" so that ERPNext recalculates it."
			),
			document=link_to_document(document.ref),
			grand_total=document.grand_total,
			rows=of_lines + of_taxes,
			difference=without_row,
		)
	if not missing:
		return []
	return [
		_line_without_tax(
			Source.ROUNDING,
			Sentence(_("rounding")),
			"Rounding",
			missing,
			document,
			account="",
			default_account=settings.rounding_account,
			default_field="rounding_account",
		)
	]


def _charge_line(row: TaxRow, document: ErpDocument, settings: MappingSettings) -> Line:
	code, field = default_account(document, settings)
	amount = in_total(row)
	return Line(
		parts=tuple((Source.CHARGE, row.idx, item.idx) for item in document.items),
		subject=DocLink("Account", row.account),
		amount=amount,
		quantity=Decimal(1),
		unit_amount=amount,
		description=line_description(row.description, row.account),
		account=row.account,
		default_account=code,
		default_field=field,
		dimensions={**document.dimensions, **row.dimensions},
		charge=row,
	)


def _line_without_tax(
	source: Source,
	subject: Sentence,
	description: str,
	amount: Decimal,
	document: ErpDocument,
	*,
	account: str,
	default_account: str,
	default_field: str,
) -> Line:
	return Line(
		parts=((source, 0, 0),),
		subject=subject,
		amount=amount,
		quantity=Decimal(1),
		unit_amount=amount,
		description=description,
		account=account,
		default_account=default_account,
		default_field=default_field,
		dimensions=document.dimensions,
	)
