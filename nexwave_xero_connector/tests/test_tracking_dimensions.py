"""Tracking from the accounting dimensions of a site: what is sent, and what ERPNext does to them and their values."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.accounting_dimension.accounting_dimension import disable_dimension
from frappe.model.document import Document
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import mapping, organisation
from nexwave_xero_connector.patches.v1_0 import choose_tracking_sources
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.erpnext_operations import OperationsTest

DIMENSION = "Branch"
NORTH, SOUTH, DEPOT = "North", "South", "Xero Depot"
FREIGHT = f"Freight and Forwarding Charges - {ABBR}"
OPTIONS = {NORTH: "Region: North", SOUTH: "Region: South", DEPOT: "Department: Sales"}


class TestTrackingDimensions(OperationsTest):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		make_dimension()
		cls.addClassCleanup(delete_dimension)

	def setUp(self) -> None:
		super().setUp()
		organisation.fetch(COMPANY)
		settings = self.settings()
		in_xero = {"company": COMPANY, "status": "ACTIVE"}
		for field, title in {"default_purchase_account": "310 %", "rounding_account": "% Rounding"}.items():
			settings.set(field, frappe.db.get_value("Xero Account", {**in_xero, "title": ("like", title)}))
		settings.append("charge_mapping", {"account": FREIGHT, "xero_account": f"{ABBR}-200"})
		settings.save()
		for branch in OPTIONS:
			if not frappe.db.exists(DIMENSION, branch):
				self.make(DIMENSION, branch=branch)

	def map(self, *branches: str, **sources: object) -> None:
		settings = self.settings()
		settings.update({"tracking_source": "Cost Center", "second_tracking_source": DIMENSION, **sources})
		for branch in branches:
			settings.append("tracking_mapping", self.row(branch))
		settings.save()
		frappe.db.commit()

	def row(self, branch: str) -> dict[str, str]:
		option = frappe.db.get_value("Xero Tracking Option", {"company": COMPANY, "title": OPTIONS[branch]})
		return {"source_doctype": DIMENSION, "source": branch, "tracking_option": option}

	def mapped(self) -> list[str]:
		return [row.source for row in self.settings().tracking_mapping]

	def tracking(self, document: Document) -> list[list[str]]:
		(wire,) = self.in_xero(document)
		return [[chosen["Option"] for chosen in line["Tracking"]] for line in wire["LineItems"]]

	def invoice(self, doctype: str = "Sales Invoice", of_line: str = "", **header: object) -> Document:
		document = frappe.get_doc(self.draft(doctype, **header))
		document.items[0].update({"branch": of_line or None})
		document.save()
		document.submit()
		self.push()
		self.assertEqual(self.status(document), "Success", self.newest(document).message)
		return document

	def draft(self, doctype: str, **header: object) -> Document:
		from nexwave_xero_connector.tests.bench_world import new_invoice

		return new_invoice(doctype, item_tax_template=f"No GST - {ABBR}", **header)

	def test_a_line_has_its_own_value_or_the_documents(self) -> None:
		self.map(NORTH, SOUTH)
		for doctype in ("Sales Invoice", "Purchase Invoice"):
			with self.subTest(doctype):
				self.assertEqual(self.tracking(self.invoice(doctype, branch=NORTH)), [[NORTH]])
				self.assertEqual(self.tracking(self.invoice(doctype, NORTH, branch=SOUTH)), [[NORTH]])
				self.assertEqual(self.tracking(self.invoice(doctype, branch=DEPOT)), [[]])

	def test_a_charge_and_rounding_have_the_value_that_the_ledger_has(self) -> None:
		self.map(NORTH, SOUTH)
		freight = {
			"charge_type": "Actual",
			"account_head": FREIGHT,
			"description": "Freight",
			"tax_amount": 10.4,
			"branch": SOUTH,
			"cost_center": frappe.db.get_value("Company", COMPANY, "cost_center"),
		}
		document = self.invoice(branch=NORTH, taxes=[freight], disable_rounded_total=0)
		self.assertEqual(self.tracking(document)[:2], [[NORTH], [SOUTH]])
		booked = frappe.get_all(
			"GL Entry",
			{"voucher_no": document.name, "account": ("like", "%Freight%")},
			["branch", "credit"],
			as_list=True,
		)
		self.assertEqual(booked, ((SOUTH, 10.4),))

	def test_a_source_that_is_not_chosen_is_not_sent(self) -> None:
		self.map(NORTH)
		settings = self.settings()
		settings.update({"second_tracking_source": "", "tracking_mapping": []})
		settings.save()
		self.assertEqual(self.tracking(self.invoice(branch=NORTH)), [[]])

	def test_the_settings_refuse_what_is_no_source(self) -> None:
		self.map(NORTH)
		for changes, said in (
			(
				{"second_tracking_source": "Customer Group"},
				"Customer Group is not an enabled accounting dimension",
			),
			({"tracking_source": DIMENSION}, "Branch cannot be the source of both"),
			({"second_tracking_source": "Project"}, "Tracking Mapping, row 1: Branch cannot be mapped"),
		):
			with self.subTest(said):
				settings = self.settings()
				settings.update(changes)
				with self.assertRaisesRegex(frappe.ValidationError, said):
					settings.save()

	def test_values_are_merged_renamed_and_deleted(self) -> None:
		self.map(NORTH, SOUTH, DEPOT)
		rename_doc(DIMENSION, SOUTH, NORTH, merge=True, show_alert=False, rebuild_search=False)
		self.says("were mapped differently for Xero")
		rename_doc(DIMENSION, NORTH, "Xero Upper", show_alert=False, rebuild_search=False)
		self.made.append((DIMENSION, "Xero Upper"))
		frappe.delete_doc(DIMENSION, DEPOT)
		frappe.db.commit()
		self.assertEqual(self.mapped(), ["Xero Upper"])
		self.assertEqual(self.tracking(self.invoice(branch="Xero Upper")), [[NORTH]])
		self.can_be_saved_and_switched_off()

	def test_a_mandatory_dimension(self) -> None:
		self.map(NORTH)
		dimension = frappe.get_doc("Accounting Dimension", {"document_type": DIMENSION})
		default = {"company": COMPANY, "reference_document": DIMENSION, "mandatory_for_pl": 1}
		dimension.append("dimension_defaults", {**default, "default_dimension": NORTH})
		dimension.save()
		self.addCleanup(self.without_defaults)
		frappe.db.commit()
		with self.assertRaises(frappe.ValidationError):
			self.draft("Sales Invoice").submit()
		frappe.db.rollback()
		self.assertEqual(self.tracking(self.invoice(branch=NORTH)), [[NORTH]])

	def without_defaults(self) -> None:
		dimension = frappe.get_doc("Accounting Dimension", {"document_type": DIMENSION})
		dimension.set("dimension_defaults", [])
		dimension.save()
		frappe.db.commit()

	def test_a_disabled_dimension_is_not_sent_and_the_check_says_so(self) -> None:
		self.map(NORTH)
		self.disable(1)
		self.addCleanup(self.disable, 0)
		self.assertEqual(self.tracking(self.invoice(branch=NORTH)), [[]])
		notes = [note["message"] for note in mapping.check(COMPANY)["notes"]]
		self.assertIn(
			"Branch is disabled as an accounting dimension, so documents are sent without tracking by it. Enable it, or"
			" choose another source in Xero Sync Settings.",
			notes,
		)
		self.can_be_saved_and_switched_off()
		self.disable(0)
		self.assertEqual(self.tracking(self.invoice(branch=NORTH)), [[NORTH]])

	def disable(self, disabled: int) -> None:
		dimension = frappe.get_doc("Accounting Dimension", {"document_type": DIMENSION})
		dimension.update({"disabled": disabled}).save()
		disable_dimension(dimension.as_json())
		frappe.db.commit()

	def test_a_deleted_dimension_is_no_source_any_more(self) -> None:
		self.map(NORTH)
		delete_dimension()
		self.addCleanup(make_dimension)
		self.says("now sent to Xero without tracking by Branch")
		settings = self.settings()
		self.assertEqual((settings.tracking_source, settings.second_tracking_source), ("Cost Center", None))
		self.assertEqual(self.mapped(), [])
		self.assertEqual(self.status(self.sent()), "Success")
		self.can_be_saved_and_switched_off()

	def test_suggestions_are_made_for_the_sources(self) -> None:
		self.map(DEPOT)
		rows = [row for row in mapping.suggest(COMPANY) if row["doctype"] == DIMENSION]
		self.assertEqual(rows, [])
		settings = self.settings()
		settings.set("tracking_mapping", [])
		settings.save()
		rows = [row for row in mapping.suggest(COMPANY) if row["doctype"] == DIMENSION]
		self.assertEqual(
			[(row["subject"], row["tracking_option_title"]) for row in rows],
			[(NORTH, OPTIONS[NORTH]), (SOUTH, OPTIONS[SOUTH])],
		)
		self.map(second_tracking_source="Project")
		self.assertEqual([row for row in mapping.suggest(COMPANY) if row["doctype"] == DIMENSION], [])

	def test_settings_from_before_there_were_sources(self) -> None:
		"""Their Cost Center and Project stay what they were; what somebody has chosen since is left alone."""
		frappe.db.set_value(
			"Xero Sync Settings", COMPANY, {"tracking_source": None, "second_tracking_source": None}
		)
		choose_tracking_sources.execute()
		settings = self.settings()
		self.assertEqual(
			(settings.tracking_source, settings.second_tracking_source), ("Cost Center", "Project")
		)
		self.map(NORTH, tracking_source="")
		choose_tracking_sources.execute()
		self.assertEqual(self.settings().second_tracking_source, DIMENSION)

	def test_a_copy_of_the_settings_has_the_sources(self) -> None:
		self.map(NORTH)
		copied = mapping.copy_from(COMPANY, COMPANY)
		self.assertEqual(copied["values"]["second_tracking_source"], DIMENSION)
		self.assertEqual([row["source"] for row in copied["tables"]["tracking_mapping"]], [NORTH])


def make_dimension() -> None:
	if not frappe.db.exists("Accounting Dimension", {"document_type": DIMENSION}):
		frappe.get_doc({"doctype": "Accounting Dimension", "document_type": DIMENSION}).insert()
	frappe.db.commit()


def delete_dimension() -> None:
	if name := frappe.db.exists("Accounting Dimension", {"document_type": DIMENSION}):
		frappe.delete_doc("Accounting Dimension", name)
	frappe.db.commit()
