"""Tax that a person or a shop entered as an amount: on which lines it is sent."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.mapping.nz import (
	FREIGHT,
	GST,
	ITEM_TEMPLATE,
	bill,
	cannot_map,
	freight,
	gst,
	invoice,
	item,
	lines,
	mapping_settings,
	payload,
)

UNTAXED = mapping_settings(
	untaxed_sales_tax_type="NONE",
	untaxed_purchase_tax_type="NONE",
	purchase_tax_types={(ITEM_TEMPLATE, "GST"): "INPUT2", (ITEM_TEMPLATE, "Zero"): "NONE"},
	charge_accounts={FREIGHT: "", "Gift Wrap - NZ": "", "Insurance - NZ": "NONE", "Coupon - NZ": ""},
)


def by_hand(amount: str, idx: int, **other: object):
	return gst(amount, idx, charge_type="Actual", rate="0", **{"account_type": "Tax", **other})


def charge(amount: str, idx: int, account: str = FREIGHT):
	return freight(amount, idx, account=account)


def test_a_suppliers_gst_is_that_of_items_and_courier_together() -> None:
	sent = payload(bill(taxes=(charge("20.00", 1), by_hand("18.00", 2))), UNTAXED)
	assert sent.tax_by_type == {"INPUT2": D("18.00")}
	assert not any("TaxAmount" in line for line in sent.body["LineItems"])


def test_a_shops_tax_on_shipping_in_a_row_of_its_own() -> None:
	taxes = (gst("15.00"), charge("10.00", 2), by_hand("1.50", 3))
	sent = payload(invoice(taxes=taxes), UNTAXED)
	assert [line["TaxType"] for line in sent.body["LineItems"]] == ["OUTPUT2", "OUTPUT2"]
	assert sent.total_tax == D("16.50")


def test_a_shops_tax_of_each_item_in_a_row_of_its_own() -> None:
	"""One item is zero-rated, so the rows are not its tax, although ERPNext spreads them over it."""
	rows = (
		item(1, "60.00"),
		item(2, "40.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}),
		item(3, "19.95"),
	)
	taxes = (by_hand("9.00", 1), by_hand("2.99", 2), charge("8.00", 3), by_hand("1.20", 4))
	sent = payload(invoice(rows, taxes), UNTAXED)
	assert sent.tax_by_type == {"OUTPUT2": D("13.19"), "ZERORATED": 0}


@pytest.mark.parametrize("is_first", (True, False))
def test_gst_of_the_items_alone_leaves_the_freight_untaxed(is_first: bool) -> None:
	taxes = (
		(charge("20.00", 1), by_hand("15.00", 2)) if is_first else (by_hand("15.00", 1), charge("20.00", 2))
	)
	assert payload(bill(taxes=taxes), UNTAXED).tax_by_type == {"INPUT2": D("15.00"), "NONE": 0}


def test_of_several_charges_those_bear_the_tax_that_explain_it() -> None:
	taxes = (charge("20.00", 1), charge("7.00", 2, "Gift Wrap - NZ"), by_hand("16.05", 3))
	assert [line["TaxType"] for line in lines(invoice(taxes=taxes), UNTAXED)] == [
		"OUTPUT2",
		"NONE",
		"OUTPUT2",
	]
	insured = (charge("20.00", 1), charge("7.00", 2, "Insurance - NZ"), by_hand("18.00", 3))
	assert [line["TaxType"] for line in lines(invoice(taxes=insured), UNTAXED)] == [
		"OUTPUT2",
		"OUTPUT2",
		"NONE",
	]
	taxed_insurance = (charge("20.00", 1), charge("7.00", 2, "Insurance - NZ"), by_hand("16.05", 3))
	assert [line["TaxType"] for line in lines(invoice(taxes=taxed_insurance), UNTAXED)] == [
		"OUTPUT2",
		"NONE",
		"OUTPUT2",
	]


def test_two_charges_of_which_either_could_bear_the_tax_are_refused() -> None:
	taxes = (charge("20.00", 1), charge("20.00", 2, "Gift Wrap - NZ"), by_hand("18.00", 3))
	assert "18.00 tax was entered by hand in SINV-0001 (GST - NZ)" in str(
		cannot_map(invoice(taxes=taxes), UNTAXED)
	)


def test_a_coupon_reduces_the_tax() -> None:
	taxes = (charge("-10.00", 1, "Coupon - NZ"), by_hand("13.50", 2))
	sent = payload(invoice(taxes=taxes), UNTAXED)
	assert [line["UnitAmount"] for line in sent.body["LineItems"]] == [D(100), D(-10)]
	assert sent.tax_by_type == {"OUTPUT2": D("13.50")}


@pytest.mark.parametrize(("amount", "is_sent"), [("17.98", True), ("18.02", True), ("18.20", False)])
def test_it_may_be_off_by_the_cents_of_a_supplier_who_rounds_otherwise(amount: str, is_sent: bool) -> None:
	document = bill(taxes=(charge("20.00", 1), by_hand(amount, 2)))
	if is_sent:
		assert payload(document, UNTAXED).total_tax == D(amount)
	else:
		assert str(cannot_map(document, UNTAXED)) == (
			"18.20 tax was entered by hand in PINV-0001 (GST - NZ), but the mapped tax rates give 15.00 on its items"
			" and 18.00 on items and charges together. Cancel PINV-0001 and amend it: correct the amount, or let"
			" ERPNext calculate the tax (On Net Total, and On Previous Row Amount for a charge)."
		)


def test_a_return_has_its_tax_by_hand_reversed() -> None:
	rows = (item(net="-100.00", qty="-1"),)
	document = invoice(rows, (charge("-20.00", 1), by_hand("-18.00", 2)), is_return=True)
	assert payload(document, UNTAXED).tax_by_type == {"OUTPUT2": D("18.00")}


def test_two_taxes_by_hand_are_the_components_of_one_rate() -> None:
	of_settings = mapping_settings(
		tax_types={("Sales Taxes and Charges Template", "NZ GST"): "TAX001"},
	)
	taxes = (charge("20.00", 1), by_hand("6.00", 2), by_hand("8.40", 3, account="PST - NZ"))
	assert payload(invoice(taxes=taxes), of_settings).tax_by_type == {"TAX001": D("14.40")}


def test_it_does_not_hide_a_rate_that_does_not_agree() -> None:
	"""GST was calculated on the zero-rated item and not on the other; the sum is right to the cent."""
	rows = (
		item(1, "100.00", item_tax_rate={GST: D(0)}),
		item(2, "100.00", item_tax_template="Zero", item_tax_rate={GST: D(15)}),
	)
	taxes = (gst("15.00"), by_hand("0.01", 2))
	assert cannot_map(invoice(rows, taxes), UNTAXED)


def test_freight_that_is_not_mapped_as_a_charge_is_not_taken_for_tax() -> None:
	unmapped = charge("3.00", 2, "Delivery - NZ")
	message = str(cannot_map(invoice(taxes=(charge("20.00", 1), unmapped, by_hand("18.00", 3))), UNTAXED))
	assert "If Delivery - NZ is a charge such as freight, not a tax, add it to the charges" in message
	assert "GST - NZ is a charge" not in message


def test_customs_gst_alone_has_no_net_amount() -> None:
	message = str(cannot_map(bill(items=(item(net="0.00"),), taxes=(by_hand("150.00", 1),)), UNTAXED))
	assert message == (
		"ERPNext charged tax on ITEM-1 (150.00 on 0.00), which has no net amount, so no tax rate in Xero gives that"
		" tax. If it is GST that customs charged, cancel PINV-0001, amend it with this GST on an account of its own,"
		" and add that account to the charges in Xero Sync Settings. Otherwise enter PINV-0001 in Xero by hand, and"
		" mark this as handled."
	)
