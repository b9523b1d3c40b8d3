"""Suppliers' bills typed from paper, imports, and the invoices of trades: retentions, deposits, mixed supplies."""

from __future__ import annotations

from nexwave_xero_connector.tests.catalogue.builders import (
	Entry,
	bill,
	by_hand,
	freight,
	gst,
	included,
	item,
	on_amount,
	on_total,
	returned,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	COURIER,
	CUSTOMS_GST,
	DEPOSITS,
	DUTY,
	FREIGHT,
	INSURANCE,
	RETENTION,
	STOCK_ITEM,
	own,
)
from nexwave_xero_connector.tests.catalogue.money import ON_NET, ROUNDED, awkward

IN, OUT, NONE, ZERO = "INPUT2", "OUTPUT2", "NONE", "ZERORATED"
DOLLARS = {"currency": "USD", "conversion_rate": 1.6667}
UNREGISTERED = {"template": "", "taxes": []}


def courier(amount: float, **values: object) -> dict:
	return freight(amount, COURIER, **values)


NOT_BY_HAND_ON_16 = (
	"ERPNext 16 does not save tax entered by hand that is over 0.50 away from the tax of the items' own templates: it"
	" says that the Item Wise Tax Details do not match."
)

BILLS = [
	Entry(
		"GST by hand for goods and courier",
		lambda: bill(item(), taxes=[courier(20), by_hand(18)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand for goods and courier, GST first",
		lambda: bill(item(), taxes=[by_hand(18), courier(20)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand for the goods, courier untaxed",
		lambda: bill(item(), taxes=[courier(20), by_hand(15)]),
		tax_types=(IN, NONE),
	),
	Entry(
		"GST by hand a cent up, with courier",
		lambda: bill(item(33.33, 3), taxes=[courier(9.95), by_hand(16.5)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand a cent down, with courier",
		lambda: bill(item(33.33, 3), taxes=[courier(9.95), by_hand(16.48)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand over 15 % and zero-rated goods",
		lambda: bill(item(), taxed("Zero Rated", 50), taxes=[by_hand(15)]),
	),
	Entry(
		"GST by hand over three tax rates",
		lambda: bill(item(10), taxed("Zero Rated", 20), taxed("Reduced", 30), taxes=[by_hand(4.2)]),
		impossible_on_16="Item Wise Tax Details do not match",
		difference_on_16=NOT_BY_HAND_ON_16,
	),
	Entry(
		"GST by hand over 15 % and zero-rated goods and courier",
		lambda: bill(item(), taxed("Zero Rated", 50), taxes=[courier(20), by_hand(18)]),
		tax_types=(IN, NONE, IN),
	),
	Entry(
		"GST by hand, one of two couriers taxed",
		lambda: bill(item(), taxes=[courier(20), courier(7), by_hand(16.05)]),
		tax_types=(IN, NONE, IN),
	),
	Entry(
		"GST by hand, courier taxed and insurance not",
		lambda: bill(item(), taxes=[courier(20), freight(7, INSURANCE), by_hand(18)]),
		tax_types=(IN, IN, NONE),
	),
	Entry(
		"a fuel surcharge of 2.5 %, GST by hand",
		lambda: bill(item(), taxes=[gst(2.5, COURIER), by_hand(15.38)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand after 5 % off",
		lambda: bill(item(), taxes=[courier(20), by_hand(17.25)], additional_discount_percentage=5, **ON_NET),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand in dollars, with courier",
		lambda: bill(item(), taxes=[courier(20), by_hand(18)], **DOLLARS),
		tax_types=(IN, IN),
	),
	Entry(
		"GST by hand, rounded",
		lambda: bill(item(86.65), taxes=[courier(9.95), by_hand(14.49)], **ROUNDED),
		tax_types=(IN, IN, NONE),
	),
	Entry(
		"GST by hand on ten lines",
		lambda: bill(*(item(9.99 + n, n + 1) for n in range(10)), taxes=[courier(12), by_hand(133.73)]),
	),
	Entry(
		"GST by hand, returned",
		lambda: returned(bill(item(), taxes=[courier(20), by_hand(18)])),
		tax_types=(IN, IN),
	),
	Entry(
		"a supplier's credit typed from paper",
		lambda: bill(item(100, -1), is_return=1, taxes=[courier(-20), by_hand(-18)]),
		tax_types=(IN, IN),
	),
	Entry(
		"stock, freight in valuation and total, GST by hand for both",
		lambda: bill(
			item(50, code=STOCK_ITEM), taxes=[courier(10, category="Valuation and Total"), by_hand(9)]
		),
		tax_types=(IN, IN),
	),
	Entry(
		"stock, freight for valuation only, GST by hand",
		lambda: bill(item(50, code=STOCK_ITEM), taxes=[courier(10, category="Valuation"), by_hand(7.5)]),
		tax_types=(IN,),
	),
	Entry(
		"stock, untaxed freight in valuation and total",
		lambda: bill(item(50, code=STOCK_ITEM), taxes=[gst(), courier(10, category="Valuation and Total")]),
		tax_types=(IN, NONE),
	),
	Entry(
		"courier before GST, which is on the goods only",
		lambda: bill(item(), taxes=[courier(12.5), gst()]),
		tax_types=(IN, NONE),
	),
	Entry(
		"courier after GST, untaxed",
		lambda: bill(item(), taxes=[gst(), courier(12.5)]),
		tax_types=(IN, NONE),
	),
	Entry(
		"courier after GST, with GST in a row of its own",
		lambda: bill(item(), taxes=[gst(), courier(12.5), on_amount(2)]),
		tax_types=(IN, IN),
	),
	Entry(
		"a prompt payment discount, deducted before GST",
		lambda: bill(item(), taxes=[courier(5, add_deduct_tax="Deduct"), on_total(1)]),
		tax_types=(IN, IN),
	),
	Entry(
		"stock, GST in valuation and total",
		lambda: bill(item(50, code=STOCK_ITEM), taxes=[gst(category="Valuation and Total")]),
		tax_types=(IN,),
	),
	Entry(
		"tax included, one courier taxed and one not",
		lambda: bill(item(115), taxes=[included(), courier(10), on_amount(2), courier(3)]),
		tax_types=(IN, IN, NONE),
	),
	Entry(
		"free samples, courier with GST by hand",
		lambda: bill(item(0), taxes=[courier(20), by_hand(3)]),
		tax_types=(IN, IN),
	),
	Entry(
		"courier deducted, untaxed",
		lambda: bill(item(), taxes=[gst(), courier(5, add_deduct_tax="Deduct")]),
		tax_types=(IN, NONE),
	),
	Entry(
		"a supplier who is not registered for GST", lambda: bill(item(), **UNREGISTERED), tax_types=(NONE,)
	),
	Entry(
		"a supplier who is not registered, several lines",
		lambda: bill(*awkward(), **UNREGISTERED),
		tax_types=(NONE,) * 4,
	),
	Entry(
		"a supplier who is not registered, with courier",
		lambda: bill(item(), template="", taxes=[courier(12.5)]),
		tax_types=(NONE, NONE),
	),
	Entry(
		"a supplier who is not registered, stock",
		lambda: bill(item(7.77, 13, code=STOCK_ITEM), **UNREGISTERED),
		tax_types=(NONE,),
	),
	Entry(
		"a supplier who is not registered, in dollars",
		lambda: bill(item(250), **UNREGISTERED, **DOLLARS),
		tax_types=(NONE,),
	),
	Entry(
		"a supplier who is not registered, rounded",
		lambda: bill(item(86.65), **UNREGISTERED, **ROUNDED),
		tax_types=(NONE, NONE),
	),
	Entry(
		"a supplier who is not registered, returned",
		lambda: returned(bill(item(), **UNREGISTERED)),
		tax_types=(NONE,),
	),
	Entry(
		"GST rows, but no template chosen",
		lambda: bill(item(), taxed("Zero Rated", 20), template=""),
		tax_types=(IN, NONE),
	),
	Entry(
		"GST by hand for goods and courier, no template chosen",
		lambda: bill(item(), template="", taxes=[courier(20), by_hand(18)]),
		tax_types=(IN, IN),
	),
	Entry(
		"GST rows and untaxed courier, no template chosen",
		lambda: bill(item(), template="", taxes=[gst(), courier(12.5)]),
		tax_types=(IN, NONE),
	),
	Entry(
		"GST of 0.00 by hand, no template chosen",
		lambda: bill(item(), template="", taxes=[by_hand(0)]),
		tax_types=(NONE,),
	),
	Entry(
		"a supplier overseas, with courier",
		lambda: bill(item(250), template="Overseas", taxes=[gst(0), courier(30)], **DOLLARS),
		tax_types=(NONE, NONE),
	),
]

IMPORTS = [
	Entry(
		"a customs broker's fee with GST, and the GST that customs charged",
		lambda: bill(item(200), taxes=[gst(), freight(450, CUSTOMS_GST)]),
		tax_types=(IN, "GSTONIMPORTS"),
	),
	Entry(
		"fee with GST, customs GST and duty",
		lambda: bill(item(200), taxes=[gst(), freight(450, CUSTOMS_GST), freight(100, DUTY)]),
		tax_types=(IN, "GSTONIMPORTS", NONE),
	),
	Entry(
		"fee and GST by hand, customs GST and duty",
		lambda: bill(item(200), taxes=[by_hand(30), freight(450, CUSTOMS_GST), freight(100, DUTY)]),
		tax_types=(IN, "GSTONIMPORTS", NONE),
	),
	Entry(
		"customs GST alone, in an account of its own",
		lambda: bill(item(0), template="", taxes=[freight(450, CUSTOMS_GST)]),
		tax_types=(NONE, "GSTONIMPORTS"),
	),
	Entry(
		"stock from overseas, duty in valuation and total",
		lambda: bill(
			item(50, 4, code=STOCK_ITEM),
			template="Overseas",
			taxes=[gst(0), freight(20, DUTY, category="Valuation and Total")],
			**DOLLARS,
		),
		tax_types=(NONE, NONE),
	),
	Entry(
		"stock from overseas, duty for valuation only",
		lambda: bill(
			item(50, 4, code=STOCK_ITEM),
			template="Overseas",
			taxes=[gst(0), freight(20, DUTY, category="Valuation")],
			**DOLLARS,
		),
		tax_types=(NONE,),
	),
	Entry(
		"a customs bill returned",
		lambda: returned(bill(item(200), taxes=[gst(), freight(450, CUSTOMS_GST), freight(100, DUTY)])),
		tax_types=(IN, "GSTONIMPORTS", NONE),
	),
]

TRADES = [
	Entry(
		"a retention of 10 % after GST",
		lambda: sales(item(1000), taxes=[gst(), gst(-10, RETENTION)]),
		tax_types=(OUT, NONE),
	),
	Entry(
		"a retention of 10 % before GST",
		lambda: sales(item(1000), taxes=[gst(-10, RETENTION), on_total(1)]),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a retention as a line", lambda: sales(item(1000), taxed("Exempt", -100)), tax_types=(OUT, "EXEMPT")
	),
	Entry("a retention released", lambda: sales(taxed("Exempt", 100), template="No Tax", taxes=[])),
	Entry(
		"a subcontractor's retention",
		lambda: bill(item(1000), taxes=[gst(), freight(100, RETENTION, add_deduct_tax="Deduct")]),
		tax_types=(IN, NONE),
	),
	Entry(
		"a retention returned",
		lambda: returned(sales(item(1000), taxes=[gst(), gst(-10, RETENTION)])),
		tax_types=(OUT, NONE),
	),
	Entry("a deposit", lambda: sales(item(500, income_account=DEPOSITS)), tax_types=(OUT,)),
	Entry(
		"a final invoice less its deposit",
		lambda: sales(item(2000), item(-500, income_account=DEPOSITS)),
		tax_types=(OUT, OUT),
	),
	Entry(
		"a final invoice less a deposit without tax",
		lambda: sales(item(2000), taxed("Exempt", -500, income_account=DEPOSITS)),
		tax_types=(OUT, "EXEMPT"),
	),
	Entry(
		"a deposit paid back",
		lambda: returned(sales(item(500, income_account=DEPOSITS))),
		tax_types=(OUT,),
	),
	Entry(
		"a final invoice less its deposit, rounded",
		lambda: sales(item(2000.4), item(-500, income_account=DEPOSITS), **ROUNDED),
	),
	Entry(
		"mixed supplies, delivery untaxed",
		lambda: sales(item(80), taxed("Exempt", 300), taxed("Zero Rated", 45), taxes=[gst(), freight(15)]),
		tax_types=(OUT, "EXEMPT", ZERO, NONE),
	),
	Entry(
		"mixed supplies, delivery taxed as an amount",
		lambda: sales(
			item(80), taxed("Exempt", 300), taxed("Zero Rated", 45), taxes=[gst(), freight(15), by_hand(2.25)]
		),
		tax_types=(OUT, "EXEMPT", ZERO, OUT),
	),
	Entry(
		"mixed supplies, part discounted",
		lambda: sales(
			item(80), taxed("Exempt", 300), discount_amount=20, taxes=[gst(), freight(15)], **ON_NET
		),
	),
	Entry(
		"exempt rent with taxed power",
		lambda: sales(taxed("Exempt", 1200), item(85.5), item(12.25)),
	),
	Entry(
		"a private sale without template", lambda: sales(item(75), template="", taxes=[]), tax_types=(NONE,)
	),
	Entry(
		"a private sale, delivery taxed",
		lambda: sales(item(75), template="", taxes=[freight(10), on_amount(1)]),
		tax_types=(NONE, OUT),
	),
	Entry(
		"an export with freight before and after its tax row",
		lambda: sales(item(900), template="Overseas", taxes=[freight(60), gst(0), freight(40)], **DOLLARS),
		tax_types=(ZERO, ZERO, ZERO),
	),
	Entry(
		"an export with one service at home",
		lambda: sales(item(900), taxed("Fifteen", 100), template="Overseas", taxes=[gst(0)]),
		tax_types=(ZERO, OUT),
	),
	Entry(
		"an export in pounds, freight on zero-rated rows",
		lambda: sales(
			taxed("Zero Rated", 99.99, 3),
			taxes=[gst(), freight(25)],
			currency="GBP",
			conversion_rate=2.123456789,
		),
		tax_types=(ZERO, ZERO),
	),
	Entry(
		"an export returned",
		lambda: returned(sales(item(900), template="Overseas", taxes=[gst(0), freight(60)], **DOLLARS)),
		tax_types=(ZERO, ZERO),
	),
	Entry(
		"delivery in two cost centres, one taxed",
		lambda: sales(
			item(80),
			taxes=[
				freight(10, cost_center=own("Books North")),
				on_total(1),
				freight(10, cost_center=own("Books South")),
			],
		),
		tax_types=(OUT, OUT, NONE),
	),
	Entry(
		"a late fee after GST",
		lambda: sales(item(80), taxes=[gst(), freight(12, FREIGHT)]),
		tax_types=(OUT, NONE),
	),
]
