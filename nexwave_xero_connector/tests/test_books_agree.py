"""The two books agree to the cent: a catalogue, random documents, and the GST summary of many documents.

XERO_BOOKS_EXAMPLES: the number of random documents (default 40).
XERO_GST_DOCUMENTS: the number of documents in the GST summary (default 24).
XERO_CELL: the settings under which all of them are sent, see matrix.py (default: as after the installation).
XERO_BOOKS_SEED: the first seed of both (default 0). Choose another one for documents that were never tried before.
XERO_WRITE_CATALOGUE=1 writes docs/catalogue.md. Its figures are those of ERPNext 15, which has to write it.
"""

import importlib.util
import os
import unittest
from collections import Counter
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from random import Random

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.builders import IS_16, submitted
from nexwave_xero_connector.tests.catalogue.company import (
	COMPANY,
	GST,
	REDUCED_GST,
	BooksWorld,
	connected,
)
from nexwave_xero_connector.tests.catalogue.comparison import (
	differences,
	money,
	tax_by_account,
	tax_by_type,
	total,
)
from nexwave_xero_connector.tests.catalogue.documents import CATALOGUE
from nexwave_xero_connector.tests.catalogue.random_documents import random_document, unsupported
from nexwave_xero_connector.tests.catalogue.site_settings import site_default, site_setting
from nexwave_xero_connector.tests.catalogue.table import Compared, OtherOn16, line, page
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.matrix import Cell, cell_named, chosen_cell

EXAMPLES = int(os.environ.get("XERO_BOOKS_EXAMPLES", "40"))
GST_DOCUMENTS = int(os.environ.get("XERO_GST_DOCUMENTS", "24"))
FIRST_SEED = int(os.environ.get("XERO_BOOKS_SEED", "0"))
ROW_BY_ROW, THREE_DECIMALS = 20, 100
"""One document in so many is from a site that rounds row by row and half up, or from one with three decimals."""
OTHER_CELL = cell_named("Supplier Invoice No, Draft, Only as ERPNext does")
"""For the GST summary, if no cell is chosen: the catalogue is sent with the defaults."""
MAY_REFUSE = 0.12 if IS_16 else 0.05
"""The share that ERPNext itself may refuse to save: 16 also refuses tax entered by hand over mixed supplies."""
TO_REACH = Decimal("0.97")
"""The share of random documents that are equal in both books, but for two of the few in an ordinary run."""
PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"
NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]


@unittest.skipIf(NEEDED, f"the Xero sandbox needs: pip install {' '.join(NEEDED)}")
class TestBooksAgree(IntegrationTestCase):
	world: BooksWorld

	def setUp(self) -> None:
		context = connected()
		self.world = context.__enter__()
		self.addCleanup(context.__exit__, None, None, None)

	def test_every_document_of_the_catalogue_agrees_or_is_refused_with_its_sentence(self) -> None:
		for settings in rounds_as_set_up():
			settings.__enter__()
			self.addCleanup(settings.__exit__, None, None, None)
		documents = {}
		for group in CATALOGUE.values():
			for entry in group:
				self.assertNotIn(entry.name, documents)
				if entry.impossible_here:
					with self.assertRaisesRegex(frappe.ValidationError, entry.impossible_on_16):
						submitted(entry.build())
					frappe.db.rollback()
					continue
				documents[entry.name] = submitted(entry.build())
				frappe.db.commit()
		self.world.push()
		in_xero = self.world.in_xero()
		page_groups = {}
		for title, group in CATALOGUE.items():
			made = [entry for entry in group if entry.name in documents]
			page_groups[title] = [self.check_entry(entry, documents[entry.name], in_xero) for entry in made]
		self.assertGreaterEqual(len(documents), 200)
		entries = [entry for group in CATALOGUE.values() for entry in group]
		other_on_16 = [
			OtherOn16(one.name, one.difference_on_16, one.outcome_on_16)
			for one in entries
			if one.difference_on_16
		]
		text = page(page_groups, other_on_16)
		print(text)
		if os.environ.get("XERO_WRITE_CATALOGUE"):
			PAGE.write_text(text)
		if PAGE.exists():
			self.check_page(page_groups, other_on_16)

	def check_page(self, groups: dict[str, list[Compared]], other_on_16: list[OtherOn16]) -> None:
		"""Each document stands on the page as it is here, unless the page says that it is another one on ERPNext 16."""
		written = set(PAGE.read_text().splitlines())
		differing = {one.name for one in other_on_16} if IS_16 else set()
		lines = [line(row) for rows in groups.values() for row in rows if row.name not in differing]
		self.assertEqual([one for one in lines if one not in written], [], "docs/catalogue.md is out of date")

	def check_entry(self, entry, document: Document, in_xero: dict) -> Compared:
		with self.subTest(entry.name):
			row = self.world.row(document)
			wire = in_xero.get(document.name)
			if entry.refused_here:
				self.assertEqual(row.status, "Failed", row.message)
				self.assertIn(entry.refused_here, row.message)
				self.assertIsNone(wire)
				self.assertTrue(entry.why or entry.difference_on_16)
				return Compared(
					entry.name,
					sentence=row.message.replace(document.name, "D"),
					why=entry.why or entry.difference_on_16,
				)
			self.assertEqual(row.status, "Success", row.message)
			self.assertEqual(differences(document, wire, entry.tax_types), [])
			return Compared(
				entry.name,
				document.currency,
				total(document),
				tax_by_account(document),
				money(wire["Total"]),
				tax_by_type(wire),
			)
		return Compared(entry.name, sentence="DIFFERENT")

	def test_random_documents_agree_or_are_rightly_refused(self) -> None:
		row_by_row, three_decimals = max(1, EXAMPLES // ROW_BY_ROW), max(1, EXAMPLES // THREE_DECIMALS)
		documents = self.build(EXAMPLES - row_by_row - three_decimals)
		row_wise, commercial = rounds_row_by_row()
		with row_wise, commercial:
			documents |= self.build(row_by_row, first_seed=100_000)
		with site_default("currency_precision", "3"):
			documents |= self.build(three_decimals, first_seed=200_000)
		self.assertEqual(len(documents), EXAMPLES)
		self.world.push()
		in_xero = self.world.in_xero()
		outcomes: Counter[str] = Counter()
		wrong = []
		for seed, document in documents.items():
			row, reasons = self.world.row(document), unsupported(document)
			wire = in_xero.get(document.name)
			if row.status == "Success" and not reasons:
				differing = differences(document, wire)
				outcomes["different" if differing else "equal"] += 1
				if differing:
					wrong.append(f"seed {seed}, {document.name}: {differing}")
			elif row.status == "Failed" and reasons and wire is None:
				outcomes[f"refused: {', '.join(sorted(reasons))}"] += 1
			else:
				outcomes["wrong"] += 1
				wrong.append(f"seed {seed}, {document.name}: {row.status}, {reasons or ''} {row.message}")
		print(f"{len(documents)} random documents: {dict(outcomes)}")
		kinds = Counter(
			f"{doc.doctype}{', return' if doc.is_return else ''}, {doc.currency}"
			for doc in documents.values()
		)
		print(dict(sorted(kinds.items())))
		self.assertEqual(wrong, [])
		self.assertGreaterEqual(outcomes["equal"], EXAMPLES * TO_REACH - 2)

	def test_the_gst_summary_in_xero_equals_the_tax_accounts_in_erpnext(self) -> None:
		if chosen_cell() == Cell():
			self.world.settings(**OTHER_CELL.settings())
		documents = self.build(GST_DOCUMENTS, first_seed=300_000, one_account_each=True)
		self.world.push()
		in_xero = self.world.in_xero()
		pushed = [doc for doc in documents.values() if self.world.row(doc).status == "Success"]
		numbers = [doc.name for doc in pushed]
		for doc in pushed:
			numbers += [doc.return_against] if doc.return_against else []
		unsent = [doc.name for doc in documents.values() if doc not in pushed]
		self.assertLess(len(unsent), GST_DOCUMENTS / 10)
		for is_domestic in (True, False):
			for doctype, account, tax_type in (
				("Sales Invoice", GST, "OUTPUT2"),
				("Sales Invoice", REDUCED_GST, "REDUCED"),
				("Purchase Invoice", GST, "INPUT2"),
				("Purchase Invoice", REDUCED_GST, "REDUCED"),
			):
				side = [
					name
					for name in sorted(set(numbers))
					if frappe.db.exists(doctype, name)
					and (frappe.db.get_value(doctype, name, "currency") == "NZD") is is_domestic
				]
				booked = ledger_balance(doctype, side, account)
				reported, precision = xero_balance([in_xero[name] for name in side], tax_type)
				where = "in NZD" if is_domestic else "in other currencies"
				print(
					f"{len(side)} documents {where}: {account} {booked} here, {tax_type} {reported} in Xero,"
					f" allowed {precision}"
				)
				self.assertLessEqual(abs(booked - reported), precision)

	def build(self, count: int, first_seed: int = 0, one_account_each: bool = False) -> dict[int, Document]:
		"""That many submitted documents, by seed. The few that ERPNext itself refuses are skipped."""
		documents: dict[int, Document] = {}
		refused: list[str] = []
		seed = FIRST_SEED + first_seed
		while len(documents) < count:
			try:
				documents[seed] = submitted(random_document(Random(seed), one_account_each))
				frappe.db.commit()
			except frappe.ValidationError as error:
				frappe.db.rollback()
				refused.append(f"{seed}: {frappe.utils.strip_html(str(error))[:100]}")
				self.assertLessEqual(len(refused), max(3, count * MAY_REFUSE), refused[-5:])
			seed += 1
		if refused:
			print(f"{len(refused)} more refused by ERPNext itself:", *refused[:5], sep="\n  ")
		return documents


def rounds_as_set_up() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
	"""The settings that the setup wizard chooses."""
	return (
		site_setting("Accounts Settings", "round_row_wise_tax", 0),
		site_setting("System Settings", "rounding_method", "Banker's Rounding"),
	)


def rounds_row_by_row() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
	"""The settings of a site that rounds tax row by row, and half up."""
	return (
		site_setting("Accounts Settings", "round_row_wise_tax", 1),
		site_setting("System Settings", "rounding_method", "Commercial Rounding"),
	)


def ledger_balance(doctype: str, names: list[str], account: str) -> Decimal:
	"""What the documents booked to the account, in NZD: credit on sales, debit on purchases."""
	rows = frappe.get_all(
		"GL Entry",
		{"company": COMPANY, "voucher_type": doctype, "voucher_no": ("in", names), "account": account},
		["debit", "credit"],
	)
	sign = 1 if doctype == "Sales Invoice" else -1
	return sum((sign * (money(row.credit) - money(row.debit)) for row in rows), Decimal(0))


def xero_balance(wires: list[dict], tax_type: str) -> tuple[Decimal, Decimal]:
	"""The tax of this type in NZD, less credit notes; and how far it may be off with six decimals of a rate."""
	balance = precision = Decimal(0)
	for wire in wires:
		rate = money(wire["CurrencyRate"])
		tax = tax_by_type(wire).get(tax_type, Decimal(0))
		balance += (-1 if wire["Type"].endswith("CREDIT") else 1) * round(tax / rate, 2)
		if rate != 1:
			precision += abs(tax) / rate / rate * Decimal("0.0000005") + Decimal("0.01")
	return balance, precision
