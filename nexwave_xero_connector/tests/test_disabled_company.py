"""Sending is disabled for a company, while documents of it are live in Xero."""

from __future__ import annotations

from unittest.mock import patch

import frappe

from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.erpnext_operations import SETTINGS, OperationsTest


class TestDisabled(OperationsTest):
	def switch(self, enabled: int) -> None:
		settings = self.settings()
		settings.enabled = enabled
		settings.save()
		frappe.db.commit()

	def test_a_cancel_says_that_the_copy_stays_live(self) -> None:
		document = self.sent()
		self.switch(0)
		document.cancel()
		frappe.db.commit()
		row = self.newest(document)
		self.assertEqual((row.status, row.operation, row.needs_attention), ("Queued", "Void", 1))
		self.assertIn(f"Sending to Xero is disabled for {COMPANY}", row.finding)
		self.push()
		self.assertEqual(self.live(), [document.name])
		self.switch(1)
		self.push()
		row = self.newest(document)
		self.assertEqual((row.status, row.needs_attention, row.finding), ("Voided", 0, None))
		self.assertEqual(self.live(), [])

	def test_what_waited_when_it_was_disabled_is_found(self) -> None:
		document = self.submit()
		self.switch(0)
		self.push()
		sweep()
		row = self.newest(document)
		self.assertEqual((row.status, row.needs_attention, row.is_stuck), ("Queued", 1, 1))
		self.assertIn("is disabled", row.finding)
		self.switch(1)
		self.push()
		self.assertEqual((self.status(document), self.newest(document).needs_attention), ("Success", 0))

	def test_a_cancel_that_did_not_reach_the_log_is_found(self) -> None:
		document = self.sent()
		self.switch(0)
		with patch("nexwave_xero_connector.erp.outbox.document_events.cancelled"):
			document.cancel()
		frappe.db.commit()
		sweep()
		sweep()
		row = self.newest(document)
		self.assertEqual((row.operation, row.needs_attention), ("Void", 1))
		self.assertIn("is disabled", row.finding)

	def test_the_settings_are_deleted(self) -> None:
		document = self.sent()
		document.cancel()
		frappe.db.commit()
		frappe.delete_doc(SETTINGS, COMPANY)
		frappe.db.commit()
		row = self.newest(document)
		self.assertEqual((row.needs_attention, row.is_stuck), (1, 1))
		self.assertIn("is disabled", row.finding)

	def test_it_can_be_disabled_whatever_is_wrong_with_the_mapping(self) -> None:
		"""A record may have gone to another company, or a row may have been doubled by a program."""
		settings = self.settings()
		row = settings.tax_mapping[0].as_dict()
		frappe.get_doc({**row, "name": None, "idx": 2}).db_insert()
		frappe.db.commit()
		settings = self.settings()
		self.assertRaises(frappe.ValidationError, settings.save)
		self.switch(0)
		self.assertEqual(self.settings().enabled, 0)
