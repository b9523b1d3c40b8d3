"""Contacts that somebody has merged, archived or removed in Xero."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexwave_xero_connector.mapping.erp_document import Party
from sandbox.erp import samples

from .contact_stage import CLUB, ContactStage


def test_an_archived_contact_stops_its_own_documents_only(stage: ContactStage) -> None:
	stage.make("C-1", "Ahuriri Cafe")
	stage.make("CUST-ARCHIVED", "Gone Fishing Ltd")
	good, bad = stage.invoice("C-1"), stage.invoice("CUST-ARCHIVED")
	stage.push()
	assert stage.status(good)[0] == "Success"
	status, message = stage.status(bad)
	assert status == "Failed"
	assert (
		"Gone Fishing Ltd" in message
		and "is archived in Xero. Restore it there, then press Retry." in message
	)
	assert stage.in_xero(bad) == []


def test_the_name_of_an_archived_contact_can_be_used(stage: ContactStage) -> None:
	"""Names are unique among active contacts only."""
	stage.make("C-1", "Gone Fishing Ltd")
	document = stage.invoice("C-1")
	stage.push()
	contact = stage.contact_of(document)
	assert (contact["Name"], contact["ContactNumber"]) == ("Gone Fishing Ltd", "C-1")
	assert contact["ContactStatus"] == "ACTIVE"


def test_a_merged_contact_is_followed(stage: ContactStage) -> None:
	stage.make("CUST-MERGED", "Bayside Club (old)")
	document = stage.invoice("CUST-MERGED")
	stage.push()
	assert stage.contact_of(document)["Name"] == CLUB


def test_merges_are_followed_to_the_end_of_the_chain(stage: ContactStage) -> None:
	first, second = (
		stage.add_contact(Name=name)["ContactID"] for name in ("Bayside Regatta", "Bayside Yachts")
	)
	stage.act("merge_contact", contact_id=first, into=second)
	stage.act("merge_contact", contact_id=stage.find(CLUB)["ContactID"], into=first)
	stage.make("CUST-MERGED", "Bayside Club (old)")
	document = stage.invoice("CUST-MERGED")
	stage.push()
	assert stage.contact_of(document)["ContactID"] == second


@pytest.mark.parametrize("renamed", [False, True], ids=["same name", "renamed here since"])
def test_a_linked_contact_that_is_merged_later_is_followed_by_its_id(
	stage: ContactStage, renamed: bool
) -> None:
	stage.make("C-1", "Ahuriri Cafe")
	stage.invoice("C-1")
	stage.push()
	into = stage.add_contact(Name="Westshore Bakery")["ContactID"]
	stage.act("merge_contact", contact_id=stage.find("Ahuriri Cafe")["ContactID"], into=into)
	if renamed:
		stage.make("C-1", "Marewa Espresso")
	document = stage.invoice("C-1")
	stage.push()
	assert stage.contact_of(document)["ContactID"] == into
	assert "for Westshore Bakery" in stage.status(document)[1]


def test_a_contact_that_was_merged_into_an_archived_one_is_refused_by_name(stage: ContactStage) -> None:
	last = stage.add_contact(Name="Westshore Bakery")["ContactID"]
	first = stage.add_contact(Name="Ahuriri Cafe", ContactNumber="C-1")["ContactID"]
	stage.act("merge_contact", contact_id=first, into=last)
	stage.act("archive_contact", contact_id=last)
	stage.make("C-1", "Ahuriri Cafe")
	document = stage.invoice("C-1")
	stage.push()
	assert stage.status(document)[0] == "Failed"
	assert "The contact Westshore Bakery for Ahuriri Cafe is archived in Xero" in stage.status(document)[1]


def test_documents_that_a_merge_has_moved_are_still_the_customers(stage: ContactStage) -> None:
	"""The response is lost, the contact is merged in Xero: what is there is adopted, not refused as another's."""
	stage.make("C-1", "Ahuriri Cafe")
	stage.invoice("C-1")
	stage.push()
	document = stage.invoice("C-1")
	stage.admin.fault("drop_after", method="PUT", path="/Invoices")
	stage.admin.fault("error_before", method="GET", path="/Invoices", status=503)
	stage.push()
	assert stage.status(document)[0] != "Success"
	stage.admin.clear_faults()
	into = stage.add_contact(Name="Westshore Bakery")["ContactID"]
	stage.act("merge_contact", contact_id=stage.find("Ahuriri Cafe")["ContactID"], into=into)
	stage.erp.clock.put_forward(timedelta(hours=1))
	stage.push()
	assert stage.status(document)[0] == "Success", stage.status(document)
	assert stage.contact_of(document)["ContactID"] == into
	assert len(stage.in_xero(document)) == 1


def test_a_contact_that_xero_no_longer_has_is_found_again(stage: ContactStage) -> None:
	"""As after the reset of a demo company: the link has an id that Xero does not know, and Xero refuses the call."""
	stage.make("C-1", "Ahuriri Cafe")
	stage.make("C-2", "Marewa Espresso")
	first, second = stage.invoice("C-1"), stage.invoice("C-2")
	stage.erp.documents.link_contact(
		samples.COMPANY, Party("Customer", "C-1", ""), "7b2e3c80-1111-4222-8333-944455556666", "Ahuriri Cafe"
	)
	stage.push()
	assert [stage.status(document)[0] for document in (first, second)] == ["Success"] * 2
	assert stage.contact_of(first)["Name"] == "Ahuriri Cafe"
