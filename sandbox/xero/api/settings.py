"""Organisation, accounts, tax rates, currencies, tracking categories and branding themes, mostly read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.incoming import Element, read_elements
from ..problems import not_found, simple_validation
from ..seed.organisations import CURRENCY_NAMES
from ..settings_filter import matching
from ..wire import Answer, envelope, ms_date

if TYPE_CHECKING:
	from ..world import World

_ACTIONS = (
	"AttachFilesToInvoices",
	"CreateApprovedInvoice",
	"CreateContact",
	"CreateCreditNote",
	"CreateDraftInvoice",
	"ReadInvoices",
	"UseMulticurrency",
)


def organisation(world: World, call: Call, found: list[str]) -> Answer:
	"""Lock dates are absent if they are not set (observed on a live organisation)."""
	stored = world.books(call.tenant or "").organisation
	out = {key: value for key, value in stored.items() if not key.startswith("_")}
	for key, name in (
		("_period_lock_date", "PeriodLockDate"),
		("_end_of_year_lock_date", "EndOfYearLockDate"),
	):
		if stored.get(key):
			out[name] = ms_date(stored[key])
	return envelope(world.clock.milliseconds(), Organisations=[out])


def actions(world: World, call: Call, found: list[str]) -> Answer:
	return envelope(
		world.clock.milliseconds(), Actions=[{"Name": name, "Status": "ALLOWED"} for name in _ACTIONS]
	)


def accounts(world: World, call: Call, found: list[str]) -> Answer:
	"""All accounts, including archived ones."""
	rows = matching(world.books(call.tenant or "").all("account"), call.query.get("where", ""))
	return envelope(world.clock.milliseconds(), Accounts=rows)


def account(world: World, call: Call, found: list[str]) -> Answer:
	row = world.books(call.tenant or "").account(None, found[0])
	if row is None:
		raise not_found()
	return envelope(world.clock.milliseconds(), Accounts=[row])


def tax_rates(world: World, call: Call, found: list[str]) -> Answer:
	"""All rates, including deleted ones (observed on the wire)."""
	rows = matching(world.books(call.tenant or "").all("tax_rate"), call.query.get("where", ""))
	if found:
		rows = _only(rows, "TaxType", found[0])
	return envelope(world.clock.milliseconds(), TaxRates=rows)


def currencies(world: World, call: Call, found: list[str]) -> Answer:
	rows = matching(world.books(call.tenant or "").all("currency"), call.query.get("where", ""))
	return envelope(world.clock.milliseconds(), Currencies=rows)


def add_currency(world: World, call: Call, found: list[str]) -> Answer:
	tenant = call.tenant or ""
	element = Element(read_elements(call.body, "Currencies", "Currency")[0])
	code = element.text("Code") or ""
	if code not in CURRENCY_NAMES:
		raise simple_validation(f"'{code}' is not a valid currency code")
	books = world.books(tenant)
	row = {"Code": code, "Description": CURRENCY_NAMES[code]}
	books.save("currency", code, row)
	world.forget_books(tenant)
	return envelope(world.clock.milliseconds(), Currencies=[row])


def tracking_categories(world: World, call: Call, found: list[str]) -> Answer:
	"""Active categories; archived ones with includeArchived=true."""
	rows = world.books(call.tenant or "").all("tracking_category")
	if found:
		rows = _only(rows, "TrackingCategoryID", found[0].lower())
	elif not call.flag("includearchived"):
		rows = [row for row in rows if row["Status"] == "ACTIVE"]
	rows = matching(rows, call.query.get("where", ""))
	return envelope(world.clock.milliseconds(), TrackingCategories=rows)


def items(world: World, call: Call, found: list[str]) -> Answer:
	rows = world.books(call.tenant or "").all("item")
	return envelope(world.clock.milliseconds(), Items=rows)


def branding_themes(world: World, call: Call, found: list[str]) -> Answer:
	rows = world.books(call.tenant or "").all("branding_theme")
	return envelope(world.clock.milliseconds(), BrandingThemes=rows)


def _only(rows: list[dict[str, Any]], key: str, value: str) -> list[dict[str, Any]]:
	found = [row for row in rows if row[key] == value]
	if not found:
		raise not_found()
	return found
