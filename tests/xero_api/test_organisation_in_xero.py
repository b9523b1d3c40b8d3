"""Contacts, the chart of accounts, connections and tokens, against the running Xero sandbox."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import ReconnectRequired
from nexwave_xero_connector.sync.records import ValidationErrors
from nexwave_xero_connector.xero_api import connections, contacts, oauth, organisation
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.oauth import App, Token

from .conftest import SETTINGS
from .xero_stand_in import StandIn


def app_of(stand_in: StandIn, name: str = "NexWave Connector") -> App:
	row = next(row for row in stand_in.admin.status()["apps"] if row["name"] == name)
	return App(row["client_id"], row["client_secret"], SETTINGS, identity_url=stand_in.admin.url)


def test_contacts_are_found_by_number_and_name_including_archived_and_merged_ones(stand_in: StandIn) -> None:
	found = stand_in.xero.find_contacts(
		["cust-0001", "CUST-ARCHIVED"], ["City Limousines", "BAYSIDE CLUB (OLD)"]
	)
	by_name = {contact.name: contact for contact in found}
	assert sorted(by_name) == ["Bayside Club", "Bayside Club (old)", "City Limousines", "Gone Fishing Ltd"]
	assert by_name["Bayside Club"].number == "CUST-0001"
	assert not by_name["Bayside Club"].is_archived
	assert by_name["Gone Fishing Ltd"].is_archived
	assert by_name["Bayside Club (old)"].merged_into == by_name["Bayside Club"].id


def test_a_contact_is_created_once_and_never_overwritten(stand_in: StandIn) -> None:
	body = {
		"Name": 'Kauri "Timber" & Söhne, Ltd',
		"ContactNumber": "CUST-9",
		"EmailAddress": "a@kauri.example",
	}
	taken = {"Name": "Bayside Club", "ContactNumber": "CUST-10", "EmailAddress": "new@example.org"}
	created, refused = stand_in.xero.create_contacts([body, taken], "key")
	assert isinstance(refused, ValidationErrors) and "already assigned" in refused.messages[0]
	assert stand_in.xero.find_contacts([], [body["Name"]]) == [created]
	assert stand_in.xero.find_contacts(["CUST-10"], []) == []


def test_the_organisation_has_what_the_settings_need(stand_in: StandIn) -> None:
	found = organisation.organisation(stand_in.client)
	assert (found.name, found.base_currency) == ("NexWave Demo NZ", "NZD")
	assert found.short_code == "!nzS4b"
	assert found.period_lock_date is None
	stand_in.admin.act(stand_in.tenant, "lock", period="2026-03-31")
	assert str(organisation.organisation(stand_in.client).period_lock_date) == "2026-03-31"


def test_accounts_have_their_class_and_status(stand_in: StandIn) -> None:
	stand_in.admin.act(stand_in.tenant, "archive_account", code="203")
	accounts = {account.code: account for account in organisation.accounts(stand_in.client)}
	assert accounts["200"].name == "Sales"
	assert (accounts["200"].account_class, accounts["200"].status) == ("REVENUE", "ACTIVE")
	assert accounts["300"].account_class == "EXPENSE"
	assert accounts["090"].account_type == "BANK"
	assert accounts["203"].status == "ARCHIVED"


def test_tax_rates_have_the_account_classes_they_apply_to(stand_in: StandIn) -> None:
	rates = {rate.tax_type: rate for rate in organisation.tax_rates(stand_in.client)}
	assert rates["OUTPUT2"].rate == Decimal(15)
	assert rates["OUTPUT2"].applies_to == {"ASSET", "EQUITY", "LIABILITY", "REVENUE"}
	assert rates["GSTONIMPORTS"].applies_to == {"LIABILITY"}
	assert rates["OUTPUT"].status == "DELETED"
	assert [component[1] for component in rates["OUTPUT2"].components] == [Decimal(15)]


def test_tracking_and_currencies(stand_in: StandIn) -> None:
	categories = organisation.tracking_categories(stand_in.client)
	assert categories and all(category.is_active and category.options for category in categories)
	assert "USD" in organisation.currencies(stand_in.client)


def test_a_connection_is_listed_and_removed_by_its_own_id(stand_in: StandIn) -> None:
	(connection,) = connections.connections(stand_in.client)
	assert (connection.tenant_id, connection.tenant_name) == (stand_in.tenant, "NexWave Demo NZ")
	assert connection.tenant_type == "ORGANISATION" and connection.auth_event_id
	assert connection.id != connection.tenant_id
	connections.disconnect(stand_in.client, connection.id)
	connections.disconnect(stand_in.client, connection.id)
	assert connections.connections(stand_in.client) == []
	with pytest.raises(ReconnectRequired):
		stand_in.xero.find(XeroType.ACCREC, ["SI-1"])


def test_a_refresh_returns_a_new_pair_and_can_be_repeated_if_it_is_lost(stand_in: StandIn) -> None:
	first = stand_in.token()
	second = oauth.refresh(app_of(stand_in), first)
	assert second.refresh_token not in ("", first.refresh_token)
	again = oauth.refresh(app_of(stand_in), first)
	assert contacts.find_contacts(stand_in.connect(again), ["CUST-0001"], [])


def test_a_spent_refresh_token_requires_a_reconnect(stand_in: StandIn) -> None:
	first = stand_in.token()
	second = oauth.refresh(app_of(stand_in), first)
	oauth.refresh(app_of(stand_in), second)
	stand_in.admin.advance(31 * 60)
	with pytest.raises(ReconnectRequired):
		oauth.refresh(app_of(stand_in), first)


def test_revoking_ends_the_connection(stand_in: StandIn) -> None:
	token = stand_in.token()
	oauth.revoke(app_of(stand_in), token)
	with pytest.raises(ReconnectRequired):
		oauth.refresh(app_of(stand_in), token)


def test_a_custom_connection_needs_no_browser(stand_in: StandIn) -> None:
	token = oauth.client_credentials(app_of(stand_in, "NexWave Custom Connection"))
	assert token.refresh_token == ""
	assert token.scope == "accounting.invoices accounting.contacts accounting.settings.read"
	client = stand_in.connect(token)
	assert [connection.tenant_id for connection in connections.connections(client)] == [stand_in.tenant]
	assert organisation.organisation(client).name == "NexWave Demo NZ"


def test_the_sign_in_url_has_everything_xero_needs() -> None:
	app = App("client-1", "s", SETTINGS, "https://erp.example/back", "accounting.invoices offline_access")
	address, _mark, query = oauth.authorisation_url(app, "st&te", "v" * 43).partition("?")
	assert address == "https://login.xero.com/identity/connect/authorize"
	assert parse_qs(query) == {
		"response_type": ["code"],
		"client_id": ["client-1"],
		"redirect_uri": ["https://erp.example/back"],
		"scope": ["accounting.invoices offline_access"],
		"state": ["st&te"],
		"code_challenge": ["7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"],
		"code_challenge_method": ["S256"],
	}


def test_a_token_that_xero_ended_early_is_renewed_once_and_the_call_repeated(stand_in: StandIn) -> None:
	spent: list[Token] = []

	def renew(token: Token) -> Token:
		spent.append(token)
		return oauth.refresh(app_of(stand_in), token)

	first = stand_in.token()
	client = Client(
		first,
		stand_in.tenant,
		settings=SETTINGS,
		now=lambda: datetime.now(timezone.utc),
		api_url=stand_in.admin.url,
		renew=renew,
	)
	stand_in.admin.fault("token_expired", path="/organisation$")
	assert organisation.organisation(client).name == "NexWave Demo NZ"
	assert spent == [first]
	stand_in.admin.fault("token_expired", path="/organisation$")
	with pytest.raises(ReconnectRequired):
		organisation.organisation(client)
	assert spent == [first]
