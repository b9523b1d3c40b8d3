"""Documents that Xero cannot hold are refused with a sentence, whatever the mapping."""

from __future__ import annotations

from decimal import Decimal as D

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from tests.mapping.nz import bill, cannot_map, freight, gst, invoice, item, mapping_settings, payload


def test_tax_deducted_at_source() -> None:
	withheld = gst(
		"2.00",
		idx=2,
		rate="0",
		charge_type="Actual",
		account="TDS - NZ",
		deducted=True,
		is_tax_withholding=True,
	)
	message = str(cannot_map(bill(taxes=(gst("15.00"), withheld))))
	assert "PINV-0001 withholds tax at source (TDS - NZ, 2.00)" in message
	assert "ERPNext charged" not in message, "the lines are not reported for what is withheld"


def test_a_deducted_tax() -> None:
	deducted = gst("15.00", idx=2, account="Reverse - NZ", deducted=True)
	assert "PINV-0001 deducts 15.00 in its taxes (Reverse - NZ)" in str(
		cannot_map(bill(taxes=(gst("15.00"), deducted)))
	)


def test_a_deducted_tax_on_a_tax_account_is_not_taken_for_a_charge() -> None:
	deducted = gst("15.00", idx=2, account="Reverse - NZ", deducted=True, account_type="Tax")
	message = str(cannot_map(bill(taxes=(gst("15.00"), deducted))))
	assert message.endswith(
		"Xero cannot deduct a tax. Enter the document in Xero by hand, and mark this as handled."
	)


def test_a_total_below_zero() -> None:
	message = str(cannot_map(invoice((item(net="-10.00", qty="-1"),), (gst("-1.50"),))))
	assert "The total of SINV-0001 is -11.50, and Xero does not accept a negative total." in message


def test_a_return_that_comes_out_positive() -> None:
	rows = (item(net="-10.00", qty="-1"),)
	document = invoice(rows, (freight("50.00"),), is_return=True)
	message = str(cannot_map(document, mapping_settings(charge_accounts={"Freight - NZ": "NONE"})))
	assert "The total of return SINV-0001 is positive (40.00)" in message


def test_amounts_of_three_decimals() -> None:
	document = invoice((item(net="10.125"),), (gst("1.519"),), currency="KWD", conversion_rate=D("5.4"))
	message = str(cannot_map(document))
	assert message == (
		"Xero keeps only two decimals of an amount, but SINV-0001 has more: 10.125 of ITEM-1, 1.519 of GST - NZ, 11.644"
		" of the total. Cancel and amend it so that its amounts have two decimals; or enter it in Xero by hand, and"
		" mark this as handled."
	)


def test_a_cash_discount_of_three_decimals() -> None:
	"""The document is rounded to whole dollars, so that only the discount has three decimals."""
	document = invoice(
		(item(net="138.72"),),
		(gst("20.81"),),
		discount_amount=D("13.872"),
		is_cash_discount=True,
		grand_total=D("145.658"),
		rounded_total=D("146"),
	)
	message = str(cannot_map(document))
	assert message == (
		"Xero keeps only two decimals of an amount, but SINV-0001 has more: 13.872 of cash discount. Cancel and"
		" amend it so that its amounts have two decimals; or enter it in Xero by hand, and mark this as handled."
	)


def test_amounts_larger_than_xero_accepts() -> None:
	document = invoice((item(net="10000000000.00"),), (gst("1500000000.00"),))
	assert str(cannot_map(document)) == (
		"The largest amount of a line in Xero is 9,999,999,999.99, but SINV-0001 has 10,000,000,000.00 of ITEM-1."
		" Cancel it, and split that line in an amended document."
	)
	halves = invoice((item(1, "6000000000.00"), item(2, "6000000000.00")), (gst("1800000000.00"),))
	assert payload(halves).total == D("13800000000.00"), "it is a limit of a line, not of the total"


def test_a_number_that_is_not_ascii() -> None:
	document = invoice(ref=DocumentRef("Sales Invoice", "RÉF-0001"))
	assert "unaccented Latin letters" in str(cannot_map(document))


def test_an_organisation_of_another_currency() -> None:
	message = str(cannot_map(invoice(), mapping_settings(base_currency="AUD")))
	assert "NZ Co keeps its books in NZD, but its Xero organisation uses AUD." in message


def test_a_currency_that_is_not_enabled_in_xero() -> None:
	of_settings = mapping_settings(currencies=frozenset(("NZD", "AUD")))
	refused = cannot_map(invoice(currency="USD", conversion_rate=D("1.6667")), of_settings)
	assert "SINV-0001 is in USD, which was not enabled in Xero" in str(refused)
	assert payload(invoice(currency="AUD", conversion_rate=D("1.1")), of_settings)
	assert payload(invoice(currency="USD", conversion_rate=D("1.6667")), mapping_settings()), (
		"the list is not known"
	)


def test_an_exchange_rate_that_six_places_cannot_hold() -> None:
	document = invoice(currency="USD", company_currency="IDR", conversion_rate=D("16250"))
	assert "Xero keeps only six decimals" in str(cannot_map(document))


def test_all_reasons_are_given_at_once() -> None:
	rows = (item(1, "10.125", item_code="X"), item(2, "5.00", item_code="Y"))
	refused = cannot_map(
		invoice(rows, (gst("2.27", deducted=True),), taxes_template=""),
		mapping_settings(default_sales_account=""),
	)
	message = str(refused)
	assert len(refused.sentences) == 4
	for expected in (
		"more: 10.125 of X, 12.855 of the total.",
		"deducts 2.27",
		"No tax mapping for items X, Y: ",
		"No Xero account for X, Y:",
	):
		assert expected in message
