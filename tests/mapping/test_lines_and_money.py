"""Quantities, amounts and the tax of each line."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from nexwave_xero_connector.mapping.lines import items as mapped_items
from nexwave_xero_connector.mapping.lines.quantity import quantity_and_unit_amount
from nexwave_xero_connector.mapping.money import percentage
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


def test_a_simple_invoice() -> None:
	sent = payload(invoice((item(net="30.00", qty="3"),), (gst("4.50"),)))
	assert sent.body["LineItems"] == [
		{
			"Description": "Item 1",
			"Quantity": D(3),
			"UnitAmount": D("10.0000"),
			"AccountCode": "200",
			"TaxType": "OUTPUT2",
		}
	]
	assert (sent.sub_total, sent.total_tax, sent.total) == (D("30.00"), D("4.50"), D("34.50"))
	assert not {"SubTotal", "TotalTax", "Total", "Contact"} & set(sent.body)


@pytest.mark.parametrize(
	("qty", "net", "quantity", "unit_amount"),
	[
		("3", "30.00", "3", "10"),
		("3", "10.00", "3", "3.3333"),
		("0", "12.34", "1", "12.34"),
		("-2", "-5.00", "2", "-2.5"),
		("7000", "1.00", "1", "1.00"),
		("1.23456", "9.99", "1", "9.99"),
		("4.25", "0.00", "4.25", "0"),
		("250", "-0.03", "1", "-0.03"),
		("50000", "33333.33", "1", "33333.33"),
		("100", "0.40", "1", "0.40"),
		("100", "1.00", "100", "0.01"),
		("123456789", "123456789.00", "1", "123456789.00"),
	],
)
def test_xero_computes_the_net_amount_from_quantity_and_unit_amount(
	qty: str, net: str, quantity: str, unit_amount: str
) -> None:
	assert quantity_and_unit_amount(D(qty), D(net)) == (D(quantity), D(unit_amount))


def test_a_quantity_that_xero_cannot_calculate_with_is_stated_in_the_description() -> None:
	line = lines(invoice((item(net="100.00", qty="7000"),), (gst("15.00"),)))[0]
	assert line["Quantity"] * line["UnitAmount"] == D("100.00")
	assert line["Description"] == "Item 1\n7000 Nos"


def test_a_negative_line_has_a_positive_quantity() -> None:
	rows = (item(1, "100.00"), item(2, "-20.00", qty="-2"))
	line = lines(invoice(rows, (gst("12.00"),)))[1]
	assert (line["Quantity"], line["UnitAmount"]) == (D(2), D(-10))


def test_a_tax_amount_is_sent_only_if_xero_would_calculate_another() -> None:
	# Xero alone would round each 0.015 to 0.02, 0.06 in total; ERPNext rounds 0.045 to 0.04.
	rows = tuple(item(n, "0.10") for n in (1, 2, 3))
	sent = lines(invoice(rows, (gst("0.04"),)))
	amounts = [line.get("TaxAmount") for line in sent]
	assert sorted(amounts, key=str) == [D("0.01"), D("0.01"), None]
	assert not any("TaxAmount" in line for line in lines(invoice((item(net="0.10"),), (gst("0.02"),))))


def test_half_a_cent_that_erpnext_rounds_down_is_sent() -> None:
	line = lines(invoice((item(net="123.50"),), (gst("18.52"),)))[0]
	assert line["TaxAmount"] == D("18.52")


def test_a_rounding_cent_is_never_added_to_an_untaxed_line() -> None:
	rows = (
		item(1, "0.10"),
		item(2, "0.10"),
		item(3, "500.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}),
	)
	sent = payload(invoice(rows, (gst("0.03"),)))
	assert sent.tax_by_type == {"OUTPUT2": D("0.03"), "ZERORATED": D(0)}
	two_cents_more = payload(invoice((item(1, "1.00"), rows[2]), (gst("0.17"),)))
	assert two_cents_more.tax_by_type == {"OUTPUT2": D("0.17"), "ZERORATED": D(0)}


def test_a_negative_half_cent_of_tax_is_never_left_to_xero() -> None:
	rows = (item(1, "100.00"), item(2, "-0.10"))
	line = lines(invoice(rows, (gst("14.98"),)))[1]
	assert "TaxAmount" in line


def test_inclusive_tax_is_sent_net_and_the_cent_without_a_row_is_rounding() -> None:
	# 3 x 0.40 gross: net 0.35 each, tax 0.16 of 1.05; ERPNext keeps the gross 1.20 as grand total.
	rows = tuple(item(n, "0.35") for n in (1, 2, 3))
	sent = payload(invoice(rows, (gst("0.16"),), grand_total=D("1.20")))
	assert sent.total == D("1.20")
	assert sent.body["LineItems"][-1]["UnitAmount"] == D("-0.01")
	assert sent.body["LineItems"][-1]["AccountCode"] == "860"


def test_a_tax_entered_by_hand_may_be_two_cents_off_but_not_more() -> None:
	by_hand = {"charge_type": "Actual", "rate": "0"}
	assert lines(bill(taxes=(gst("15.02", **by_hand),)))[0]["TaxAmount"] == D("15.02")
	message = str(cannot_map(bill(taxes=(gst("15.03", **by_hand),))))
	assert "If GST - NZ is a charge such as freight, not a tax, add it to the charges" in message


def test_a_suppliers_tax_may_be_further_off_on_lines_larger_than_the_bill() -> None:
	rows = (item(1, "109.51"), item(2, "-84.84"))  # 15 % of 24.67 is 3.70
	sent = payload(bill(items=rows, taxes=(gst("3.71", charge_type="Actual", rate="0"),)))
	assert sent.total_tax == D("3.71")
	message = str(cannot_map(bill(items=rows, taxes=(gst("3.80", charge_type="Actual", rate="0"),))))
	assert "tax on ITEM-1 in row 1 (16.87 on 109.51), ITEM-2 in row 2 (-13.07 on -84.84)" in message


def test_a_tax_entered_by_hand_is_never_put_on_an_untaxed_line() -> None:
	"""ERPNext spreads it over all items by their net amounts, whatever their Item Tax Templates."""
	rows = (item(1, "100.00"), item(2, "10.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}))
	by_hand = gst("15.00", charge_type="Actual", rate="0")
	of_settings = mapping_settings(purchase_tax_types={(ITEM_TEMPLATE, "Zero"): "NONE"})
	sent = payload(bill(items=rows, taxes=(by_hand,)), of_settings)
	assert sent.tax_by_type == {"INPUT2": D("15.00"), "NONE": 0}
	for_both = gst("15.75", charge_type="Actual", rate="0", account_type="Tax")
	assert str(cannot_map(bill(items=rows, taxes=(for_both,)), of_settings)) == (
		"15.75 tax was entered by hand in PINV-0001 (GST - NZ), but the mapped tax rates give 15.00 on its items and"
		" 15.00 on items and charges together. Cancel PINV-0001 and amend it: correct the amount, or let ERPNext"
		" calculate the tax (On Net Total, and On Previous Row Amount for a charge)."
	)


def test_tax_on_item_quantity_is_charged_per_unit() -> None:
	levy = gst("1.50", rate="0.5", charge_type="On Item Quantity")
	message = str(cannot_map(invoice((item(qty="3"),), (levy,))))
	assert "charged 1.5% tax on ITEM-1 (1.50 on 100.00)" in message


def test_a_tax_row_that_its_rates_do_not_explain_is_refused() -> None:
	message = str(cannot_map(invoice(taxes=(gst("17.00"),))))
	assert "Tax row 1 of SINV-0001 (GST - NZ) is 17.00, but its rates give 15.00 on the lines." in message


def test_rounding_explains_half_a_cent_for_each_item_and_one_more() -> None:
	rows = (item(1, "10.00"), item(2, "10.00"))
	assert payload(invoice(rows, (gst("3.02"),))).total_tax == D("3.02")
	assert "is 3.03, but its rates give 3.00" in str(cannot_map(invoice(rows, (gst("3.03"),))))


def test_erpnexts_own_figures_by_item_are_compared_with_ours() -> None:
	assert payload(invoice(taxes=(gst("15.00", by_item={1: D("15.00")}),)))
	message = str(cannot_map(invoice(taxes=(gst("15.00", by_item={1: D("3.00")}),))))
	assert "does not give the tax that ERPNext charged on item row 1 (15.00 instead of 3.00)" in message
	returned = (item(net="-100.00", qty="-1"),)
	assert payload(invoice(returned, (gst("-15.00", by_item={1: D("-15.00")}),), is_return=True))


def test_the_rate_of_the_last_row_to_an_account_is_named_as_what_erpnext_16_charges() -> None:
	"""An amount has the rate 0: ERPNext 16 then charges nothing in the rows before it."""
	at_no_rate = gst("0.00", by_item={1: D("0.00")})
	taxes = (at_no_rate, freight("10.00", 2), gst("1.50", 3, charge_type="Actual", rate="0"))
	message = str(cannot_map(invoice(taxes=taxes)))
	assert "Tax row 1 of SINV-0001 (GST - NZ) is 0.00, but its rates give 15.00 on the lines." in message
	assert "ERPNext 16 charges all of them at the rate of the last one" in message
	assert "with one tax row for GST - NZ" in message
	on_15 = (gst("0.00"), *taxes[1:])
	assert "so that ERPNext recalculates it" in str(cannot_map(invoice(taxes=on_15)))


def test_an_error_in_the_mapping_itself_is_caught_before_anything_is_sent(monkeypatch) -> None:
	monkeypatch.setattr(mapped_items, "quantity_and_unit_amount", lambda qty, net: (D(1), net + D("0.01")))
	assert str(cannot_map(invoice())) == (
		"Xero would calculate a total of 115.01 with 15.00 tax for SINV-0001, but ERPNext has 115.00 with 15.00 tax:"
		" a difference of 0.01. Enter the document in Xero by hand, mark this as handled, and report it to the"
		" connector's support with the document's rows."
	)


def test_a_return_is_a_credit_note_with_positive_lines() -> None:
	rows = (item(net="-100.00", qty="-4"),)
	sent = payload(invoice(rows, (gst("-15.00"),), is_return=True, return_against="SINV-0000"))
	assert sent.body["Type"] == "ACCRECCREDIT"
	assert sent.total == D("115.00")
	line = sent.body["LineItems"][0]
	assert (line["Quantity"], line["UnitAmount"]) == (D(4), D(25))


def test_freight_charged_on_a_return_lowers_the_credit_note() -> None:
	rows = (item(net="-100.00", qty="-1"),)
	untaxed = mapping_settings(charge_accounts={FREIGHT: "NONE"})
	sent = payload(invoice(rows, (gst("-15.00"), freight("12.50", idx=2)), is_return=True), untaxed)
	assert sent.total == D("102.50")
	assert sent.body["LineItems"][1]["UnitAmount"] == D("-12.50")


def test_a_purchase_return_is_a_purchase_credit_note() -> None:
	rows = (item(net="-100.00", qty="-1"),)
	sent = payload(bill(items=rows, taxes=(gst("-15.00"),), is_return=True))
	assert sent.body["Type"] == "ACCPAYCREDIT"
	assert sent.total == D("115.00")


def test_a_debit_note_is_an_invoice() -> None:
	"""ERPNext's rate adjustment upwards: no return, and rows without a quantity."""
	sent = payload(invoice((item(net="10.00", qty="0"),), (gst("1.50"),)))
	assert sent.body["Type"] == "ACCREC"
	assert sent.body["LineItems"][0]["Quantity"] == 1


@pytest.mark.parametrize(
	("part", "whole", "said"),
	[
		("-15.00", "-100.00", "15"),
		("-0.00", "100.00", "0"),
		("-0.0001", "100.00", "0"),
		("8.332", "100", "8.332"),
	],
)
def test_a_percentage_is_as_people_write_it(part: str, whole: str, said: str) -> None:
	assert percentage(D(part), D(whole)) == said
