"""A body that another app's hook has changed: check what it changed, and that the totals are still ERPNext's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.totals import Totals, predict
from nexwave_xero_connector.sentence import DocLink, Sentence, _

FIXED_FIELDS = (
	"Type",
	"InvoiceNumber",
	"CreditNoteNumber",
	"LineAmountTypes",
	"CurrencyCode",
	"Contact",
	"Url",
	"InvoiceID",
	"CreditNoteID",
)
"""Fields that identify the document in Xero or determine its totals."""
FIXED_CONTACT_FIELDS = ("Name", "ContactNumber", "ContactID", "ContactStatus")
"""Fields by which a contact is found again."""


def with_body(
	payload: XeroPayload, body: Mapping[str, object], settings: MappingSettings, document: DocLink, app: str
) -> XeroPayload:
	"""The payload with the body as `app` changed it.

	Raises CannotMap if the change would alter the document's identity or totals.
	"""
	if changed := _changed(FIXED_FIELDS, payload.body, body):
		raise CannotMap([_changed_field(document, app, changed)])
	try:
		totals = predict(body["LineItems"], settings.tax_rates)  # type: ignore[arg-type]
	except (KeyError, TypeError, InvalidOperation) as error:
		raise CannotMap([_unreadable(document, app, error)]) from error
	if (totals.sub_total, totals.total_tax) != (payload.sub_total, payload.total_tax):
		raise CannotMap([_other_totals(document, app, payload, totals)])
	return replace(payload, body=_with_codes(body), tax_by_type=totals.tax_by_type)


def with_details(
	body: Mapping[str, object], changed: Mapping[str, object], party: DocLink, app: str
) -> Mapping[str, object]:
	"""The new contact as `app` changed it. Raises CannotMap if it could not be found again, or not be sent at all."""
	if fixed := _changed(FIXED_CONTACT_FIELDS, body, changed):
		raise CannotMap([_changed_contact(party, app, fixed)])
	try:
		json.dumps(changed, default=_as_number)
	except (TypeError, ValueError) as error:
		raise CannotMap([_unsendable(party, app, error)]) from error
	return changed


def _changed(
	fields: Sequence[str], before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, object] | None:
	"""The first of these fields that was changed, from what and to what, for a sentence; None if none was."""
	for field in fields:
		was, now = before.get(field), after.get(field)
		if was != now:
			return {
				"field": field,
				"before": "-" if was is None else was,
				"after": "-" if now is None else now,
			}
	return None


def _as_number(value: object) -> str:
	if isinstance(value, Decimal):
		return str(value)
	raise TypeError(f"{type(value).__name__} is neither text nor a number")


def _with_codes(body: Mapping[str, object]) -> dict[str, object]:
	"""An account that an app names by its code replaces the one that we named by its id."""
	lines = [
		{field: value for field, value in line.items() if field != "AccountID" or "AccountCode" not in line}
		for line in body["LineItems"]  # type: ignore[attr-defined]
	]
	return {**body, "LineItems": lines}


def _changed_field(document: DocLink, app: str, changed: Mapping[str, object]) -> Sentence:
	return Sentence(
		_(
			"{app} changed {field} of {document} from {before} to {after}. The document could not be found in"
			" Xero again, so nothing was sent. Contact that app's developer."
		),
		app=app,
		document=document,
		**changed,
	)


def _changed_contact(party: DocLink, app: str, changed: Mapping[str, object]) -> Sentence:
	return Sentence(
		_(
			"{app} changed {field} of the contact for {party} from {before} to {after}. The contact could not be found"
			" in Xero again, so nothing was sent. Contact that app's developer."
		),
		app=app,
		party=party,
		**changed,
	)


def _unsendable(party: DocLink, app: str, error: Exception) -> Sentence:
	return Sentence(
		_(
			"{app} put something into the contact for {party} that cannot be sent ({error}), so nothing was sent."
			" Contact that app's developer."
		),
		app=app,
		party=party,
		error=str(error),
	)


def _unreadable(document: DocLink, app: str, error: Exception) -> Sentence:
	return Sentence(
		_(
			"{app} left lines in {document} that cannot be added up ({error}), so nothing was sent. Contact"
			" that app's developer."
		),
		app=app,
		document=document,
		error=f"{type(error).__name__}: {error}",
	)


def _other_totals(document: DocLink, app: str, payload: XeroPayload, totals: Totals) -> Sentence:
	return Sentence(
		_(
			"{app} changed {document} to {sub_total} plus {tax} tax, but in ERPNext it is {expected} plus"
			" {expected_tax} tax. Nothing was sent. Contact that app's developer."
		),
		app=app,
		document=document,
		sub_total=totals.sub_total,
		tax=totals.total_tax,
		expected=payload.sub_total,
		expected_tax=payload.total_tax,
	)
