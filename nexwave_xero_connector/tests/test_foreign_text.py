"""Whatever people call things in Xero is stored so that no view runs it and no spreadsheet computes it."""

import csv
import io

import frappe
import openpyxl
from frappe.desk import reportview

from nexwave_xero_connector.api import organisation, sync
from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.foreign_text import as_given, as_stored
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.patches.v1_0 import clean_foreign_text
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, PARTY
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.xero_test_case import XeroTest

MARKER = '=HYPERLINK("https://x.test")<img src=x onerror=alert(1)>&lt;b&gt;'
FORMULA = ("=", "+", "-", "@")
RECORDS = ("Xero Account", "Xero Tax Rate", "Xero Tracking Option")
DOCTYPES = (LOG, "Xero Contact", "Xero Connection", "Xero Sync Settings", *RECORDS)


class TestStoredForm(IntegrationTestCase):
	def test_what_is_stored_turns_back_into_what_was_given(self) -> None:
		for text in (
			"",
			"Harbour Trading",
			"<5 t",
			"=1+2",
			"'=1+2",
			"''=1+2",
			" -7",
			"' -7",
			"-",
			"@Depot",
			"'tis",
			"O'Brien & Söhne <NZ>",
			"\t+64",
			MARKER,
		):
			with self.subTest(text):
				self.assertEqual(as_given(as_stored(text)), text)
				self.assertNotIn("<", as_stored(text))
				self.assertFalse(as_stored(text).strip().startswith(FORMULA))

	def test_ordinary_texts_are_stored_as_they_are(self) -> None:
		for text in ("Harbour Trading", "Te Whānau & Co", "'tis", "B-2026-7", "a+b@example.com"):
			self.assertEqual(as_stored(text), text)

	def test_control_characters_are_not_stored(self) -> None:
		self.assertEqual(as_stored("a\x00b\x1b[31m\r=c"), "ab[31m=c")
		self.assertEqual(as_stored("\r=c"), "'=c")


class TestForeignText(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(forget_records)

	def test_every_column_and_every_export_is_clean(self) -> None:
		self.marked_records()
		self.marked_document()
		for doctype in DOCTYPES:
			rows = frappe.get_all(doctype, filters={"company": COMPANY}, fields=["*"])
			self.assertTrue(rows, doctype)
			texts = {
				f"{doctype} {field}": text for row in rows for field, text in row.items() if is_text(text)
			}
			self.assertEqual({at: text for at, text in texts.items() if "<" in text}, {})
			for format_ in ("CSV", "Excel"):
				cells = [cell for row in self.exported(doctype, format_) for cell in row]
				self.assertTrue(any("HYPERLINK" in cell for cell in cells if is_text(cell)), doctype)
				self.assertEqual([cell for cell in cells if is_text(cell) and cell.startswith(FORMULA)], [])

	def marked_records(self) -> None:
		self.admin.act(self.tenant, "rename_organisation", name=MARKER, short_code=MARKER)
		self.admin.act(self.tenant, "rename_account", code="260", name=MARKER)
		self.admin.act(self.tenant, "rename_tracking", name="Region", option="North", new_option=MARKER)
		part = {"name": MARKER, "rate": 5}
		self.admin.act(self.tenant, "add_tax_rate", tax_type="TAX901", name=MARKER, components=[part])
		organisation.fetch(COMPANY)
		party = Party("Supplier", PARTY, PARTY)
		FrappeDocuments().link_contact(COMPANY, party, "00000000-0000-0000-0000-000000000001", MARKER)
		error = {"last_error": frappe.db.get_value("Xero Sync Settings", COMPANY, "organisation_name")}
		frappe.db.set_value("Xero Connection", COMPANY, error)

	def marked_document(self) -> None:
		"""In Xero under a number that somebody has typed there, and refused in Xero's words."""
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.admin.act(self.tenant, "rename", number=document.name, new_number=MARKER)
		self.admin.act(self.tenant, "pay", number=MARKER, amount=15)
		document.reload().cancel()
		frappe.db.commit()
		self.follow_up(lambda: sync.push_invoice(COMPANY), document)
		row = self.newest(document)
		self.assertEqual((row.operation, row.status), ("Void", "Failed"))
		self.assertIn("HYPERLINK", row.xero_number)
		self.admin.fault("refuse", contains="Garden Bench", message=MARKER)
		refused = self.submit()
		self.follow_up(lambda: sync.push_invoice(COMPANY), refused)
		self.assertIn("HYPERLINK", self.newest(refused).message)

	def exported(self, doctype: str, format_: str) -> list[list[object]]:
		"""What Export in the Report view downloads, with every column."""
		meta = frappe.get_meta(doctype)
		fields = [f"`tab{doctype}`.`{field}`" for field in meta.get_valid_columns() if meta.has_field(field)]
		frappe.local.form_dict = frappe._dict(
			doctype=doctype,
			fields=frappe.as_json(fields),
			filters=frappe.as_json([[doctype, "company", "=", COMPANY]]),
			file_format_type=format_,
			view="Report",
		)
		reportview.export_query()
		content = frappe.response.pop("filecontent")
		if format_ == "CSV":
			return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
		return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.values]

	def test_a_bill_whose_number_looks_like_a_formula_is_sent_once(self) -> None:
		"""Its number is looked up after a lost response, so it must be the one that was sent."""
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update({"bill_number_source": "Supplier Invoice No"}).save()
		frappe.db.commit()
		for number in ("=1+2", "-7 < 8", "'@4711"):
			with self.subTest(number):
				self.admin.fault("drop_after", method="PUT", path="/Invoices$")
				bill = self.submit("Purchase Invoice", bill_no=number)
				self.follow_up(lambda: sync.push_invoice(COMPANY), bill)
				self.assertEqual(self.newest(bill).status, "Success", self.newest(bill).message)
				found = [entry["wire"] for entry in self.admin.documents(tenant=self.tenant, number=number)]
				self.assertEqual([entry["InvoiceNumber"] for entry in found], [number])

	def test_what_is_chosen_in_the_mapping_is_sent_under_its_name_in_xero(self) -> None:
		self.admin.act(self.tenant, "rename_tracking", name="Region", option="North", new_option="<5 km")
		self.admin.act(self.tenant, "rename_tracking", name="Region", option="South", new_option="@Depot")
		self.admin.act(self.tenant, "rename_account", code="260", name="-Other", new_code="-260")
		organisation.fetch(COMPANY)
		cost_center = frappe.db.get_value("Company", COMPANY, "cost_center")
		for option in ("<5 km", "@Depot"):
			with self.subTest(option):
				stored = frappe.db.get_value("Xero Tracking Option", {"option": as_stored(option)})
				account = frappe.db.get_value("Xero Account", {"company": COMPANY, "code": as_stored("-260")})
				settings = frappe.get_doc("Xero Sync Settings", COMPANY)
				settings.default_sales_account = account
				settings.set("tracking_mapping", [])
				settings.append(
					"tracking_mapping",
					{"source_doctype": "Cost Center", "source": cost_center, "tracking_option": stored},
				)
				settings.save()
				frappe.db.commit()
				codes = {account.code for account in read_mapping_settings(COMPANY).accounts.values()}
				self.assertIn("-260", codes)
				invoice = self.submit()
				self.follow_up(lambda: sync.push_invoice(COMPANY), invoice)
				(entry,) = self.in_xero(invoice)
				(line,) = entry["LineItems"]
				self.assertEqual((line["Tracking"][0]["Option"], line["AccountCode"]), (option, "-260"))

	def test_a_second_fetch_of_such_names_changes_nothing(self) -> None:
		self.marked_records()
		before = {doctype: frappe.get_all(doctype, {"company": COMPANY}, ["*"]) for doctype in RECORDS}
		organisation.fetch(COMPANY)
		after = {doctype: frappe.get_all(doctype, {"company": COMPANY}, ["*"]) for doctype in RECORDS}
		self.assertEqual(after, before)

	def test_a_name_longer_than_its_column_is_cut(self) -> None:
		self.admin.act(self.tenant, "rename_organisation", name="N" * 300)
		self.admin.act(self.tenant, "rename_account", code="260", name="A" * 300)
		organisation.fetch(COMPANY)
		self.assertEqual(frappe.db.get_value("Xero Sync Settings", COMPANY, "organisation_name"), "N" * 140)

	def test_what_an_earlier_version_stored_is_cleaned_by_the_update(self) -> None:
		self.submit()
		raw = {"xero_number": MARKER, "detail": "<html>", "message": "+ see Xero"}
		frappe.db.set_value(LOG, {"company": COMPANY}, dict(raw))
		frappe.db.set_value("Xero Sync Settings", COMPANY, "organisation_name", MARKER)
		clean_foreign_text.execute()
		row = frappe.get_all(LOG, filters={"company": COMPANY}, fields=list(raw))[0]
		self.assertEqual(row, {field: as_stored(text) for field, text in raw.items()})
		name = frappe.db.get_value("Xero Sync Settings", COMPANY, "organisation_name")
		self.assertEqual(name, as_stored(MARKER))


def is_text(value: object) -> bool:
	return isinstance(value, str)


def forget_records() -> None:
	frappe.db.rollback()
	for doctype in RECORDS:
		frappe.db.delete(doctype, {"company": COMPANY})
	frappe.db.commit()
