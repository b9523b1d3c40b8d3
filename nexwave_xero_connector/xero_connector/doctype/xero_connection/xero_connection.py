from typing import NoReturn

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.translation import _


class XeroConnection(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		access_token: DF.Password | None
		cause: DF.Literal[
			"",
			"Consent expired or withdrawn",
			"Xero app not accepted",
			"Disconnected in Xero",
			"Permission missing",
			"Token unreadable",
		]
		company: DF.Link
		compare_asked_at: DF.Datetime | None
		compare_from: DF.Date | None
		compare_to: DF.Date | None
		day_calls_remaining: DF.Int
		expires_at: DF.Datetime | None
		installation: DF.Data | None
		last_error: DF.SmallText | None
		last_sweep: DF.Datetime | None
		last_sweep_found: DF.SmallText | None
		links_missing: DF.Check
		outage_since: DF.Datetime | None
		pause_reason: DF.SmallText | None
		paused_until: DF.Datetime | None
		refresh_token: DF.Password | None
		scope: DF.SmallText | None
		state: DF.Literal["Not connected", "Connected", "Reconnect needed"]

	# end: auto-generated types
	def get_password(self, fieldname: str = "password", raise_exception: bool = True) -> NoReturn:
		"""Always refuse: `frappe.client.get_password` would give the tokens to any System Manager over the API.

		The connector reads them with `erp/connection/stored_password.py`.
		"""
		frappe.throw(_("The tokens of a Xero Connection cannot be read."), frappe.PermissionError)
