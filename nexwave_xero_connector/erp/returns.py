"""Which invoices a return belongs to: by its ledger, by the delivery that it takes back, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import frappe
from frappe.query_builder import DocType

from nexwave_xero_connector.erp.decimals import CENT, decimal_of, exactly
from nexwave_xero_connector.mapping.erp_document import DocumentRef, SetAgainst

LEDGER = "Payment Ledger Entry"
COLUMNS = "voucher_type voucher_no against_voucher_type against_voucher_no account_currency".split()


@dataclass(frozen=True, slots=True)
class Delivery:
	"""How ERPNext links the rows of invoices and deliveries.

	billed, ordered: of an invoice's row, the row of the delivery or the order that it bills. returned: of a returned
	delivery's row, the one that it takes back. invoiced: of a delivery's row, the invoice's row that came before it.
	"""

	doctype: str
	parent: str
	billed: str
	ordered: str
	returned: str
	invoiced: str


DELIVERIES = {
	"Sales Invoice": Delivery(
		"Delivery Note", "delivery_note", "dn_detail", "so_detail", "dn_detail", "si_detail"
	),
	"Purchase Invoice": Delivery(
		"Purchase Receipt",
		"purchase_receipt",
		"pr_detail",
		"po_detail",
		"purchase_receipt_item",
		"purchase_invoice_item",
	),
}


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


def used_by(voucher: DocumentRef) -> list[DocumentRef]:
	"""What a Journal Entry or Payment Entry is set against now."""
	entries = _entries("voucher_no", [voucher.name], voucher_type=voucher.doctype)
	return [DocumentRef(entry.against_voucher_type, entry.against_voucher_no) for entry in entries]


def billed_by(doctype: str, returns: Sequence[str]) -> dict[str, tuple[str, ...]]:
	"""By the return's name, the invoices that billed what it takes back. For returns without Return Against.

	ERPNext makes these from a returned Delivery Note or Purchase Receipt. A return is missing if any of its rows cannot
	be followed: then it is not known what all of it belongs to.
	"""
	if not returns:
		return {}
	links = DELIVERIES[doctype]
	columns = [links.billed, links.ordered]
	rows = _child_rows(f"{doctype} Item", "parent", returns, ["parent", *columns], doctype)
	taken_back = {row[links.billed] for row in rows if row[links.billed]}
	delivery_item = f"{links.doctype} Item"
	back = _child_rows(delivery_item, "name", taken_back, ["name", links.returned], links.doctype)
	delivered_of = {row.name: row[links.returned] for row in back if row[links.returned]}
	delivered = set(delivered_of.values())
	before = _child_rows(delivery_item, "name", delivered, ["name", links.invoiced], links.doctype)
	invoiced_of = {row.name: row[links.invoiced] for row in before if row[links.invoiced]}
	by_delivery = _billing(doctype, links.billed, delivered)
	by_row = _billing(doctype, "name", set(invoiced_of.values()))
	by_order = _billing(doctype, links.ordered, {row[links.ordered] for row in rows if row[links.ordered]})
	found: dict[str, list[set[str]]] = defaultdict(list)
	for row in rows:
		delivery = delivered_of.get(row[links.billed], "")
		invoices = by_delivery[delivery] | by_row[invoiced_of.get(delivery, "")]
		found[row.parent].append(invoices or by_order[row[links.ordered] or ""])
	return {name: tuple(sorted(set().union(*sets))) for name, sets in found.items() if all(sets)}


def belongs_to(doctype: str, returns: Sequence[str]) -> dict[str, set[str]]:
	"""By the return's name, the invoices that it returns or that ERPNext has set it against."""
	rows = frappe.get_all(
		doctype,
		{"name": ("in", list(returns))},
		["name", "return_against", "currency", "conversion_rate", "party_account_currency"],
	)
	against = set_against(doctype, rows)
	billed = billed_by(doctype, [row.name for row in rows if not row.return_against])
	return {
		row.name: {
			*((row.return_against,) if row.return_against else billed.get(row.name, ())),
			*(part.invoice.name for part in against.get(row.name, ()) if part.invoice),
		}
		for row in rows
	}


def returns_of(doctype: str, invoices: Sequence[str]) -> set[str]:
	"""The returns of these invoices, also of others that ERPNext has ever set against one of them, or by delivery.

	Not each is still set against it: what becomes of it is decided by `set_against` and `billed_by`.
	"""
	if not invoices:
		return set()
	links = DELIVERIES[doctype]
	document, item, delivery = DocType(doctype), DocType(f"{doctype} Item"), DocType(links.doctype)
	by_hand = frappe.qb.from_(document).select(document.name).where(document.return_against.isin(invoices))
	ledger, same_voucher = DocType(LEDGER), DocType(LEDGER).as_("same_voucher")
	set_against_one = (
		frappe.qb.from_(ledger)
		.join(same_voucher)
		.on(
			(same_voucher.voucher_type == ledger.voucher_type)
			& (same_voucher.voucher_no == ledger.voucher_no)
		)
		.join(document)
		.on((document.name == same_voucher.against_voucher_no) & (document.is_return == 1))
		.select(document.name)
		.where((ledger.against_voucher_type == doctype) & ledger.against_voucher_no.isin(invoices))
		.where(
			(ledger.voucher_no != ledger.against_voucher_no) & (same_voucher.against_voucher_type == doctype)
		)
	)
	found = {*by_hand.run(pluck=True), *set_against_one.run(pluck=True)}
	rows = _child_rows(
		f"{doctype} Item", "parent", invoices, [links.parent, links.billed, links.ordered, "name"], doctype
	)
	delivered = {row[links.parent] for row in rows if row[links.parent]}
	came_later = _child_rows(
		f"{links.doctype} Item", links.invoiced, [row.name for row in rows], ["parent"], links.doctype
	)
	delivered |= {row.parent for row in came_later}
	returned = (
		frappe.qb.from_(delivery).select(delivery.name).where(delivery.return_against.isin(delivered or [""]))
	)
	ordered = {row[links.ordered] for row in rows if row[links.ordered]}
	of_delivery = (
		frappe.qb.from_(item)
		.join(document)
		.on((document.name == item.parent) & (document.is_return == 1))
		.select(document.name)
	)
	for column, values in ((links.parent, returned.run(pluck=True)), (links.ordered, ordered)):
		if values:
			found.update(of_delivery.where(item[column].isin(list(values))).run(pluck=True))
	return found


def _billing(doctype: str, column: str, values: Iterable[str]) -> defaultdict[str, set[str]]:
	"""By the column's value, the submitted invoices that are no returns and have a row with it."""
	document, item = DocType(doctype), DocType(f"{doctype} Item")
	rows = (
		frappe.qb.from_(item)
		.join(document)
		.on(document.name == item.parent)
		.select(item[column], item.parent)
		.where(item[column].isin(list(values) or [""]) & (item.parenttype == doctype))
		.where((document.docstatus == 1) & (document.is_return == 0))
		.run()
	)
	found: defaultdict[str, set[str]] = defaultdict(set)
	for value, parent in rows:
		if value:
			found[value].add(parent)
	return found


def _child_rows(
	doctype: str, column: str, values: Iterable[str], columns: Sequence[str], parenttype: str
) -> list[frappe._dict]:
	table, wanted = DocType(doctype), list(values)
	if not wanted:
		return []
	query = frappe.qb.from_(table).select(*(table[name] for name in columns))
	return query.where(table[column].isin(wanted) & (table.parenttype == parenttype)).run(as_dict=True)


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
