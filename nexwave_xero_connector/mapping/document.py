"""Map an ERPNext invoice to a Xero document that equals it to the cent, or refuse it with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.body import body, line_item
from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.header import document_date, document_number
from nexwave_xero_connector.mapping.lines.mapped import MappedLine, mapped_lines
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.signs import in_xero_signs
from nexwave_xero_connector.mapping.tax.agreement import charged_on
from nexwave_xero_connector.mapping.tax.charged import ChargedRow, rows_charged
from nexwave_xero_connector.mapping.tax.rounding import spread
from nexwave_xero_connector.mapping.totals import compare, line_tax, predict
from nexwave_xero_connector.sentence import Sentence, _


def map_document(document: ErpDocument, settings: MappingSettings) -> XeroPayload:
	"""What is sent to Xero for the document, except for its contact.

	Raises CannotMap with every reason if something is not mapped, or if Xero cannot hold the document exactly.
	"""
	document = in_xero_signs(document)
	charged = rows_charged(document, settings.charge_accounts)
	lines, taxes = mapped_lines(document, settings, charged)
	tax_of_lines = _tax_of_lines(lines, taxes)
	line_items = [line_item(line, tax) for line, tax in zip(lines, tax_of_lines, strict=True)]
	totals = predict(line_items, settings.tax_rates)
	compare(document, sum((tax.row.amount for tax in taxes), ZERO), totals)
	return XeroPayload(
		xero_type=document.xero_type,
		number=document_number(document, settings),
		date=document_date(document, settings),
		currency=document.currency,
		total=totals.total,
		total_tax=totals.total_tax,
		body=body(document, settings, line_items),
		decisions=tuple(_decision(line) for line in lines),
		sub_total=totals.sub_total,
		tax_by_type=totals.tax_by_type,
		names=_names(lines, settings),
	)


def _names(lines: Sequence[MappedLine], settings: MappingSettings) -> dict[str, str]:
	accounts = [line.account.account for line in lines]
	names = {account.id: account.code for account in accounts if account.id}
	return names | {
		option.option_id: option.option for option in settings.tracking.values() if option.option_id
	}


def _tax_of_lines(lines: Sequence[MappedLine], taxes: Sequence[ChargedRow]) -> list[Decimal]:
	"""Each line's tax in cents. Together they are what ERPNext charged; each is Xero's own result where possible."""
	exact = [[charged_on(line.line, tax) for line in lines] for tax in taxes]
	in_cents = [ZERO for _line in lines]
	for tax, shares in zip(taxes, exact, strict=True):
		start = [
			line_tax(mapped.line.amount, mapped.tax.rate) if _is_only(share, of_all) else None
			for mapped, share, of_all in zip(lines, shares, zip(*exact, strict=True), strict=True)
		]
		for line, cents in enumerate(spread(tax.row.amount, shares, start)):
			in_cents[line] += cents
	return in_cents


def _is_only(share: Decimal, of_all_taxes: Sequence[Decimal]) -> bool:
	return share == sum(of_all_taxes, ZERO) and len([tax for tax in of_all_taxes if tax]) == 1


def _decision(mapped: MappedLine) -> Sentence:
	return Sentence(
		_("{subject} {amount}: account {code} from {account_reason}; tax {tax_type} from {tax_reason}."),
		subject=mapped.line.subject,
		amount=mapped.line.amount,
		code=mapped.account.account.code,
		account_reason=mapped.account.reason,
		tax_type=mapped.tax.rate.tax_type,
		tax_reason=mapped.tax.reason,
	)
