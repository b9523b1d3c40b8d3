"""Create invoices, their returns and amendments as drafts; somebody else submits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from sandbox.erp.clock import Clock
from sandbox.erp.database import Database, to_text
from sandbox.erp.stored import INVOICE, PARTY, TAX_ROWS, to_json
from sandbox.erp.tax_arithmetic import round_money, with_amounts

SERIES = {
	("Sales Invoice", False): "ACC-SINV-",
	("Sales Invoice", True): "ACC-SINV-RET-",
	("Purchase Invoice", False): "ACC-PINV-",
	("Purchase Invoice", True): "ACC-PINV-RET-",
}
TAXES_TEMPLATE = {
	"Sales Invoice": "Sales Taxes and Charges Template",
	"Purchase Invoice": "Purchase Taxes and Charges Template",
}


@dataclass(frozen=True, slots=True)
class Line:
	"""A row of the items table. `rate` is the price of one, without tax, in the document's currency."""

	item: str
	qty: Decimal
	rate: Decimal
	item_tax_template: str = ""


class Drafts:
	def __init__(self, database: Database, clock: Clock) -> None:
		self._database = database
		self._clock = clock

	def invoice(
		self,
		doctype: str,
		company: str,
		party: str,
		lines: Sequence[Line],
		posting_date: date,
		taxes_template: str = "",
		charges: Mapping[str, Decimal] | None = None,
		currency: str = "",
		conversion_rate: Decimal = Decimal(1),
		bill_no: str = "",
	) -> DocumentRef:
		"""`charges` are the amounts of the template's Actual rows, by account."""
		with self._database.transaction():
			company_row = self._database.row("SELECT * FROM company WHERE name = ?", company)
			sells = doctype == "Sales Invoice"
			account = f"{'Sales' if sells else 'Purchases'} - {company_row['abbr']}"
			items = tuple(self._item_row(idx, line, account) for idx, line in enumerate(lines, start=1))
			rows = self._tax_rows(doctype, taxes_template, charges or {})
			return self._save(
				_with_totals(
					ErpDocument(
						ref=self._next_name(doctype, False, posting_date),
						company=company,
						docstatus=0,
						party=self._party("Customer" if sells else "Supplier", party),
						posting_date=posting_date,
						due_date=posting_date,
						currency=currency or company_row["currency"],
						company_currency=company_row["currency"],
						conversion_rate=conversion_rate,
						items=items,
						taxes=rows,
						net_total=Decimal(0),
						grand_total=Decimal(0),
						rounded_total=Decimal(0),
						url="",
						bill_no=bill_no,
						bill_date=None if sells else posting_date,
						taxes_template=taxes_template,
						company_taxes_template=company_row["sales_taxes" if sells else "purchase_taxes"],
					)
				)
			)

	def return_of(
		self, original: DocumentRef, qty: Decimal | None = None, *, keeps_balance: bool = True
	) -> DocumentRef:
		"""A return of the whole document, or of `qty` of its first item; quantities and totals are negative.

		It keeps its own balance or reduces the original's, as with ERPNext's "Update Outstanding for Self".
		"""
		with self._database.transaction():
			document = self._read(original)
			items = tuple(_scaled(item, Decimal(-1)) for item in document.items)
			if qty is not None:
				items = (_scaled(document.items[0], -qty / document.items[0].qty),)
			return self._save(
				_with_totals(
					replace(
						document,
						ref=self._next_name(original.doctype, True, document.posting_date),
						items=items,
						taxes=tuple(replace(row, amount=-row.amount) for row in document.taxes),
						is_return=True,
						return_against=original.name,
						update_outstanding_for_self=keeps_balance,
					)
				)
			)

	def amendment_of(self, cancelled: DocumentRef) -> DocumentRef:
		"""A copy of a cancelled document, named as ERPNext does: the document's name with a number added."""
		with self._database.transaction():
			taken = self._database.row(
				"SELECT count(*) AS amendments FROM invoice WHERE doctype = ? AND name GLOB ? || '-[0-9]*'",
				cancelled.doctype,
				cancelled.name,
			)
			name = f"{cancelled.name}-{taken['amendments'] + 1}"
			return self._save(replace(self._read(cancelled), ref=DocumentRef(cancelled.doctype, name)))

	def _save(self, document: ErpDocument) -> DocumentRef:
		document = replace(document, docstatus=0, url="", created=self._clock.now())
		self._database.execute(
			"""INSERT INTO invoice (doctype, name, company, return_against, created, body)
			VALUES (?, ?, ?, ?, ?, ?)""",
			document.ref.doctype,
			document.ref.name,
			document.company,
			document.return_against,
			to_text(document.created),
			to_json(INVOICE, document),
		)
		return document.ref

	def _read(self, ref: DocumentRef) -> ErpDocument:
		row = self._database.row(
			"SELECT body FROM invoice WHERE doctype = ? AND name = ?", ref.doctype, ref.name
		)
		return INVOICE.validate_json(row["body"])

	def _next_name(self, doctype: str, is_return: bool, on: date) -> DocumentRef:
		prefix = f"{SERIES[doctype, is_return]}{on.year}-"
		self._database.execute("INSERT OR IGNORE INTO naming_series VALUES (?, 0)", prefix)
		self._database.execute("UPDATE naming_series SET current = current + 1 WHERE prefix = ?", prefix)
		row = self._database.row("SELECT current FROM naming_series WHERE prefix = ?", prefix)
		return DocumentRef(doctype, f"{prefix}{row['current']:05d}")

	def _party(self, doctype: str, name: str) -> Party:
		row = self._database.row("SELECT body FROM party WHERE doctype = ? AND name = ?", doctype, name)
		return PARTY.validate_json(row["body"])

	def _item_row(self, idx: int, line: Line, account: str) -> ItemRow:
		item = self._database.row("SELECT * FROM item WHERE code = ?", line.item)
		template = line.item_tax_template or item["tax_template"]
		rates = self._database.rows("SELECT account, rate FROM item_tax_template WHERE name = ?", template)
		return ItemRow(
			idx=idx,
			item_code=item["code"],
			item_name=item["name"],
			description=item["description"],
			qty=line.qty,
			uom="Nos",
			net_amount=round_money(line.qty * line.rate),
			account=account,
			item_tax_template=template,
			default_tax_templates=(item["tax_template"],) if item["tax_template"] else (),
			item_tax_rate={row["account"]: Decimal(row["rate"]) for row in rates},
		)

	def _tax_rows(self, doctype: str, template: str, charges: Mapping[str, Decimal]) -> tuple[TaxRow, ...]:
		if not template:
			return ()
		stored = self._database.row(
			"SELECT rows FROM taxes_template WHERE doctype = ? AND name = ?",
			TAXES_TEMPLATE[doctype],
			template,
		)
		return tuple(
			replace(row, amount=charges.get(row.account, row.amount))
			for row in TAX_ROWS.validate_json(stored["rows"])
		)


def _scaled(item: ItemRow, by: Decimal) -> ItemRow:
	return replace(item, qty=item.qty * by, net_amount=round_money(item.net_amount * by))


def _with_totals(document: ErpDocument) -> ErpDocument:
	taxes = with_amounts(document.items, document.taxes)
	net_total = sum((item.net_amount for item in document.items), Decimal(0))
	grand_total = net_total + sum((row.amount for row in taxes), Decimal(0))
	return replace(document, taxes=taxes, net_total=net_total, grand_total=grand_total)
