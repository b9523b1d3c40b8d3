"""One organisation's settings, read once and kept until something changes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..storage import Storage
from ..wire import dumps, loads

Settings = dict[str, Any]

# The day's rates in units per US dollar. They are fixed, so that a run can be repeated; Xero gets them from XE.com.
_PER_DOLLAR = {
	"USD": Decimal("1"),
	"NZD": Decimal("1.6667"),
	"AUD": Decimal("1.5152"),
	"EUR": Decimal("0.9174"),
	"GBP": Decimal("0.7813"),
	"JPY": Decimal("150.25"),
	"KWD": Decimal("0.3067"),
}


class Books:
	"""Everything that an organisation's documents may refer to."""

	def __init__(self, storage: Storage, tenant: str) -> None:
		self._storage = storage
		self.tenant = tenant
		self._kinds: dict[str, list[Settings]] = {}
		for row in storage.rows("SELECT kind, json FROM settings WHERE tenant = ? ORDER BY position", tenant):
			self._kinds.setdefault(row["kind"], []).append(loads(row["json"]))
		self._by_code = {account["Code"]: account for account in self.all("account")}
		self._by_id = {account["AccountID"]: account for account in self.all("account")}
		self._rates = {rate["TaxType"]: rate for rate in self.all("tax_rate")}

	def all(self, kind: str) -> list[Settings]:
		return self._kinds.get(kind, [])

	@property
	def organisation(self) -> Settings:
		return self.all("organisation")[0]

	@property
	def base_currency(self) -> str:
		return self.organisation["BaseCurrency"]

	@property
	def zone(self) -> str:
		return self.organisation["_zone"]

	def account(self, code: str | None, account_id: str | None) -> Settings | None:
		if account_id:
			return self._by_id.get(account_id.lower())
		return self._by_code.get(code) if code else None

	def tax_rate(self, tax_type: str) -> Settings | None:
		return self._rates.get(tax_type)

	def subscribed(self, currency: str) -> bool:
		return any(row["Code"] == currency for row in self.all("currency"))

	def day_rate(self, currency: str) -> Decimal:
		"""Units of the document's currency per unit of the base currency (in this direction, as observed)."""
		rate = _PER_DOLLAR.get(currency, Decimal(1)) / _PER_DOLLAR.get(self.base_currency, Decimal(1))
		return rate.quantize(Decimal("0.000001"))

	def tracking_category(self, name: str | None, category_id: str | None) -> Settings | None:
		for category in self.all("tracking_category"):
			if category["Status"] == "ACTIVE" and (
				category["TrackingCategoryID"] == category_id if category_id else category["Name"] == name
			):
				return category
		return None

	def lock_date(self) -> tuple[str, str] | None:
		"""The later of the two lock dates and its name in Xero's messages."""
		locks = [
			(date, name)
			for date, name in (
				(self.organisation.get("_end_of_year_lock_date"), "end of year lock date"),
				(self.organisation.get("_period_lock_date"), "period lock date"),
			)
			if date
		]
		return max(locks) if locks else None

	def save(self, kind: str, key: str, value: Settings) -> None:
		"""Stores one setting. The caller must then discard these books: World.forget_books."""
		position = self._storage.scalar(
			"SELECT position FROM settings WHERE tenant = ? AND kind = ? AND key = ?", self.tenant, kind, key
		)
		if position is None:
			position = 1 + self._storage.scalar(
				"SELECT max(position) FROM settings WHERE tenant = ?", self.tenant
			)
		self._storage.put(
			"settings", tenant=self.tenant, kind=kind, key=key, position=position, json=dumps(value)
		)

	def remove(self, kind: str, key: str) -> None:
		self._storage.execute(
			"DELETE FROM settings WHERE tenant = ? AND kind = ? AND key = ?", (self.tenant, kind, key)
		)
