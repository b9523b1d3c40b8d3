"""Xero's validation errors as sentences; the messages are those that Xero's users report."""

from __future__ import annotations

import pytest

from nexwave_xero_connector.mapping.settings import XeroAccount
from nexwave_xero_connector.sentence import DocLink
from nexwave_xero_connector.sync.explain import explained, is_archived_contact, with_names
from nexwave_xero_connector.sync.records import ValidationErrors
from tests.mapping.nz import invoice, mapping_settings

LINK = DocLink("Sales Invoice", "SINV-0001")
ARCHIVED = (
	"The contact with the specified contact details has been archived. The contact must be un-archived before"
	" creating new invoices or credit notes."
)


def told(*messages: str) -> str:
	return str(explained(ValidationErrors(messages), LINK, invoice()))


@pytest.mark.parametrize(
	("message", "lock"),
	[
		(
			"The document date cannot be before the end of year lock date, currently set at 31 March 2026",
			"(end of year lock date 31 March 2026)",
		),
		(
			"The document date cannot be before the period lock date, currently set at 30 April 2026.",
			"(period lock date 30 April 2026)",
		),
		(
			"The document cannot be edited as it is currently dated before the end of year lock date",
			"(end of year lock date)",
		),
	],
)
def test_a_lock_date(message: str, lock: str) -> None:
	sentence = told(message)
	assert sentence.startswith("SINV-0001 is dated 2026-03-31, in a ")
	assert lock in sentence
	# Nobody can change what the end of year lock date locks.
	assert ("Have an adviser move the lock date" in sentence) is ("period lock date" in lock)


@pytest.mark.parametrize(
	"message",
	[
		"Organisation is not subscribed to currency USD",
		"The current organisation is not subscribed to currency 'USD'.",
	],
)
def test_a_currency(message: str) -> None:
	assert told(message) == "SINV-0001 is in USD, which is not enabled in Xero. Add the currency in Xero."


def test_what_has_ended_in_xero_since_the_lists_were_fetched() -> None:
	"""What was sent by id is named, and the message leads to the settings."""
	account = XeroAccount("200", "Sales", "REVENUE", id="3f2c0a")
	of_settings = mapping_settings(accounts={"3f2c0a": account})
	errors = ValidationErrors(
		(
			"Account code '3f2c0a' has been archived, or has been deleted. Each line item must reference a valid"
			" account.",
			"There is no ACTIVE tracking option with the name 'North' in the tracking category 'Region'",
			"Account code '3f2c0a' is not a valid code for this document.",
		)
	)
	sentence = explained(with_names(errors, of_settings), LINK, invoice())
	assert str(sentence) == (
		"Xero account 200 Sales is archived or deleted in Xero. Restore it there, or press Fetch in Xero Sync Settings"
		" and choose another account."
		" Tracking option or category North is archived or deleted in Xero. Restore it there, or press Fetch in Xero"
		" Sync Settings and choose another."
		" Xero does not accept account 200 Sales on this document. Press Fetch in Xero Sync Settings and choose another"
		" account."
	)
	assert {link.doctype for link in sentence.links} == {"Xero Sync Settings"}


def test_an_archived_contact() -> None:
	assert is_archived_contact(ValidationErrors((ARCHIVED,)))
	assert told(ARCHIVED) == "The contact for Customer One is archived in Xero. Restore it there."


def test_an_archived_account_is_not_taken_for_a_contact() -> None:
	message = "Account code '280' has been archived, or has been deleted."
	assert not is_archived_contact(ValidationErrors((message,)))
	assert told(message).startswith("Xero account 280 is archived or deleted in Xero.")


def test_other_messages_are_passed_on_and_none_is_lost() -> None:
	assert told("Something odd", ARCHIVED, "Another thing!", "Something odd") == (
		"Something odd. The contact for Customer One is archived in Xero. Restore it there. Another thing!"
	)
