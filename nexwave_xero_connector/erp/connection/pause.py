"""Pauses a company: until a given time, or until somebody has connected it again."""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import ErrorClass


def pause(company: str, until: datetime | None, sentence: Sentence, error_class: ErrorClass) -> None:
	"""sync.ports.Outbox.pause: claim() returns none of the company's rows until the pause ends. Commits."""
	frappe.db.commit()  # nosemgrep: a transaction of its own
	connection = frappe.qb.DocType(CONNECTION)
	reason = plain_text(sentence)
	query = frappe.qb.update(connection).where(connection.company == company)
	if until:
		paused_until = clock.to_column(until)
		# Never shortened: another worker may have been told to wait longer.
		query = query.where(connection.paused_until.isnull() | (connection.paused_until < paused_until))
		query = query.set(connection.paused_until, paused_until)
	else:
		query = query.set(connection.state, "Reconnect needed").set(connection.last_error, reason)
	query.set(connection.pause_reason, reason).set(connection.modified, now_datetime()).run()
	frappe.db.commit()  # nosemgrep: other workers of the company stop now
	frappe.clear_document_cache(CONNECTION, company)
	frappe.logger("xero").warning(f"{company} waits ({error_class.value}): {reason}")
