"""The real SDK against the sandbox, including its traps."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
import urllib3
from sandbox_api import Api

from sandbox.xero.seed.organisations import DEMO_APP

pytest.importorskip("xero_python")

from xero_python.accounting import AccountingApi, Contact, Invoice, LineItem
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import AccountingBadRequestException, HTTPStatusException, NotFoundException
from xero_python.identity import IdentityApi

TOKEN_KEYS = ("access_token", "refresh_token", "expires_in", "token_type", "scope", "id_token")


class Sdk:
	def __init__(self, api: Api, *, retries: bool = False) -> None:
		self.tenant = api.tenant
		oauth2 = OAuth2Token(client_id=DEMO_APP[0], client_secret=DEMO_APP[1])
		configuration = Configuration(oauth2_token=oauth2)
		configuration.oauth2_token = oauth2
		self.client = ApiClient(configuration)
		stored = {key: api.token[key] for key in TOKEN_KEYS}
		self.client.oauth2_token_getter(lambda: stored)
		self.client.oauth2_token_saver(stored.update)
		self.stored = stored
		oauth2.update_token(**stored)
		if not retries:
			self.client.rest_client.pool_manager.connection_pool_kw["retries"] = urllib3.Retry(0, redirect=0)
		self.accounting = AccountingApi(self.client, base_url=f"{api.sandbox.url}/api.xro/2.0")
		self.identity = IdentityApi(self.client, base_url=api.sandbox.url)


@pytest.fixture
def sdk(api: Api, monkeypatch: pytest.MonkeyPatch) -> Sdk:
	for name, path in (("refresh_token_url", "token"), ("revoke_token_url", "revocation")):
		monkeypatch.setattr(TokenApi, name, f"{api.sandbox.url}/connect/{path}")
	return Sdk(api)


def test_a_typed_invoice_makes_a_round_trip(api: Api, sdk: Sdk) -> None:
	invoice = Invoice(
		type="ACCREC",
		contact=Contact(contact_id=api.contact_id()),
		invoice_number="SDK-1",
		date=datetime.date(2026, 11, 1),
		due_date=datetime.date(2026, 11, 30),
		status="AUTHORISED",
		line_items=[
			LineItem(
				description="Work", quantity=Decimal(2), unit_amount=Decimal("10.10"), account_code="200"
			)
		],
	)
	created = sdk.accounting.create_invoices(
		sdk.tenant, {"Invoices": [invoice]}, idempotency_key="k"
	).invoices[0]
	assert (created.total, created.date) == (Decimal("23.23"), datetime.date(2026, 11, 1))
	got = sdk.accounting.get_invoice(sdk.tenant, created.invoice_id).invoices[0]
	assert (got.invoice_number, got.line_items[0].tax_type) == ("SDK-1", "OUTPUT2")
	page = sdk.accounting.get_invoices(sdk.tenant, invoice_numbers=["SDK-1"], page=1)
	assert page.pagination.item_count == 1


def test_plain_dictionaries(api: Api, sdk: Sdk) -> None:
	answer = sdk.accounting.create_invoices(
		sdk.tenant, {"Invoices": [api.invoice("A"), api.invoice("a")]}, summarize_errors=False, unitdp=4
	)
	assert [row.status_attribute_string for row in answer.invoices] == ["OK", "ERROR"]
	assert answer.invoices[1].validation_errors[0].message == "Invoice # must be unique."


def test_errors_become_the_sdks_exceptions(api: Api, sdk: Sdk) -> None:
	with pytest.raises(AccountingBadRequestException) as refused:
		sdk.accounting.create_invoices(sdk.tenant, {"Invoices": [api.invoice(Contact=None)]})
	assert refused.value.reason == "A Contact must be specified for this type of transaction"
	with pytest.raises(NotFoundException):
		sdk.accounting.get_invoice(sdk.tenant, "11111111-2222-3333-4444-555555555555")
	api.admin.disconnect()
	with pytest.raises(HTTPStatusException) as forbidden:
		sdk.accounting.get_organisations(sdk.tenant)
	assert forbidden.value.status == 403


def test_settings_and_connections(sdk: Sdk) -> None:
	assert sdk.accounting.get_organisations(sdk.tenant).organisations[0].name == "NexWave Demo NZ"
	assert len(sdk.accounting.get_accounts(sdk.tenant).accounts) > 40
	assert len(sdk.accounting.get_tax_rates(sdk.tenant).tax_rates) == 7
	assert sdk.accounting.get_currencies(sdk.tenant).currencies
	assert sdk.accounting.get_tracking_categories(sdk.tenant).tracking_categories[0].options
	assert sdk.accounting.get_contacts(sdk.tenant, include_archived=True, page=1).contacts
	assert sdk.accounting.get_branding_themes(sdk.tenant).branding_themes
	row = sdk.identity.get_connections()[0]
	assert row.tenant_id == sdk.tenant
	sdk.identity.delete_connection(row.id)
	assert sdk.identity.get_connections() == []


def test_the_sdk_fails_after_a_successful_allocation_delete(api: Api, sdk: Sdk) -> None:
	invoice, note = api.create(api.invoice()), api.create(api.credit_note())
	body = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": 10, "Date": "2026-11-02"}
	note_id = note["CreditNoteID"]
	sdk.accounting.create_credit_note_allocation(sdk.tenant, note_id, {"Allocations": [body]})
	got = sdk.accounting.get_credit_note(sdk.tenant, note_id).credit_notes[0]
	with pytest.raises(ValueError, match="must not be"):
		sdk.accounting.delete_credit_note_allocations(sdk.tenant, note_id, got.allocations[0].allocation_id)
	assert sdk.accounting.get_credit_note(sdk.tenant, note_id).credit_notes[0].allocations == []


def test_an_unknown_enum_raises_after_a_successful_write(api: Api, sdk: Sdk) -> None:
	api.admin.fault("unknown_enum", method="PUT")
	with pytest.raises(ValueError):
		sdk.accounting.create_invoices(sdk.tenant, {"Invoices": [api.invoice()]})
	assert len(api.admin.documents()) == 1


def test_the_sdks_hidden_retry_creates_duplicate_bills(api: Api, sdk: Sdk) -> None:
	"""This is what the sandbox is for: with urllib3's default retries, a lost response leads to a second bill."""
	api.admin.fault("drop_after", method="PUT")
	Sdk(api, retries=True).accounting.create_invoices(api.tenant, {"Invoices": [api.bill()]})
	assert len(api.admin.documents()) == 2
	api.admin.fault("drop_after", method="PUT")
	with pytest.raises(urllib3.exceptions.HTTPError):
		sdk.accounting.create_invoices(api.tenant, {"Invoices": [api.bill()]})
	assert len(api.admin.documents()) == 3


def test_refresh_and_revoke(api: Api, sdk: Sdk) -> None:
	old: dict[str, Any] = dict(sdk.stored)
	fresh = sdk.client.refresh_oauth2_token()
	assert fresh["refresh_token"] != old["refresh_token"]
	assert sdk.accounting.get_organisations(sdk.tenant).organisations
	sdk.client.revoke_oauth2_token()
	api.token = old
	assert api.get("/Invoices").status_code == 401
