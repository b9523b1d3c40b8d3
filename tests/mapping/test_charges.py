"""Lines other than items: freight and other charges, cash discount, rounding."""

from __future__ import annotations

from decimal import Decimal as D

from tests.mapping.nz import (
	FREIGHT,
	GST,
	ITEM_TEMPLATE,
	PURCHASE_TEMPLATE,
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

TAX_ON_ALL = {"charge_type": "On Previous Row Total", "row_id": 1}


def test_freight_is_a_line_with_the_tax_charged_on_it() -> None:
	sent = payload(invoice(taxes=(freight("20.00"), gst("18.00", idx=2, **TAX_ON_ALL))))
	item_line, freight_line = sent.body["LineItems"]
	assert (freight_line["Description"], freight_line["UnitAmount"]) == ("Freight", D("20.00"))
	assert freight_line["TaxType"] == "OUTPUT2"
	assert "TaxAmount" not in item_line and "TaxAmount" not in freight_line
	assert (sent.sub_total, sent.total_tax) == (D("120.00"), D("18.00"))


def test_freight_taxed_in_a_row_of_its_own() -> None:
	taxes = (
		gst("15.00"),
		freight("20.00", idx=2),
		gst("3.00", 3, charge_type="On Previous Row Amount", row_id=2),
	)
	assert payload(invoice(taxes=taxes)).total_tax == D("18.00")


def test_freight_has_its_own_account_and_tax_type() -> None:
	of_settings = mapping_settings(charge_accounts={FREIGHT: "NONE"}, account_keys={FREIGHT: "260"})
	line = lines(invoice(taxes=(gst("15.00"), freight("20.00", idx=2))), of_settings)[1]
	assert (line["AccountCode"], line["TaxType"]) == ("260", "NONE")


def test_freight_that_bore_no_tax_goes_out_at_the_rate_for_untaxed_lines() -> None:
	document = invoice(taxes=(gst("15.00"), freight("20.00", idx=2)))
	sent = payload(document, mapping_settings(untaxed_sales_tax_type="ZERORATED"))
	assert sent.tax_by_type == {"OUTPUT2": D("15.00"), "ZERORATED": 0}
	assert str(sent.decisions[1]).endswith(
		"tax ZERORATED from the tax rate for untaxed sales lines, because ERPNext charged no tax on it."
	)
	only_purchases = mapping_settings(untaxed_purchase_tax_type="NONE")
	assert str(cannot_map(document, only_purchases)) == (
		"ERPNext charged no tax on Freight - NZ (20.00), but the document's NZ GST is mapped to 15% GST on Income."
		" If that is right, choose the Tax Rate for Untaxed Sales Lines in Xero Sync Settings; otherwise cancel"
		" SINV-0001 and amend it so that it is taxed."
	)
	assert payload(bill(taxes=document.taxes), only_purchases).tax_by_type["NONE"] == 0


def test_one_freight_account_carries_taxed_and_untaxed_freight() -> None:
	"""A Shipping Rule adds its row after the GST row, where it bears no tax."""
	taxes = (freight("20.00"), gst("18.00", idx=2, **TAX_ON_ALL), freight("5.00", idx=3))
	for own in ("", "NONE", "OUTPUT2"):
		of_settings = mapping_settings(charge_accounts={FREIGHT: own}, untaxed_sales_tax_type="NONE")
		assert payload(invoice(taxes=taxes), of_settings).tax_by_type == {"OUTPUT2": D("18.00"), "NONE": 0}


def test_freight_that_is_not_mapped_as_a_charge_is_not_guessed() -> None:
	message = str(
		cannot_map(
			invoice(taxes=(gst("15.00"), freight("20.00", idx=2))), mapping_settings(charge_accounts={})
		)
	)
	assert "If Freight - NZ is a charge such as freight, not a tax, add it to the charges" in message


def test_freight_over_items_with_different_taxes_is_a_line_for_each_tax() -> None:
	rows = (item(1, "75.00"), item(2, "25.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}))
	sent = payload(invoice(rows, (freight("10.00"), gst("12.38", idx=2, **TAX_ON_ALL))))
	freight_lines = sent.body["LineItems"][2:]
	assert [(line["TaxType"], line["UnitAmount"]) for line in freight_lines] == [
		("OUTPUT2", D("7.50")),
		("ZERORATED", D("2.50")),
	]
	assert sent.total == D("122.38")


def test_a_large_charge_does_not_hide_a_small_part_with_another_tax() -> None:
	rows = (
		item(1, "2658919.29"),
		item(2, "73.32", item_tax_template="Zero", item_tax_rate={GST: D(0)}),
	)
	charge = freight("66474.82", charge_type="On Net Total", rate=D("2.5"))
	sent = payload(invoice(rows, (charge, gst("408808.84", idx=2, **TAX_ON_ALL))))
	assert [(line["TaxType"], line["UnitAmount"]) for line in sent.body["LineItems"][2:]] == [
		("OUTPUT2", D("66472.99")),
		("ZERORATED", D("1.83")),
	]
	assert sent.total_tax == D("408808.84")


def test_a_percentage_charge_is_taxed_on_its_exact_amount() -> None:
	charge = freight("2.51", charge_type="On Net Total", rate=D("2.5"))
	sent = payload(invoice((item(net="100.20"),), (charge, gst("15.41", idx=2, **TAX_ON_ALL))))
	assert sent.total_tax == D("15.41")


def test_a_charge_needs_no_tax_amount_if_xeros_own_tax_adds_up() -> None:
	"""The tax on the exact 0.29525 would be 0.04, on the rounded 0.30 it is 0.05, which is also ERPNext's total."""
	charge = freight("0.30", charge_type="On Net Total", rate=D("2.5"))
	sent = payload(invoice((item(net="11.81"),), (charge, gst("1.82", idx=2, **TAX_ON_ALL))))
	assert sent.total_tax == D("1.82")
	assert not any("TaxAmount" in line for line in sent.body["LineItems"])


def test_a_charge_whose_own_tax_type_was_not_charged_is_split_by_the_items_it_was_spread_over() -> None:
	rows = (item(1, "75.00"), item(2, "25.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}))
	document = invoice(rows, (freight("10.00"), gst("12.38", idx=2, **TAX_ON_ALL)))
	sent = payload(document, mapping_settings(charge_accounts={FREIGHT: "OUTPUT2"}))
	assert [line["TaxType"] for line in sent.body["LineItems"][2:]] == ["OUTPUT2", "ZERORATED"]


def test_a_deducted_charge_over_items_with_different_taxes_is_split_too() -> None:
	rows = (item(1, "75.00"), item(2, "25.00", item_tax_template="Zero", item_tax_rate={GST: D(0)}))
	of_settings = mapping_settings(
		tax_types={(PURCHASE_TEMPLATE, "NZ GST"): "INPUT2", (ITEM_TEMPLATE, "Zero"): "NONE"},
	)
	sent = payload(
		bill(items=rows, taxes=(freight("10.00", deducted=True), gst("10.12", idx=2, **TAX_ON_ALL))),
		of_settings,
	)
	assert [(line["TaxType"], line["UnitAmount"]) for line in sent.body["LineItems"][2:]] == [
		("INPUT2", D("-7.50")),
		("NONE", D("-2.50")),
	]
	assert sent.total == D("100.12")


def test_valuation_rows_are_not_sent() -> None:
	document = bill(taxes=(gst("15.00"), freight("20.001", idx=2, category="Valuation")))
	assert len(lines(document)) == 1


def test_a_row_for_valuation_and_total_is_sent() -> None:
	taxes = (freight("20.00", category="Valuation and Total"), gst("18.00", idx=2, **TAX_ON_ALL))
	assert payload(bill(taxes=taxes)).total == D("138.00")


def test_tax_on_a_valuation_row_is_refused() -> None:
	taxes = (
		freight("20.00", category="Valuation"),
		gst("3.00", idx=2, charge_type="On Previous Row Amount", row_id=1),
	)
	assert "charged on another row that is not in the document's total" in str(cannot_map(bill(taxes=taxes)))


def test_tax_on_the_total_so_far_skips_valuation_and_subtracts_deductions() -> None:
	for_valuation = (freight("20.00", category="Valuation"), gst("15.00", idx=2, **TAX_ON_ALL))
	assert payload(bill(taxes=for_valuation)).total_tax == D("15.00")
	deducted = (freight("20.00", deducted=True), gst("12.00", idx=2, **TAX_ON_ALL))
	sent = payload(bill(taxes=deducted))
	assert [line["UnitAmount"] for line in sent.body["LineItems"]] == [D(100), D(-20)]
	assert (sent.total_tax, sent.total) == (D("12.00"), D("92.00"))


def test_a_wrong_rate_is_found_on_a_small_charge_too() -> None:
	untaxed = (gst("15.00"), freight("0.20", idx=2))
	assert "charged no tax on Freight - NZ (0.20)" in str(cannot_map(invoice(taxes=untaxed)))
	taxed = (freight("0.05"), gst("15.01", idx=2, **TAX_ON_ALL))
	sent = payload(invoice(taxes=taxed), mapping_settings(charge_accounts={FREIGHT: "NONE"}))
	assert sent.tax_by_type == {"OUTPUT2": D("15.01")}, "not the charge's own 0%"


def test_a_deducted_charge_is_a_negative_line() -> None:
	untaxed = mapping_settings(charge_accounts={FREIGHT: "NONE"})
	sent = payload(bill(taxes=(gst("15.00"), freight("20.00", idx=2, deducted=True))), untaxed)
	assert sent.body["LineItems"][1]["UnitAmount"] == D("-20.00")
	assert sent.total == D("95.00")


def test_a_cash_discount_is_an_untaxed_line() -> None:
	document = invoice(
		discount_amount=D("10.00"),
		is_cash_discount=True,
		grand_total=D("105.00"),
		discount_account="Discounts - NZ",
	)
	sent = payload(document)
	assert sent.body["LineItems"][1] == {
		"Description": "Discount",
		"Quantity": D(1),
		"UnitAmount": D("-10.00"),
		"AccountCode": "260",
		"TaxType": "NONE",
	}
	assert (sent.total_tax, sent.total) == (D("15.00"), D("105.00"))
	mapped = mapping_settings(account_keys={"Discounts - NZ": "200"})
	assert lines(document, mapped)[1]["AccountCode"] == "200"


def test_xero_gets_the_rounded_total() -> None:
	document = invoice((item(net="100.20"),), (gst("15.03"),), rounded_total=D("115.00"))
	sent = payload(document)
	assert sent.total == D("115.00")
	assert sent.body["LineItems"][1]["UnitAmount"] == D("-0.23")
	assert sent.body["LineItems"][1]["AccountCode"] == "860"


def test_a_missing_rounding_account_is_reported() -> None:
	document = invoice((item(net="100.20"),), (gst("15.03"),), rounded_total=D("115.00"))
	assert str(cannot_map(document, mapping_settings(rounding_account=""))) == (
		"No Xero account for rounding. Choose one in Xero Sync Settings."
	)


def test_a_difference_that_rounding_does_not_explain_is_refused() -> None:
	message = str(cannot_map(invoice(grand_total=D("116.00"))))
	assert "The grand total of SINV-0001 is 116.00, but its rows add up to 115.00." in message
