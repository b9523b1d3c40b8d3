"""The catalogue: every document, from ordinary to nasty, in groups."""

from __future__ import annotations

from dataclasses import replace

from nexwave_xero_connector.tests.catalogue.bills_and_trades import BILLS, IMPORTS, TRADES
from nexwave_xero_connector.tests.catalogue.builders import Entry
from nexwave_xero_connector.tests.catalogue.money import CHARGES, DISCOUNTS, INCLUSIVE, TAXES
from nexwave_xero_connector.tests.catalogue.nasty import NASTY
from nexwave_xero_connector.tests.catalogue.ordinary import ORDINARY
from nexwave_xero_connector.tests.catalogue.returns_and_refusals import REFUSALS, RETURNS
from nexwave_xero_connector.tests.catalogue.shop_orders import SHOP_ORDERS

TWO_ROWS_TO_GST = (
	"shipping with its tax as an amount",
	"a coupon off the net total, shipping taxed as an amount",
	"tax included, shipping taxed as an amount",
	"shipping taxed a cent off",
	"a shop's order returned, shipping taxed as an amount",
	"twelve lines, shipping and their tax as amounts",
	"mixed supplies, delivery taxed as an amount",
)
"""ERPNext 16 takes the rate of the account's last row, here an amount without rate, for each of its rows."""


def _on_16(entry: Entry) -> Entry:
	if entry.name not in TWO_ROWS_TO_GST:
		return entry
	reason = "Two rows to one account: ERPNext 16 takes the rate of the last one, here an amount, for both."
	return replace(entry, refused_on_16="(GST - XBT)", difference_on_16=reason)


CATALOGUE = {
	"Ordinary": ORDINARY,
	"Discounts": DISCOUNTS,
	"Tax included in the price": INCLUSIVE,
	"Freight and other charges": CHARGES,
	"Shop orders": SHOP_ORDERS,
	"Bills typed from paper": BILLS,
	"Imports": IMPORTS,
	"Retentions, deposits, mixed supplies, exports": TRADES,
	"Several taxes, rounding": TAXES,
	"Returns and adjustments": RETURNS,
	"Several difficulties at once": NASTY,
	"Not sent, and why": REFUSALS,
}
CATALOGUE = {title: [_on_16(entry) for entry in group] for title, group in CATALOGUE.items()}
