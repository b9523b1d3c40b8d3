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
	"""Where Xero's document says something else: date, currency, rate, contact, total, tax, lines by account, tracking.

	Due date and texts are Xero's own, and so are tracking options that we did not send. What Xero does not list cannot
	differ: its lines, for example. Accounts are compared by their ids: a code may have been changed in Xero.
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
				account=ours.names.get(account, account),
				tax_type=tax_type,
			)
			for (account, tax_type), our, their in _unequal(ours.net, _net_by_our_accounts(ours, theirs))
		]
		their_tracking = dict(theirs.tracking)
		found += [
			Sentence(
				_("{theirs} instead of {ours} under tracking option {option}"),
				theirs=their_tracking.get(option, ZERO),
				ours=net,
				option=ours.names.get(option, option),
			)
			for option, net in ours.tracking.items()
			if their_tracking.get(option, ZERO) != net
		]
	return found


def _net_by_our_accounts(ours: Figures, theirs: XeroDocument) -> dict[tuple[str, str], Decimal]:
	"""Xero's amounts by account as our figures name it: by its id or, before ids were sent, by its code."""
	named, ids = {account for account, _tax_type in ours.net}, dict(theirs.account_ids)
	return {
		(code if code in named else ids[code] if ids.get(code) in named else code, tax_type): net
		for (code, tax_type), net in theirs.net
	}


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
