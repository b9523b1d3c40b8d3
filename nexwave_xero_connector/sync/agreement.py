"""Compare what a document says in ERPNext with what Xero has: the one comparison before any Success."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from nexwave_xero_connector.mapping.figures import Figures, Name
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.records import XeroDocument

RATE_TOLERANCE = Decimal("0.00005")
"""Half a step of the fourth decimal: Xero keeps six, but four were seen (see the sandbox's switch `rate_places`)."""


def differences(ours: Figures, theirs: XeroDocument) -> list[Sentence]:
	"""Where Xero's document says something else: date, currency, rate, contact, total, tax by type, lines by account.

	Due date and texts are Xero's own. What Xero does not list cannot differ: its lines, for example.
	"""
	found: list[Sentence] = []
	if ours.currency != theirs.currency:
		found.append(
			Sentence(_("currency {theirs} instead of {ours}"), theirs=theirs.currency, ours=ours.currency)
		)
	if ours.total != theirs.total:
		found.append(Sentence(_("total {theirs} instead of {ours}"), theirs=theirs.total, ours=ours.total))
	if ours.total_tax != theirs.total_tax:
		found.append(
			Sentence(_("tax {theirs} instead of {ours}"), theirs=theirs.total_tax, ours=ours.total_tax)
		)
	if ours.date and theirs.date and ours.date != theirs.date:
		found.append(Sentence(_("date {theirs} instead of {ours}"), theirs=theirs.date, ours=ours.date))
	if (
		ours.currency_rate
		and theirs.currency_rate
		and _is_another_rate(ours.currency_rate, theirs.currency_rate)
	):
		found.append(
			Sentence(
				_("exchange rate {theirs} instead of {ours}"),
				theirs=theirs.currency_rate,
				ours=ours.currency_rate,
			)
		)
	if ours.contact_id and ours.contact_id != theirs.contact_id:
		found.append(Sentence(_("contact {theirs}"), theirs=theirs.contact_name or theirs.contact_id))
	if theirs.net:
		found += [
			Sentence(_("{tax_type} tax {theirs} instead of {ours}"), tax_type=name, theirs=their, ours=our)
			for name, our, their in _unequal(ours.tax_by_type, dict(theirs.tax_by_type))
		]
		found += [
			Sentence(
				_("{theirs} instead of {ours} on account {account} with tax rate {tax_type}"),
				theirs=their,
				ours=our,
				account=account,
				tax_type=tax_type,
			)
			for (account, tax_type), our, their in _unequal(ours.net, dict(theirs.net))
		]
	return found


def _is_another_rate(ours: Decimal, theirs: Decimal) -> bool:
	return abs(ours - theirs) > RATE_TOLERANCE


def _unequal(
	ours: Mapping[Name, Decimal], theirs: Mapping[Name, Decimal]
) -> list[tuple[Name, Decimal, Decimal]]:
	return [
		(name, our, their)
		for name in sorted({*ours, *theirs})
		if (our := ours.get(name, ZERO)) != (their := theirs.get(name, ZERO))
	]
