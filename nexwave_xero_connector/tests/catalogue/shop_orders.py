"""Orders as web shops and marketplaces send them: shipping, gift wrap, coupons, and taxes as amounts."""

from __future__ import annotations

from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.builders import (
	Entry,
	by_hand,
	freight,
	gst,
	included,
	item,
	on_amount,
	on_total,
	per_unit,
	returned,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import COUPON, FLAT_RATE, GIFT_WRAP, INSURANCE, LEVY, own
from nexwave_xero_connector.tests.catalogue.money import ON_GRAND, ON_NET, ROUNDED, awkward
from nexwave_xero_connector.tests.catalogue.site_settings import site_setting

OUT, NONE, ZERO = "OUTPUT2", "NONE", "ZERORATED"
DOLLARS = {"currency": "USD", "conversion_rate": 1.6667}

SHOP_ORDERS = [
	Entry(
		"shipping with its tax as an amount",
		lambda: sales(item(), taxes=[gst(), freight(10), by_hand(1.5)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"shipping without tax, after the GST row",
		lambda: sales(item(), taxes=[gst(), freight(10)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"shipping without tax, before the GST row",
		lambda: sales(item(), taxes=[freight(10), gst()]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"ERPNext's own Shipping Rule",
		lambda: sales(item(40), shipping_rule=FLAT_RATE),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a Shipping Rule beside taxed freight",
		lambda: sales(item(40), taxes=[freight(5, LEVY), on_total(1)], shipping_rule=FLAT_RATE),
		tax_types=(OUT, OUT, NONE),
	),
	Entry(
		"a Shipping Rule, tax included in the price",
		lambda: sales(item(46), taxes=[included()], shipping_rule=FLAT_RATE),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a tax row for each item",
		lambda: sales(item(60), item(19.95), taxes=[by_hand(9), by_hand(2.99)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a tax row for each item and for shipping",
		lambda: sales(item(60), item(19.95), taxes=[by_hand(9), by_hand(2.99), freight(8), by_hand(1.2)]),
		tax_types=(OUT, OUT, OUT),
	),
	Entry(
		"a tax row for each taxed item, beside a zero-rated one",
		lambda: sales(item(60), taxed("Zero Rated", 40), item(19.95), taxes=[by_hand(9), by_hand(2.99)]),
	),
	Entry(
		"a zero-rated item, and taxed shipping as amounts",
		lambda: sales(item(60), taxed("Zero Rated", 40), taxes=[by_hand(9), freight(8), by_hand(1.2)]),
		tax_types=(OUT, ZERO, OUT),
	),
	Entry(
		"tax as an amount for the items, shipping untaxed",
		lambda: sales(item(60), taxes=[by_hand(9), freight(8)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"shipping and gift wrap, taxed as one amount",
		lambda: sales(item(60), taxes=[freight(8), freight(5, GIFT_WRAP), by_hand(10.95)]),
		tax_types=(OUT, OUT, OUT),
	),
	Entry(
		"taxed shipping, untaxed gift wrap, as one amount",
		lambda: sales(item(60), taxes=[freight(8), freight(5, GIFT_WRAP), by_hand(10.2)]),
		tax_types=(OUT, OUT, NONE),
	),
	Entry(
		"gift wrap after GST, shipping before",
		lambda: sales(item(60), taxes=[freight(8), on_total(1), freight(5, GIFT_WRAP)]),
		tax_types=(OUT, OUT, NONE),
	),
	Entry(
		"taxed and untaxed shipping on one account",
		lambda: sales(item(60), taxes=[freight(10), on_total(1), freight(5)]),
		tax_types=(OUT, OUT, NONE),
	),
	Entry(
		"shipping and a levy per unit, taxed as one amount",
		lambda: sales(item(60, 2), taxes=[freight(8), per_unit(0.5, LEVY), by_hand(19.35)]),
		tax_types=(OUT, OUT, OUT),
	),
	Entry(
		"a coupon before GST",
		lambda: sales(item(60), taxes=[freight(-10, COUPON), on_total(1)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a coupon after GST",
		lambda: sales(item(60), taxes=[gst(), freight(-10, COUPON)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a coupon, taxed as an amount",
		lambda: sales(item(60), taxes=[freight(-10, COUPON), by_hand(7.5)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a coupon and shipping, taxed as an amount",
		lambda: sales(item(60), taxes=[freight(-10, COUPON), freight(8), by_hand(8.7)]),
		tax_types=(OUT, OUT, OUT),
	),
	Entry(
		"a coupon of 10 % off the net total, tax as an amount",
		lambda: sales(item(60), taxes=[by_hand(8.1)], additional_discount_percentage=10, **ON_NET),
		tax_types=(OUT,),
	),
	Entry(
		"a coupon off the net total, shipping taxed as an amount",
		lambda: sales(
			*awkward(), taxes=[gst(), freight(8), by_hand(1.2)], additional_discount_percentage=10, **ON_NET
		),
	),
	Entry(
		"a coupon off the grand total, shipping untaxed",
		lambda: sales(*awkward(), taxes=[gst(), freight(8)], discount_amount=10, **ON_GRAND),
	),
	Entry(
		"goods for nothing, shipping to pay",
		lambda: sales(item(60), taxes=[gst(), freight(8)], additional_discount_percentage=100, **ON_NET),
		tax_types=(OUT, NONE),
	),
	Entry(
		"tax included, shipping taxed in a row of its own",
		lambda: sales(*awkward(), taxes=[included(), freight(8), on_amount(2)]),
	),
	Entry(
		"tax included, shipping taxed as an amount",
		lambda: sales(*awkward(), taxes=[included(), freight(8), by_hand(1.2)]),
	),
	Entry(
		"tax included, shipping untaxed, rounded",
		lambda: sales(*awkward(), taxes=[included(), freight(8)], **ROUNDED),
	),
	Entry(
		"three tax rates, shipping untaxed",
		lambda: sales(item(50), taxed("Zero Rated", 30), taxed("Reduced", 20), taxes=[gst(), freight(10)]),
		tax_types=(OUT, ZERO, "REDUCED", NONE),
	),
	Entry(
		"shipping taxed a cent off",
		lambda: sales(item(60), taxes=[gst(), freight(9.95), by_hand(1.5)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"an order abroad, with shipping",
		lambda: sales(item(60), taxes=[gst(0), freight(20)], template="Overseas", **DOLLARS),
		tax_types=(ZERO, ZERO),
	),
	Entry(
		"an order abroad, without tax rows",
		lambda: sales(item(60), taxes=[freight(20)], template="Overseas", **DOLLARS),
		tax_types=(ZERO, ZERO),
	),
	Entry(
		"an order abroad of an item whose own template is 15 %",
		lambda: _abroad(),
		tax_types=(ZERO, ZERO),
	),
	Entry(
		"an order abroad, insured",
		lambda: sales(item(60), taxes=[gst(0), freight(20), freight(4, INSURANCE)], template="Overseas"),
		tax_types=(ZERO, ZERO, NONE),
	),
	Entry(
		"an order without a template, taxed as an amount",
		lambda: sales(item(60), taxes=[by_hand(9), freight(8), by_hand(1.2)], template=""),
		tax_types=(OUT, OUT),
	),
	Entry(
		"an order without template or tax",
		lambda: sales(item(60), taxes=[freight(8)], template=""),
		tax_types=(NONE, NONE),
	),
	Entry(
		"a shop's order returned, shipping taxed as an amount",
		lambda: returned(sales(item(), taxes=[gst(), freight(10), by_hand(1.5)])),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a shop's order returned, shipping untaxed",
		lambda: returned(sales(item(), taxes=[gst(), freight(10)])),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a shop's order returned, taxed as one amount",
		lambda: returned(sales(item(60), taxes=[freight(8), freight(5, GIFT_WRAP), by_hand(10.95)])),
		tax_types=(OUT, OUT, OUT),
	),
	Entry(
		"twelve lines, shipping and their tax as amounts",
		lambda: sales(
			*(item(9.99 + n, n + 1) for n in range(12)), taxes=[gst(), freight(12.5), by_hand(1.88)]
		),
	),
	Entry(
		"a gift card redeemed after GST",
		lambda: sales(item(), taxes=[gst(), freight(-50, GIFT_WRAP)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a card surcharge of 1.5 % on the total, taxed",
		lambda: sales(item(), taxes=[gst(), on_total(1, 1.5, LEVY), on_amount(2)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a card surcharge of 1.5 % on the total, untaxed",
		lambda: sales(item(), taxes=[gst(), on_total(1, 1.5, LEVY)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"10 % off as a row before GST",
		lambda: sales(item(), taxes=[gst(-10, COUPON), on_total(1)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"handling of 2.5 % and GST, both included",
		lambda: sales(
			item(115),
			taxes=[gst(2.5, LEVY, included_in_print_rate=1), on_total(1, included_in_print_rate=1)],
		),
		tax_types=(OUT, OUT),
	),
	Entry(
		"one of two returned, with all of the shipping",
		lambda: _one_of(returned(sales(item(100, 2), taxes=[freight(10), on_total(1)]))),
		tax_types=(OUT, OUT),
	),
	Entry(
		"an order in dollars, taxed as one amount",
		lambda: sales(item(60, 2), taxes=[freight(8), by_hand(19.2)], **DOLLARS),
		tax_types=(OUT, OUT),
	),
]


def _one_of(draft: Document) -> Document:
	draft.items[0].qty = -1
	return draft


def _abroad() -> Document:
	"""ERPNext is set not to add the taxes of the row's own template, so it charges nothing."""
	with site_setting("Accounts Settings", "add_taxes_from_item_tax_template", 0):
		draft = sales(item(60, item_tax_template=own("Fifteen")), taxes=[freight(20)], template="Overseas")
		return draft.insert().submit()
