"""Documents in Xero beyond their figures: contacts, lock dates, tracking, hooks of other apps."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document

from nexwave_xero_connector import hooks
from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import (
	bill,
	item,
	sales,
)
from nexwave_xero_connector.tests.catalogue.company import (
	COMPANY,
	CUSTOMER,
	own,
	project,
)

ANOTHER_APP = "nexwave_xero_connector.tests.catalogue.another_app"


class TestContacts(BooksInXero):
	def customer(self, name: str, **values: object) -> str:
		"""A customer with a unique name, because a killed run leaves its customers behind."""
		unused = f"Books {name} {frappe.generate_hash(length=6)}"
		customer = frappe.get_doc({"doctype": "Customer", "customer_name": unused, **values}).insert()
		self.addCleanup(frappe.delete_doc, "Customer", customer.name, force=True)
		frappe.db.commit()
		return customer.name

	def invoice(self, customer: str) -> Document:
		"""A submitted invoice that was pushed."""
		document = self.submit(sales(item(), customer=customer))
		self.world.push()
		return document

	def contact(self, document: Document) -> dict:
		row = self.world.row(document)
		self.assertEqual(row.status, "Success", row.message)
		return self.in_xero(document)["Contact"]

	def test_an_archived_contact_is_reported_by_name(self) -> None:
		customer = self.customer("Archived")
		self.invoice(customer)
		self.act("archive_contact", name=customer)
		document = self.invoice(customer)
		row = self.world.row(document)
		self.assertEqual(row.status, "Failed")
		self.assertIn(f"The contact for {customer} is archived in Xero. Restore it there.", row.message)
		self.act("archive_contact", name=customer, undo=True)
		self.assertEqual(self.retry(document).status, "Success")

	def test_a_contact_archived_before_it_was_linked_is_reported_by_name(self) -> None:
		customer = self.customer("Archived Before")
		self.invoice(customer)
		self.act("archive_contact", name=customer)
		frappe.db.delete("Xero Contact", {"company": COMPANY, "party": customer})
		row = self.world.row(self.invoice(customer))
		self.assertEqual(row.status, "Failed")
		self.assertIn(f"The contact {customer} for {customer} is archived in Xero", row.message)

	def test_a_merged_contact_is_followed(self) -> None:
		"""Linked before the merge or looked up afterwards; the other contact may be another customer's."""
		other = self.contact(self.invoice(self.customer("Kept")))["ContactID"]
		for is_linked in (True, False):
			with self.subTest(is_linked=is_linked):
				customer = self.customer(f"Merged {'Later' if is_linked else 'Before'}")
				merged = self.contact(self.invoice(customer))["ContactID"]
				self.act("merge_contact", contact_id=merged, into=other)
				link = {"company": COMPANY, "party": customer}
				if not is_linked:
					frappe.db.delete("Xero Contact", link)
				self.assertEqual(self.contact(self.invoice(customer))["ContactID"], other)
				self.assertEqual(frappe.db.get_value("Xero Contact", link, "contact_id"), other)

	def test_details_are_sent_at_creation_only(self) -> None:
		customer = self.customer("Tūī", tax_id="123-456-789")
		contact = self.contact(self.invoice(customer))
		self.assertEqual((contact["Name"], contact["TaxNumber"]), (customer, "123-456-789"))
		self.act("rename_contact", contact_id=contact["ContactID"], new_name="Tui in Xero")
		frappe.db.set_value("Customer", customer, "tax_id", "987-654-321")
		contact = self.contact(self.invoice(customer))
		self.assertEqual((contact["Name"], contact["TaxNumber"]), ("Tui in Xero", "123-456-789"))


class TestTracking(BooksInXero):
	def test_cost_centre_and_project_become_tracking(self) -> None:
		document = self.submit(
			sales(
				item(cost_center=own("Books North"), project=project()),
				item(cost_center=own("Books South")),
				item(),
				cost_center=own("Books North"),
			)
		)
		self.world.push()
		tracking = [
			{(chosen["Name"], chosen["Option"]) for chosen in line["Tracking"]}
			for line in self.in_xero(document)["LineItems"]
		]
		self.assertEqual(tracking[0], {("Region", "North"), ("Department", "Service")})
		self.assertEqual(tracking[1], {("Region", "South")})

	def test_an_archived_option_is_refused_by_name(self) -> None:
		option = frappe.db.get_value("Xero Tracking Option", {"company": COMPANY, "option": "South"})
		frappe.db.set_value("Xero Tracking Option", option, "status", "ARCHIVED")
		self.addCleanup(frappe.db.set_value, "Xero Tracking Option", option, "status", "ACTIVE")
		row = self.push(sales(item(cost_center=own("Books South"))))
		self.assertEqual(row.status, "Failed")
		self.assertIn("tracking option South of Region, which is archived in Xero", row.message)


class TestHooksOfOtherApps(BooksInXero):
	def test_before_push_may_change_the_body(self) -> None:
		with hooked(xero_before_push="add_reference"):
			document = self.submit(sales(item()))
			self.world.push()
		wire = self.in_xero(document)
		self.assertEqual(wire["Reference"], f"Contract of {CUSTOMER}")
		self.assertTrue(wire["LineItems"][0]["Description"].endswith("As agreed"))

	def test_before_push_may_not_change_totals_or_number(self) -> None:
		for function, expected in (
			("add_a_line", "to 200.00 plus 30.00 tax, but in ERPNext it is 100.00 plus 15.00 tax"),
			("renumber", "changed InvoiceNumber"),
		):
			with self.subTest(function), hooked(xero_before_push=function):
				document = self.submit(sales(item(100)))
				self.world.push()
				row = self.world.row(document)
				self.assertEqual(row.status, "Failed", row.message)
				self.assertIn(expected, row.message)
				self.assertIn(f"{ANOTHER_APP}.{function}", row.message)
				self.assertNotIn(document.name, self.world.in_xero())

	def test_before_push_may_refuse_and_leaves_nothing_behind(self) -> None:
		with hooked(xero_before_push="refuse"):
			document = self.submit(sales(item()))
			other = self.submit(bill(item()))  # it has no customer, so the hook fails
			self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Failed")
		self.assertIn(
			f"stopped {document.name}: Customer {CUSTOMER} has no contract. Nothing was sent", row.message
		)
		self.assertEqual(comments(document), [])
		self.assertEqual(self.world.row(other).status, "Failed")
		self.assertEqual(self.retry(document).status, "Success")

	def test_an_error_in_another_app_fails_only_its_document(self) -> None:
		with hooked(xero_before_push="stumble"):
			row = self.push(sales(item()))
		self.assertEqual(row.status, "Failed")
		self.assertIn("KeyError", row.message)
		self.assertTrue(frappe.db.exists("Error Log", {"method": ("like", f"Xero: {ANOTHER_APP}.stumble%")}))

	def test_after_push_gets_what_is_in_xero(self) -> None:
		with hooked(xero_after_push="note_number"):
			document = self.submit(sales(item(100)))
			self.world.push()
		self.assertEqual(
			comments(document),
			[f"In Xero as {document.name}, AUTHORISED, 115.00 NZD"],
		)

	def test_a_failure_after_the_push_leaves_it_in_xero_and_is_reported(self) -> None:
		with hooked(xero_after_push="stumble_afterwards"):
			document = self.submit(sales(item(100)))
			self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Success", row.message)
		self.assertIn(f"It is in Xero, but {ANOTHER_APP}.stumble_afterwards failed afterwards", row.message)
		self.assertEqual(comments(document), [])
		self.assertIn(document.name, self.world.in_xero())

	def test_a_hook_that_does_not_exist_is_reported_by_name(self) -> None:
		with hooked(xero_before_push="no_such_function"):
			row = self.push(sales(item()))
		self.assertEqual(row.status, "Failed")
		self.assertIn(f"{ANOTHER_APP}.no_such_function", row.message)


@contextmanager
def hooked(app: str = ANOTHER_APP, /, **functions: str) -> Iterator[None]:
	"""Add hooks as an app would; here they are set in this app's own hooks.py."""
	for hook, function in functions.items():
		setattr(hooks, hook, [f"{app}.{function}"])
	frappe.clear_cache()
	try:
		yield
	finally:
		for hook in functions:
			delattr(hooks, hook)
		frappe.clear_cache()


def comments(document: Document) -> list[str]:
	return frappe.get_all(
		"Comment",
		{"reference_doctype": document.doctype, "reference_name": document.name, "comment_type": "Comment"},
		pluck="content",
	)
