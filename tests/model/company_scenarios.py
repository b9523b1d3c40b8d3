"""Small worlds in which something changes around the documents: the organisation that the company sends to, its parties
and their contacts, in ERPNext and in Xero, and whether it sends at all."""

from __future__ import annotations

from dataclasses import replace

from tests.model.erp_model import SUPPLIER
from tests.model.scenarios import BILL, SECOND_BILL
from tests.model.world import Bounds, Scenario, UserAction

OTHER_SUPPLIERS_BILL = replace(SECOND_BILL, party=replace(SUPPLIER, name="SUPP-2", title="Mataī Mill"))


def there_and_back(bounds: Bounds) -> Scenario:
	"""A bill is sent to one organisation, then to another on purpose, cancelled, and the first one is chosen again."""
	return Scenario(
		"bill: submit, another organisation, retry, cancel, the first again",
		[BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("choose another organisation", BILL.ref, (0,)),
			UserAction("retry", BILL.ref, (1,)),
			UserAction("cancel", BILL.ref, (1,)),
			UserAction("choose the first organisation again", BILL.ref, (1,)),
		],
		bounds,
	)


def cancelled_there_and_back(bounds: Bounds) -> Scenario:
	"""The bill may be in one organisation and in doubt in the other when the first one is chosen again."""
	return Scenario(
		"bill: submit, another organisation, cancel, the first again",
		[BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("choose another organisation", BILL.ref, (0,)),
			UserAction("cancel", BILL.ref, (1,)),
			UserAction("choose the first organisation again", BILL.ref, (1,)),
		],
		bounds,
	)


def another_organisation(bounds: Bounds) -> Scenario:
	"""The company is connected to another organisation for good, while a bill is on its way or in the first one."""
	return Scenario(
		"bill: submit, another organisation, cancel",
		[BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("choose another organisation", BILL.ref, (0,)),
			UserAction("cancel", BILL.ref, (1,)),
		],
		bounds,
	)


def interrupted_before_another_organisation(bounds: Bounds) -> Scenario:
	"""The same, where one dead worker is enough for a person to be asked."""
	return replace(another_organisation(bounds), name="the same, and retries stop", interruptions=1)


def merged_contact(bounds: Bounds) -> Scenario:
	"""The contact is merged in Xero while bills of it are sent, and a credit note is cancelled."""
	return Scenario(
		"two bills: submit, merge the contact, cancel one",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("merge the contact in Xero", BILL.ref, (0,)),
			UserAction("submit", SECOND_BILL.ref, (0,)),
			UserAction("cancel", BILL.ref, (1,)),
		],
		bounds,
		succeeds=True,
	)


def merged_while_sent(bounds: Bounds) -> Scenario:
	"""The contact is merged in Xero after a bill of it has arrived there, and before its worker knows."""
	return Scenario(
		"bill: submit, merge the contact",
		[BILL],
		[UserAction("submit", BILL.ref), UserAction("merge the contact in Xero", BILL.ref, (0,))],
		bounds,
		succeeds=True,
	)


def merged_parties(bounds: Bounds) -> Scenario:
	"""Two suppliers become one in ERPNext while bills of both are sent, and one is cancelled. No question is left."""
	return Scenario(
		"bills of two suppliers: submit, merge the suppliers, cancel one",
		[BILL, OTHER_SUPPLIERS_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("submit", OTHER_SUPPLIERS_BILL.ref, (0,)),
			UserAction("merge the party into another", BILL.ref, (0,)),
			UserAction("cancel", BILL.ref, (2,)),
		],
		bounds,
		succeeds=not (bounds.network_faults or bounds.crashes),
	)


def merged_on_both_sides(bounds: Bounds) -> Scenario:
	"""Two suppliers are merged in ERPNext and then in Xero, as the message says; Retry then has nothing to ask."""
	return Scenario(
		"bill: submit, merge the suppliers, then their contacts, retry",
		[BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("merge the party into another", BILL.ref, (0,)),
			UserAction("merge their contacts in Xero", BILL.ref, (1,)),
			UserAction("retry once it is not being worked on", BILL.ref, (2,)),
		],
		bounds,
		retry_cures=True,
	)


def renamed_on_both_sides(bounds: Bounds) -> Scenario:
	"""A supplier gets another id in ERPNext, and its contact another name in Xero, while bills of it are sent."""
	return Scenario(
		"two bills: submit, rename the supplier and the contact, cancel one",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("rename the party", BILL.ref, (0,)),
			UserAction("rename the contact in Xero", BILL.ref, (0,)),
			UserAction("submit", SECOND_BILL.ref, (1,)),
			UserAction("cancel", BILL.ref, (1,)),
		],
		bounds,
		succeeds=True,
	)


def disabled_and_enabled(bounds: Bounds) -> Scenario:
	"""Sending is disabled for a while: a bill that is on its way, or there, is cancelled, and another one waits."""
	return Scenario(
		"two bills: submit, disable, cancel one, enable",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("submit", SECOND_BILL.ref),
			UserAction("disable", BILL.ref, (0, 1)),
			UserAction("cancel", BILL.ref, (0,)),
			UserAction("enable", BILL.ref, (2,)),
		],
		bounds,
		succeeds=True,
	)
