"""Bills with files, and what became of them. Runs on the site."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import frappe
from frappe.utils import add_days, now, nowdate

from benchmarks.site_books import ITEM, copy_document, unpushed
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Trigger
from nexwave_xero_connector.tests.records import make_account, make_tax_rate

BILLS = "ACC-PINV-BENCH-"
SUPPLIER = "Benchmark Supplier"
FILES = ("scan.docx", "delivery note.docx")
SHARE = 90


def bills_with_files(company: str, count: int) -> None:
	"""Bills that wait for Xero, each with two private files, and attachments switched on."""
	_switch_on(company)
	original = unpushed(_new_bill(company))
	copy_document("Purchase Invoice", original.name, BILLS, 1, count)
	folder = Path(frappe.get_site_path("private", "files"))
	folder.mkdir(parents=True, exist_ok=True)
	rows = []
	for title in FILES:
		(folder / f"benchmark-{title}").write_bytes(title.encode() * 1000)
		for number in range(1, count + 1):
			name = f"benchmark-{title}-{number}"
			url, attached = f"/private/files/benchmark-{title}", ("Purchase Invoice", f"{BILLS}{number}")
			rows.append((name, now(), now(), title, url, 1, *attached, title))
	columns = "name creation modified file_name file_url is_private attached_to_doctype attached_to_name content_hash"
	frappe.db.bulk_insert("File", columns.split(), rows)
	from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer

	for number in range(1, count + 1):
		document = DocumentRef("Purchase Invoice", f"{BILLS}{number}")
		FrappeEnqueuer().submitted(document, Trigger.SUBMIT)
	frappe.db.commit()


def look_for_files() -> None:
	"""The scheduled look, which queues the job."""
	from nexwave_xero_connector.jobs.attachments import look_for_new_files

	look_for_new_files()


def files_by_status(company: str) -> dict[str, int]:
	frappe.db.rollback()
	return dict(Counter(frappe.get_all("Xero Attachment", {"company": company}, pluck="status")))


def _switch_on(company: str) -> None:
	expenses = {"account_class": "EXPENSE", "account_type": "DIRECTCOSTS"}
	untaxed = {"effective_rate": 0, "can_apply_to_expenses": 1, "tax_rate_name": "No GST"}
	settings = frappe.get_doc("Xero Sync Settings", company)
	settings.update(
		{
			"default_purchase_account": make_account(company, "300", **expenses),
			"untaxed_purchase_tax_rate": make_tax_rate(company, "NONE", **untaxed),
			"attach_to_purchase_invoices": 1,
			"attachments_share": SHARE,
		}
	)
	settings.save()
	frappe.db.commit()


def _new_bill(company: str) -> frappe.model.document.Document:
	if not frappe.db.exists("Supplier", SUPPLIER):
		frappe.get_doc({"doctype": "Supplier", "supplier_name": SUPPLIER}).insert()
	return frappe.get_doc(
		{
			"doctype": "Purchase Invoice",
			"company": company,
			"supplier": SUPPLIER,
			"posting_date": nowdate(),
			"due_date": add_days(nowdate(), 20),
			"currency": frappe.db.get_value("Company", company, "default_currency"),
			"conversion_rate": 1,
			"disable_rounded_total": 1,
			"items": [{"item_code": ITEM, "qty": 1, "rate": 100}],
		}
	)
