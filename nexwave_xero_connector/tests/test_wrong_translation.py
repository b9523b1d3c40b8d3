"""A translation that somebody has misspelt changes what is read at most, never what is done."""

import frappe

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.jobs import digest
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, new_invoice
from nexwave_xero_connector.tests.xero_test_case import XeroTest

IN_XERO = "{document} is in Xero as {number} for {contact}, {status}, {total} {currency}."
QUEUED = "{0} is queued. The log will show the result."
DIGEST = "{0} needs attention in the Xero Sync Log"
WRONG = ("{dokument} wurde gesendet.", "{document", "{document.name}", "{document:>x}")


class TestWrongTranslation(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(self.forget)
		self.addCleanup(setattr, frappe.local, "lang", frappe.local.lang)

	def forget(self) -> None:
		frappe.db.delete("Translation", {"language": "de"})
		frappe.db.set_default("lang", "en")
		frappe.db.commit()
		frappe.clear_cache()

	def translate(self, source: str, translated: str) -> None:
		frappe.db.delete("Translation", {"language": "de"})
		values = {"language": "de", "source_text": source, "translated_text": translated}
		frappe.get_doc({"doctype": "Translation", **values}).insert()
		frappe.db.set_default("lang", "de")
		frappe.local.lang = "de"
		frappe.db.commit()
		frappe.clear_cache()
		self.assertEqual(str(_(source)), translated)

	def test_a_success_stays_one(self) -> None:
		for wrong in WRONG:
			with self.subTest(wrong):
				self.translate(IN_XERO, wrong)
				document = self.submit()
				sync.push_invoice(COMPANY)
				row = self.newest(document)
				self.assertEqual(row.status, "Success", row.message)
				self.assertIn(f"{document.name} is in Xero as {document.name}", row.message)

	def test_what_a_button_does_is_done(self) -> None:
		document = new_invoice().submit()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Failed")
		for wrong in ("{1} ist eingereiht", "{name} ist eingereiht", "{0", "eingereiht"):
			with self.subTest(wrong):
				self.translate(QUEUED, wrong)
				said = sync.retry(document.doctype, document.name)["message"]
				frappe.db.commit()
				self.assertEqual(said, f"{document.name} is queued. The log will show the result.")
				self.assertEqual(self.newest(document).status, "Queued")
				sync.push_invoice(COMPANY)

	def test_the_digest_is_sent(self) -> None:
		document = new_invoice().submit()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.translate(DIGEST, "{document} braucht Aufmerksamkeit")
		digest.send_digest()
		self.assertTrue(frappe.db.get_value(LOG, self.newest(document).name, "notified_at"))

	def test_a_right_translation_is_used(self) -> None:
		self.translate(
			IN_XERO, "{document} steht als {number} in Xero: {contact}, {status}, {total} {currency}."
		)
		document = self.submit()
		sync.push_invoice(COMPANY)
		self.assertIn(f"{document.name} steht als {document.name} in Xero", self.newest(document).message)
