"""Line amounts, tax and totals, to the cent."""

from __future__ import annotations

import pytest
from sandbox_api import Api, line, messages


@pytest.mark.parametrize(
	("types", "amount", "tax", "total"),
	[
		("Exclusive", "25.61", 3.84, 29.45),
		("Inclusive", "541.25", 70.60, 541.25),
		("Inclusive", "500", 65.22, 500),
		("Inclusive", "89", 11.61, 89),
		("NoTax", "100", 0, 100),
	],
)
def test_tax_as_published(api: Api, types: str, amount: str, tax: float, total: float) -> None:
	invoice = api.create(api.invoice(LineAmountTypes=types, LineItems=[line(Quantity=1, UnitAmount=amount)]))
	assert (invoice["TotalTax"], invoice["Total"]) == (tax, total)


def test_ten_percent_rounds_half_up(au: Api) -> None:
	invoice = au.create(au.invoice(LineItems=[line(Quantity=1, UnitAmount="45.45")]))
	assert (invoice["TotalTax"], invoice["Total"]) == (4.55, 50)


def test_tax_is_rounded_per_line_then_summed(api: Api) -> None:
	invoice = api.create(api.invoice(LineItems=[line(Quantity=1, UnitAmount="0.30")] * 3))
	assert invoice["TotalTax"] == 0.15  # 3 x 0.045, each rounded up


def test_a_tax_amount_sent_is_kept(api: Api) -> None:
	lines = [line(Quantity=1, UnitAmount=1, TaxAmount=tax) for tax in (0.04, 0.03, 0.03)]
	invoice = api.create(api.invoice(LineItems=lines))
	assert [sent["TaxAmount"] for sent in invoice["LineItems"]] == [0.04, 0.03, 0.03]
	assert (invoice["TotalTax"], invoice["Total"]) == (0.10, 3.10)
	above = api.invoice("B", LineItems=[line(Quantity=1, UnitAmount="0.50", TaxAmount=1)])
	assert api.create(above)["Total"] == 1.5
	api.admin.switch(tax_above_line="refused")
	assert messages(api.put("/Invoices", {**above, "InvoiceNumber": "C"})) == [
		"The tax amount cannot be greater than the line amount"
	]


def test_prices_have_two_decimals_unless_four_are_requested(api: Api) -> None:
	body = api.invoice(LineItems=[line(Quantity=1, UnitAmount="10.99999")])
	two = api.put("/Invoices", body).json()["Invoices"][0]
	assert two["LineItems"][0]["UnitAmount"] == 11
	four = api.put(
		"/Invoices", {**body, "InvoiceNumber": "B", "LineItems": [line(UnitAmount="0.12345")]}, unitdp=4
	)
	created = four.json()["Invoices"][0]
	assert (created["LineItems"][0]["UnitAmount"], created["SubTotal"]) == (0.1235, 0.25)
	path = f"/Invoices/{created['InvoiceID']}"
	assert api.get(path).json()["Invoices"][0]["LineItems"][0]["UnitAmount"] == 0.12
	assert api.get(path, unitdp=4).json()["Invoices"][0]["LineItems"][0]["UnitAmount"] == 0.1235


def test_tax_type_comes_from_the_account(api: Api) -> None:
	lines = [line(), line(AccountCode="270"), line(TaxType="ZERORATED")]
	invoice = api.create(api.invoice(LineItems=lines))
	assert [sent["TaxType"] for sent in invoice["LineItems"]] == ["OUTPUT2", "NONE", "ZERORATED"]
	assert invoice["TotalTax"] == 15


def test_discounts_apply_to_sales_invoices_only(api: Api) -> None:
	discounted = [line(DiscountRate=10)]
	assert api.create(api.invoice(LineItems=discounted))["SubTotal"] == 90
	assert api.create(api.bill(LineItems=[line(DiscountRate=10, AccountCode="429")]))["SubTotal"] == 100
	assert api.create(api.credit_note(LineItems=discounted))["SubTotal"] == 100


def test_lines_without_amounts_are_descriptions(api: Api) -> None:
	invoice = api.create(api.invoice(LineItems=[line(), {"Description": "Thank you"}]))
	assert "Quantity" not in invoice["LineItems"][1] and invoice["Total"] == 115


def test_a_line_amount_alone_is_enough(api: Api) -> None:
	invoice = api.create(api.invoice(LineItems=[line(UnitAmount=None, Quantity=4, LineAmount=10)]))
	assert (invoice["LineItems"][0]["UnitAmount"], invoice["SubTotal"]) == (2.5, 10)


def test_currency_rate_is_document_currency_per_base(api: Api) -> None:
	sent = api.create(api.invoice("A", CurrencyCode="USD", CurrencyRate="0.6"))
	assert (sent["CurrencyCode"], sent["CurrencyRate"]) == ("USD", 0.6)
	day = api.create(api.invoice("B", CurrencyCode="USD"))
	assert day["CurrencyRate"] == 0.599988
	assert api.create(api.invoice("C", CurrencyRate="3"))["CurrencyRate"] == 1
	odd = api.put(
		"/Invoices", api.invoice("D", CurrencyCode="USD", CurrencyRate="1.6667"), summarizeErrors="false"
	)
	element = odd.json()["Invoices"][0]
	assert element["StatusAttributeString"] == "WARNING" and element["Warnings"]


def test_a_price_below_one_cent_gets_two_misleading_messages(api: Api) -> None:
	micro = api.invoice(LineItems=[line(Quantity=100, UnitAmount="0.004")])
	refused = api.put("/Invoices", micro, unitdp=4)
	assert messages(refused) == ["Account must be valid.", "Tax rate must be valid."]
	api.admin.switch(micro_prices="accepted")
	assert api.create(micro)["SubTotal"] == 0.4


def test_a_quantity_has_at_most_thirteen_characters(api: Api) -> None:
	fits, too_long = (
		api.invoice(quantity, LineItems=[line(Quantity=quantity, UnitAmount="0.01")])
		for quantity in ("12345678", "123456789")
	)
	assert api.create(fits)["SubTotal"] == 123456.78
	assert "Quantity" in messages(api.put("/Invoices", too_long))[0]
