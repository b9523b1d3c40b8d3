"""The catalogue: every document, from ordinary to nasty, in groups."""

from __future__ import annotations

from nexwave_xero_connector.tests.catalogue.bills_and_trades import BILLS, IMPORTS, TRADES
from nexwave_xero_connector.tests.catalogue.money import CHARGES, DISCOUNTS, INCLUSIVE, TAXES
from nexwave_xero_connector.tests.catalogue.nasty import NASTY
from nexwave_xero_connector.tests.catalogue.ordinary import ORDINARY
from nexwave_xero_connector.tests.catalogue.returns_and_refusals import REFUSALS, RETURNS
from nexwave_xero_connector.tests.catalogue.shop_orders import SHOP_ORDERS

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
