"""What another app may do in the three hooks, and what it should not do."""

from __future__ import annotations

import frappe
from frappe.model.document import Document


def add_reference(doc: Document, body: dict) -> None:
	body["Reference"] = f"Contract of {doc.customer}"
	body["LineItems"][0]["Description"] += "\nAs agreed"


def add_a_line(doc: Document, body: dict) -> None:
	body["LineItems"].append({**body["LineItems"][0], "Description": "Surcharge"})


def renumber(doc: Document, body: dict) -> None:
	body["InvoiceNumber"] = f"{doc.name}/A"


def refuse(doc: Document, body: dict) -> None:
	doc.add_comment(text="Checked and refused")
	frappe.throw("Customer {0} has no contract.".format(frappe.bold(doc.customer)))


def stumble(doc: Document, body: dict) -> None:
	raise KeyError("contract")


def rename_contact(party: Document, body: dict) -> None:
	body["Name"] += " Ltd"


def renumber_contact(party: Document, body: dict) -> None:
	body["ContactNumber"] = "1"


def add_date(party: Document, body: dict) -> None:
	body["CompanyNumber"] = frappe.utils.getdate()


def refuse_contact(party: Document, body: dict) -> None:
	frappe.throw("{0} has no credit limit.".format(party.name))


def note_number(doc: Document, xero: dict) -> None:
	doc.add_comment(text=f"In Xero as {xero['number']}, {xero['status']}, {xero['total']} {xero['currency']}")


def stumble_afterwards(doc: Document, xero: dict) -> None:
	doc.add_comment(text="Half done")
	raise ConnectionError("the archive does not answer")
