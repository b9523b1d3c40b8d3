"""The part of a day's calls to Xero that attachments may use, as the settings say."""

from __future__ import annotations

import frappe

from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.sync.records import Priority


def attachments_share(company: str) -> DayShare:
	percent = frappe.db.get_value(SETTINGS, company, "attachments_share")
	return DayShare(company, Priority.BACKFILL, "attached", int(percent or 0))
