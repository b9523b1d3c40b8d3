"""Changes to a document that has a payment or a credit note applied.

Documented by Xero: reference, due date, number, branding theme, contact and url stay editable, and so do the
description, account and tracking of lines. Amounts do not: a change is refused for sales, and silently dropped for
bills (reported by users).
"""

from __future__ import annotations

from .incoming import Element
from .line_rules import LineReader
from .model import INVOICE, Document, Kind, Line

EDIT_SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."
NEEDS_LINE_ID = "To update fields on a paid invoice line item, you must supply a LineItemID"


def edit_settled(
	kind: Kind, document: Document, element: Element, reader: LineReader, errors: list[str]
) -> None:
	"""Applies the changes that are still allowed to `document`, and collects messages in `errors`."""
	date = element.date("Date")
	if date and date != document.date:
		errors.append(
			"Date cannot be changed on an invoice that has payment or credit notes allocated to it."
		)
	if kind is INVOICE:
		document.due_date = element.date("DueDate") or document.due_date
	for name, stored in (
		("CurrencyCode", document.currency),
		("LineAmountTypes", document.line_amount_types),
	):
		if element.text(name) not in (None, stored):
			errors.append(EDIT_SETTLED)
	lines = {line.id: line for line in document.lines}
	for sent in element.objects("LineItems") or []:
		stored = lines.get(sent.guid("LineItemID") or "")
		if stored is None:
			errors.append(NEEDS_LINE_ID)
		else:
			_edit_line(document, stored, sent, reader, errors)


def _edit_line(
	document: Document, stored: Line, sent: Element, reader: LineReader, errors: list[str]
) -> None:
	read = reader.read(sent, {stored.id})
	if document.sales_side and read.has_amounts and read.line_amount != stored.line_amount:
		errors.append(EDIT_SETTLED)
		return
	stored.description = read.description or stored.description
	if read.account_code:
		stored.account_code, stored.account_id = read.account_code, read.account_id
	if sent.has("Tracking"):
		stored.tracking = read.tracking
