"""Tracking from the accounting dimensions of a site: what is sent, and what ERPNext does to them and their values."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.accounting_dimension.accounting_dimension import disable_dimension
from frappe.model.document import Document
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import mapping, organisation, retry
from nexwave_xero_connector.patches.v1_0 import choose_tracking_sources
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.erpnext_operations import OperationsTest

DIMENSION = "Branch"
ZONE = "Xero Zone"
NORTH, SOUTH, DEPOT = "North", "South", "Xero Depot"
FREIGHT = f"Freight and Forwarding Charges - {ABBR}"
OPTIONS = {NORTH: "Region: North", SOUTH: "Region: South", DEPOT: "Department: Sales"}


class TrackingTest(OperationsTest):
	def setUp(self) -> None:
		super().setUp()
		organisation.fetch(COMPANY)
		settings = self.settings()
		in_xero = {"company": COMPANY, "status": "ACTIVE"}
		for field, title in {"default_purchase_account": "310 %", "rounding_account": "% Rounding"}.items():
			settings.set(field, frappe.db.get_value("Xero Account", {**in_xero, "title": ("like", title)}))
		settings.append("charge_mapping", {"account": FREIGHT, "xero_account": f"{ABBR}-200"})
		settings.save()

	def act(self, action: str, **arguments: object) -> None:
		"""What somebody does in Xero."""
		self.admin.act(self.tenant, action, **arguments)

	def fetch(self) -> None:
		frappe.db.rollback()
		organisation.fetch(COMPANY)
		frappe.db.commit()

	def notes(self) -> list[str]:
		return [note["message"] for note in mapping.check(COMPANY)["notes"]]

	def mapped(self) -> list[str]:
		return [row.source for row in self.settings().tracking_mapping]

	def tracking(self, document: Document) -> list[list[str]]:
		(wire,) = self.in_xero(document)
		return [[chosen["Option"] for chosen in line["Tracking"]] for line in wire["LineItems"]]


class TestTrackingDimensions(TrackingTest):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		make_dimension()
		cls.addClassCleanup(delete_dimension)

	def setUp(self) -> None:
		super().setUp()
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

	def test_two_categories_each_with_its_source(self) -> None:
		centre = frappe.db.get_value("Company", COMPANY, "cost_center")
		self.map(NORTH)
		self.map_cost_centre(centre, OPTIONS[DEPOT])
		document = self.invoice(branch=NORTH, cost_center=centre)
		self.assertEqual(self.tracking(document), [["Sales", NORTH]])
		self.assertEqual(self.notes(), [])
		self.act("rename_tracking", name="Region", new_name="Area")
		document = self.invoice(branch=NORTH, cost_center=centre)
		self.assertEqual(self.tracking(document), [["Sales", NORTH]], "before the next fetch")
		self.fetch()
		document = self.invoice(branch=NORTH, cost_center=centre)
		(wire,) = self.in_xero(document)
		named = [(chosen["Name"], chosen["Option"]) for chosen in wire["LineItems"][0]["Tracking"]]
		self.assertEqual(named, [("Department", "Sales"), ("Area", NORTH)])
		self.act("archive_tracking", name="Area")
		self.fetch()
		self.assertIn(
			"Area: North is mapped in Tracking Mapping, row 1, but is archived in Xero", self.notes()[0]
		)
		refused = self.submit(branch=NORTH, cost_center=centre)
		self.push()
		self.assertEqual(
			self.newest(refused).message,
			"North is mapped to tracking option North of Area, which is archived in Xero. Restore it in Xero and press"
			" Fetch in Xero Sync Settings, or choose another there.",
		)
		self.assertEqual(self.tracking(self.invoice(cost_center=centre)), [["Sales"]])
		for enabled in (1, 0):
			settings = self.settings()
			settings.enabled = enabled
			settings.save()

	def test_both_sources_are_mapped_to_one_category(self) -> None:
		centre = frappe.db.get_value("Company", COMPANY, "cost_center")
		self.map(NORTH)
		self.map_cost_centre(centre, OPTIONS[SOUTH])
		self.assertEqual(
			self.notes(),
			[
				"Cost Center and Branch are both mapped to tracking category Region. Xero accepts one option of a"
				" category on a line, so a line with both is not sent. Map one of them to another category in Xero Sync"
				" Settings."
			],
		)
		self.assertEqual(self.tracking(self.invoice(branch=DEPOT, cost_center=centre)), [[SOUTH]])
		refused = self.submit(branch=NORTH, cost_center=centre)
		self.push()
		self.assertIn("are both mapped to tracking category Region", self.newest(refused).message)
		settings = self.settings()
		settings.tracking_mapping = [row for row in settings.tracking_mapping if row.source != centre]
		settings.save()
		self.map_cost_centre(centre, OPTIONS[DEPOT])
		self.assertEqual(self.notes(), [])
		retry.retry("Sales Invoice", refused.name)
		self.push()
		self.assertEqual(self.tracking(refused), [["Sales", NORTH]])

	def map_cost_centre(self, centre: str, title: str) -> None:
		option = frappe.db.get_value("Xero Tracking Option", {"company": COMPANY, "title": title})
		settings = self.settings()
		row = {"source_doctype": "Cost Center", "source": centre, "tracking_option": option}
		settings.append("tracking_mapping", row)
		settings.save()
		frappe.db.commit()

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


class TestADimensionOfACustomDocType(TrackingTest):
	"""What a site's administrator does to a DocType of their own that is an Accounting Dimension."""

	def setUp(self) -> None:
		super().setUp()
		make_zone()
		make_dimension(ZONE)
		self.addCleanup(delete_zone)
		self.make(ZONE, zone=NORTH)
		option = frappe.db.get_value("Xero Tracking Option", {"company": COMPANY, "title": OPTIONS[NORTH]})
		row = {"source_doctype": ZONE, "source": NORTH, "tracking_option": option}
		settings = self.settings()
		settings.update({"tracking_source": "Cost Center", "second_tracking_source": ZONE})
		settings.append("tracking_mapping", row)
		settings.save()
		frappe.db.commit()
		self.waiting = self.submit(xero_zone=NORTH)

	def delete_doctype(self) -> None:
		"""As another request sees it, which has not seen the DocType before."""
		frappe.delete_doc("DocType", ZONE)
		frappe.db.commit()
		frappe.clear_cache()
		frappe.db.value_cache.clear()

	def test_its_doctype_is_deleted_and_the_dimension_stays(self) -> None:
		self.delete_doctype()
		self.push()
		self.assertEqual(self.status(self.waiting), "Success", self.newest(self.waiting).message)
		self.assertEqual(self.status(self.sent()), "Success")
		self.assertIn(
			"The DocType Xero Zone no longer exists, so documents are sent without tracking by it. Choose another"
			" source in Xero Sync Settings.",
			self.notes(),
		)
		mapping.suggest(COMPANY)
		mapping.copy_from(COMPANY, COMPANY)
		settings = self.settings()
		settings.run_method("onload")
		settings.save()
		self.says("Xero Zone no longer exists")
		self.assertEqual((self.settings().second_tracking_source, self.mapped()), (None, []))
		self.can_be_saved_and_switched_off()

	def test_sending_can_be_disabled_after_its_doctype_was_deleted(self) -> None:
		self.delete_doctype()
		self.can_be_saved_and_switched_off()

	def test_its_doctype_is_renamed(self) -> None:
		rename_doc("DocType", ZONE, f"{ZONE} Renamed", force=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.addCleanup(delete_zone, f"{ZONE} Renamed")
		settings = self.settings()
		self.assertEqual(settings.second_tracking_source, f"{ZONE} Renamed")
		self.assertEqual([row.source_doctype for row in settings.tracking_mapping], [f"{ZONE} Renamed"])
		self.push()
		self.assertEqual(self.tracking(self.waiting), [[NORTH]])
		self.can_be_saved_and_switched_off()

	def test_its_field_is_gone_from_the_invoices(self) -> None:
		for doctype in ("Sales Invoice", "Sales Invoice Item"):
			frappe.delete_doc("Custom Field", f"{doctype}-xero_zone")
		frappe.clear_cache(doctype="Sales Invoice")
		frappe.db.commit()
		self.push()
		self.assertEqual(self.tracking(self.waiting), [[]])
		self.assertIn(
			"Sales Invoice does not have the field xero_zone of the accounting dimension Xero Zone, so it is sent"
			" without tracking by it. Create the dimension again, or choose another source in Xero Sync Settings.",
			self.notes(),
		)
		mapping.suggest(COMPANY)
		self.can_be_saved_and_switched_off()

	def test_it_is_disabled_and_then_its_doctype_is_deleted(self) -> None:
		dimension = frappe.get_doc("Accounting Dimension", {"document_type": ZONE})
		dimension.update({"disabled": 1}).save()
		self.assertTrue(
			any("Xero Zone is disabled as an accounting dimension" in note for note in self.notes())
		)
		self.delete_doctype()
		self.push()
		self.assertEqual(self.tracking(self.waiting), [[]])
		self.assertTrue(any("The DocType Xero Zone no longer exists" in note for note in self.notes()))
		self.can_be_saved_and_switched_off()


def make_zone() -> None:
	if not frappe.db.exists("DocType", ZONE):
		field = {"fieldname": "zone", "fieldtype": "Data", "label": "Zone", "reqd": 1, "unique": 1}
		role = {"role": "Accounts Manager", "read": 1, "write": 1, "create": 1, "delete": 1}
		values = {"custom": 1, "module": "Custom", "autoname": "field:zone", "allow_rename": 1}
		frappe.get_doc(
			{"doctype": "DocType", "name": ZONE, **values, "fields": [field], "permissions": [role]}
		).insert()
	frappe.db.commit()


def delete_zone(name: str = ZONE) -> None:
	delete_dimension(name)
	frappe.delete_doc("DocType", name, force=True)
	frappe.db.sql_ddl(f"drop table if exists `tab{name}`")
	frappe.db.commit()


def make_dimension(document_type: str = DIMENSION) -> None:
	if not frappe.db.exists("Accounting Dimension", {"document_type": document_type}):
		frappe.get_doc({"doctype": "Accounting Dimension", "document_type": document_type}).insert()
	frappe.db.commit()


def delete_dimension(document_type: str = DIMENSION) -> None:
	if name := frappe.db.exists("Accounting Dimension", {"document_type": document_type}):
		frappe.delete_doc("Accounting Dimension", name)
	frappe.db.commit()
