"""The company's connection to its Xero organisation: the app, the chosen tenant, and the tokens."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, settings_link
from nexwave_xero_connector.sync.records import ValidationErrors, XeroContact, XeroDocument
from nexwave_xero_connector.xero_api import oauth
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired
from nexwave_xero_connector.xero_api.oauth import App, Token
from nexwave_xero_connector.xero_api.xero import XeroApi
from sandbox.erp.clock import Clock
from sandbox.erp.database import Database, to_moment, to_text

T = TypeVar("T")
SCHEMA = Path(__file__).with_name("connection.sql")
RENEWED_BEFORE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class ConnectionFile:
	"""A file beside the ERP's own for the tokens, so that a refresh that waits for Xero does not block a submit."""

	erp_path: str

	def open(self) -> Database:
		return Database(f"{self.erp_path}-connection", SCHEMA)


class ConnectedXero:
	"""sync.ports.Xero for one company, with a valid access token for every call.

	A token is renewed under a lock that all workers share, because a refresh token can be used only once.
	"""

	def __init__(self, company: str, xero_url: str, erp_path: str, clock: Clock) -> None:
		self._company = company
		self._xero_url = xero_url
		self._clock = clock
		self._settings = settings_of(company)
		self._tokens = ConnectionFile(erp_path).open()

	def probe(self) -> str:
		return self._call(lambda xero: xero.probe())

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		return self._call(lambda xero: xero.find(xero_type, numbers))

	def ids_made_by_this_app(self, xero_type: XeroType, numbers: Sequence[str]) -> set[str]:
		return self._call(lambda xero: xero.ids_made_by_this_app(xero_type, numbers))

	def read(self, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
		return self._call(lambda xero: xero.read(xero_type, ids))

	def create(
		self, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		return self._call(lambda xero: xero.create(xero_type, bodies, idempotency_key))

	def void(
		self, documents: Sequence[XeroDocument], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		return self._call(lambda xero: xero.void(documents, idempotency_key))

	def changed_since(self, xero_type: XeroType, since: datetime) -> list[XeroDocument]:
		return self._call(lambda xero: xero.changed_since(xero_type, since))

	def find_contacts(self, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
		return self._call(lambda xero: xero.find_contacts(numbers, names))

	def read_contacts(self, ids: Sequence[str]) -> list[XeroContact]:
		return self._call(lambda xero: xero.read_contacts(ids))

	def create_contacts(
		self, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroContact | ValidationErrors | None]:
		return self._call(lambda xero: xero.create_contacts(bodies, idempotency_key))

	def allocate(
		self, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
	) -> ValidationErrors | None:
		return self._call(lambda xero: xero.allocate(credit_note_id, invoice_id, amount, on, idempotency_key))

	def remove_allocation(self, credit_note_id: str, allocation_id: str) -> None:
		self._call(lambda xero: xero.remove_allocation(credit_note_id, allocation_id))

	def _call(self, call: Callable[[XeroApi], T]) -> T:
		"""Make the call; if Xero has ended the token early, make it again with a new one."""
		token = self._token(instead_of="")
		try:
			return call(self._api(token))
		except AccessTokenExpired:
			return call(self._api(self._token(instead_of=token.access_token)))

	def _api(self, token: Token) -> XeroApi:
		tenant_id = self._row()["tenant_id"]
		return XeroApi(
			Client(token, tenant_id, settings=self._settings, now=self._clock.now, api_url=self._xero_url)
		)

	def _token(self, instead_of: str) -> Token:
		"""The stored token, or a new one if it expires soon or is the one that Xero did not accept."""
		token = self._stored()
		if self._is_good(token, instead_of):
			return token
		with self._tokens.transaction():
			token = self._stored()
			if self._is_good(token, instead_of):
				return token
			row = self._row()
			app = App(row["client_id"], row["client_secret"], self._settings, identity_url=self._xero_url)
			return keep_token(self._tokens, self._company, oauth.refresh(app, token), self._clock.now())

	def _is_good(self, token: Token, instead_of: str) -> bool:
		return token.access_token != instead_of and token.expires_at - self._clock.now() > RENEWED_BEFORE

	def _stored(self) -> Token:
		row = self._row()
		return Token(row["access_token"], row["refresh_token"], to_moment(row["expires_at"]), row["scope"])

	def _row(self) -> sqlite3.Row:
		return self._tokens.row("SELECT * FROM connection WHERE company = ?", self._company)


def settings_of(company: str) -> DocLink:
	return settings_link(company)


def connect(company: str, app: App, tenant_id: str, token: Token, erp_path: str, now: datetime) -> None:
	"""What a user does in the settings: authorise the app in Xero, and choose the organisation."""
	tokens = ConnectionFile(erp_path).open()
	with tokens.transaction():
		tokens.execute(
			"""INSERT OR REPLACE INTO connection (company, client_id, client_secret, tenant_id, access_token,
				refresh_token, expires_at, scope) VALUES (?, ?, ?, ?, '', '', '', '')""",
			company,
			app.client_id,
			app.client_secret,
			tenant_id,
		)
		keep_token(tokens, company, token, now)
	tokens.close()


def keep_token(tokens: Database, company: str, token: Token, now: datetime) -> Token:
	"""Store a new token, with its expiry by the ERP's clock, which may have been moved forward."""
	expires_at = now + (token.expires_at - datetime.now(timezone.utc))
	tokens.execute(
		"""UPDATE connection SET access_token = ?, refresh_token = ?, expires_at = ?, scope = ?
		WHERE company = ?""",
		token.access_token,
		token.refresh_token,
		to_text(expires_at),
		token.scope,
		company,
	)
	return Token(token.access_token, token.refresh_token, expires_at, token.scope)
