"""What ERPNext's payment ledger says about returns: what each has been set against since it was submitted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import frappe

from nexwave_xero_connector.erp.documents.decimals import decimal_of, exactly
from nexwave_xero_connector.mapping.erp_document import DocumentRef, SetAgainst

LEDGER = "Payment Ledger Entry"
CENT = Decimal("0.01")
COLUMNS = "voucher_type voucher_no against_voucher_type against_voucher_no account_currency".split()


def set_against(doctype: str, returns: Sequence[frappe._dict]) -> dict[str, tuple[SetAgainst, ...]]:
	"""By the return's name: the Journal Entries of Payment Reconciliation, and the Payment Entries of refunds.

	`returns`: name, currency and conversion_rate of each. Not what a return itself reduces its invoice's balance by.
	"""
	by_name = {row.name: row for row in returns}
	if not by_name:
		return {}
	used = [
		entry
		for entry in _entries("against_voucher_no", by_name, against_voucher_type=doctype)
		if entry.voucher_no != entry.against_voucher_no
	]
	vouchers: dict[DocumentRef, list[frappe._dict]] = defaultdict(list)
	for entry in _entries("voucher_no", {entry.voucher_no for entry in used}):
		vouchers[DocumentRef(entry.voucher_type, entry.voucher_no)].append(entry)
	found: dict[str, list[SetAgainst]] = defaultdict(list)
	for name, voucher in dict.fromkeys(
		(entry.against_voucher_no, DocumentRef(entry.voucher_type, entry.voucher_no)) for entry in used
	):
		found[name] += _of_voucher(DocumentRef(doctype, name), by_name[name], voucher, vouchers[voucher])
	return {name: tuple(parts) for name, parts in found.items()}


def _of_voucher(
	return_: DocumentRef, row: frappe._dict, voucher: DocumentRef, entries: Iterable[frappe._dict]
) -> list[SetAgainst]:
	"""What a voucher does with one return. Several returns and invoices together cannot be told apart."""
	amounts = _amounts(entries)
	used = amounts.pop(return_, Decimal(0))
	opposite = {
		ref: -amount
		for ref, amount in amounts.items()
		if ref.doctype == return_.doctype and amount * used < 0
	}
	same = [ref for ref, amount in amounts.items() if ref.doctype == return_.doctype and amount * used > 0]
	total, given = abs(used), sum((abs(amount) for amount in opposite.values()), Decimal(0))
	parts = []
	if not same and (len(opposite) == 1 or given <= total):
		for ref, amount in opposite.items():
			parts.append(SetAgainst(_in_currency(min(abs(amount), total), row), voucher, ref))
	rest = _in_currency(total, row) - sum((part.amount for part in parts), Decimal(0))
	if rest > 0:
		parts.append(SetAgainst(rest, voucher))
	return parts


def _amounts(entries: Iterable[frappe._dict]) -> dict[DocumentRef, Decimal]:
	amounts: dict[DocumentRef, Decimal] = defaultdict(Decimal)
	for entry in entries:
		against = DocumentRef(entry.against_voucher_type, entry.against_voucher_no)
		amounts[against] += decimal_of(entry.amount_in_account_currency)
	return amounts


def _in_currency(amount: Decimal, row: frappe._dict) -> Decimal:
	"""In the return's currency: the party's account may be in the company's own."""
	if row.party_account_currency in (None, "", row.currency):
		return amount
	return (amount / decimal_of(row.conversion_rate)).quantize(CENT)


def _entries(column: str, values: Iterable[str] | Mapping[str, object], **other: str) -> list[frappe._dict]:
	names = list(values)
	if not names:
		return []
	ledger = frappe.qb.DocType(LEDGER)
	query = (
		frappe.qb.from_(ledger)
		.select(*(ledger[name] for name in COLUMNS), exactly(ledger.amount_in_account_currency))
		.where(ledger[column].isin(names) & (ledger.delinked == 0))
		.orderby(ledger.creation, ledger.name)
	)
	for name, value in other.items():
		query = query.where(ledger[name] == value)
	return query.run(as_dict=True)
