"""The tax type of each line, and the sentence if there is none."""

from __future__ import annotations

from decimal import Decimal as D

from nexwave_xero_connector.mapping.settings import XeroTaxRate
from nexwave_xero_connector.sentence import DocLink
from tests.mapping.nz import (
	FREIGHT,
	GST,
	ITEM_TEMPLATE,
	PURCHASE_TEMPLATE,
	SALES_TEMPLATE,
	TAX_RATES,
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


def test_the_rows_own_template_wins_over_the_documents() -> None:
	row = item(item_tax_template="Zero", item_tax_rate={GST: D(0)})
	assert lines(invoice((row,), (gst("0.00"),)))[0]["TaxType"] == "ZERORATED"


def test_the_documents_template_is_used_if_the_rows_own_is_not_mapped() -> None:
	assert lines(invoice((item(item_tax_template="Unknown"),)))[0]["TaxType"] == "OUTPUT2"


def test_the_documents_template_wins_over_the_items_default() -> None:
	row = item(default_tax_templates=("Zero",))
	assert lines(invoice((row,)))[0]["TaxType"] == "OUTPUT2"


def test_the_items_defaults_are_tried_in_order_before_the_companys() -> None:
	row = item(default_tax_templates=("Unknown", "Zero"), item_tax_rate={GST: D(0)})
	document = invoice((row,), (gst("0.00"),), taxes_template="", company_taxes_template="NZ GST")
	assert lines(document)[0]["TaxType"] == "ZERORATED"


def test_the_companys_default_comes_last() -> None:
	document = invoice(taxes_template="Unknown", company_taxes_template="NZ GST")
	assert lines(document)[0]["TaxType"] == "OUTPUT2"


def test_a_charge_has_its_own_tax_type_else_the_documents_templates_else_the_companys() -> None:
	taxed = {"charge_type": "On Previous Row Total", "row_id": 1}
	document = invoice(
		taxes=(freight("20.00"), gst("18.00", idx=2, **taxed)),
		taxes_template="Unknown",
		company_taxes_template="NZ GST",
	)
	assert lines(document)[1]["TaxType"] == "OUTPUT2"
	message = str(payload(document).decisions[1])
	assert "Freight - NZ 20.00" in message and "tax OUTPUT2 from the company's default NZ GST" in message
	own = mapping_settings(
		charge_accounts={FREIGHT: "OUTPUT2"}, tax_types={(SALES_TEMPLATE, "NZ GST"): "OUTPUT2"}
	)
	assert "from the charge Freight - NZ" in str(payload(document, own).decisions[1])


def test_each_line_says_which_mapping_was_used() -> None:
	decision = str(payload(invoice()).decisions[0])
	assert decision == (
		"ITEM-1 100.00: account 200 from the default in Xero Sync Settings; tax OUTPUT2 from the document's NZ GST."
	)


def test_a_purchase_has_the_purchase_tax_type_of_the_same_item_tax_template() -> None:
	row = item(item_tax_template="GST")
	assert lines(invoice((row,)))[0]["TaxType"] == "OUTPUT2"
	assert lines(bill(items=(row,)))[0]["TaxType"] == "INPUT2"


def test_a_bill_is_looked_up_by_the_purchase_template() -> None:
	only_sales = mapping_settings(tax_types={(SALES_TEMPLATE, "NZ GST"): "OUTPUT2"})
	assert "No tax mapping" in str(cannot_map(bill(), only_sales))
	only_purchases = mapping_settings(tax_types={(PURCHASE_TEMPLATE, "NZ GST"): "INPUT2"})
	assert lines(bill(), only_purchases)[0]["TaxType"] == "INPUT2"


def test_no_mapping_names_the_item_the_settings_and_what_was_tried() -> None:
	row = item(item_code="X", item_tax_template="Mine", default_tax_templates=("Default",))
	refused = cannot_map(invoice((row,), taxes_template="Theirs"))
	assert str(refused) == (
		"No tax mapping for item X. Map it in Xero Sync Settings. Looked up, but not mapped:"
		" the row's Mine, the document's Theirs, the item's Default."
	)
	links = refused.sentence.links
	assert DocLink("Item", "X") in links
	assert (
		DocLink("Xero Sync Settings", "NZ Co", label="Xero Sync Settings", fieldname="tax_mapping") in links
	)
	assert DocLink(ITEM_TEMPLATE, "Mine") in links
	assert DocLink(SALES_TEMPLATE, "Theirs") in links


def test_no_template_at_all_says_so() -> None:
	refused = cannot_map(invoice((item(item_code="X"),), (), taxes_template=""))
	assert str(refused) == (
		"No tax mapping for item X. Map it in Xero Sync Settings. The row, the document, the item and the"
		" company have no tax template."
	)


def test_all_unmapped_lines_are_reported_at_once_and_none_twice() -> None:
	rows = (item(1, item_code="X"), item(2, item_code="Y"), item(3, item_code="X"))
	refused = cannot_map(invoice(rows, (freight("5.00"),), taxes_template=""))
	message = [str(sentence).split(".")[0] for sentence in refused.sentences]
	assert message == [
		"No tax mapping for item X",
		"No tax mapping for item Y",
		"No tax mapping for charge Freight - NZ",
	]


def test_zero_rated_exempt_and_no_tax_stay_separate() -> None:
	of_settings = mapping_settings(
		tax_types={
			(ITEM_TEMPLATE, "Zero"): "ZERORATED",
			(ITEM_TEMPLATE, "Exempt"): "EXEMPT",
			(ITEM_TEMPLATE, "None"): "NONE",
		}
	)
	rows = tuple(
		item(n, item_tax_template=name) for n, name in enumerate(("Zero", "Exempt", "None"), start=1)
	)
	document = invoice(rows, ())
	assert [line["TaxType"] for line in lines(document, of_settings)] == ["ZERORATED", "EXEMPT", "NONE"]
	assert payload(document, of_settings).tax_by_type == {"ZERORATED": 0, "EXEMPT": 0, "NONE": 0}


def test_a_tax_type_the_organisation_does_not_have_is_refused_by_name() -> None:
	of_settings = mapping_settings(tax_types={(SALES_TEMPLATE, "NZ GST"): "OUTPUT9"})
	assert "Xero tax type OUTPUT9 does not exist in the organisation." in str(
		cannot_map(invoice(), of_settings)
	)


def test_an_archived_tax_type_is_refused_by_name() -> None:
	of_settings = mapping_settings(tax_types={(SALES_TEMPLATE, "NZ GST"): "OUTPUT"})
	message = str(cannot_map(invoice(), of_settings))
	assert "Xero tax rate 12.5% GST on Income (OUTPUT) is archived or deleted in Xero." in message


def test_a_tax_type_not_allowed_for_the_account_is_refused_by_name() -> None:
	of_settings = mapping_settings(tax_types={(PURCHASE_TEMPLATE, "NZ GST"): "OUTPUT2"})
	message = str(cannot_map(bill(), of_settings))
	assert (
		"Xero does not allow tax rate 15% GST on Income (OUTPUT2) on an account of class EXPENSE." in message
	)
	assert "300 Purchases" in message


def test_a_rate_that_was_not_charged_is_refused_with_both_figures() -> None:
	message = str(cannot_map(invoice(taxes=(gst("12.50", rate="12.5"),))))
	assert "charged 12.50 tax (12.5%) on ITEM-1 at 100.00 net" in message
	assert "15% GST on Income, which gives 15.00 (15%)" in message


def test_rates_are_compared_to_three_decimals_of_a_percent() -> None:
	"""ERPNext keeps three decimals, so a twelfth is 8.333 % there and 8.3333 % in Xero."""
	twelfth = XeroTaxRate("TAX009", "A twelfth", D("8.3333"))
	of_settings = mapping_settings(
		tax_rates=TAX_RATES | {"TAX009": twelfth}, tax_types={(SALES_TEMPLATE, "NZ GST"): "TAX009"}
	)
	rows = (item(net="10000.00"),)
	assert payload(invoice(rows, (gst("833.30", rate="8.333"),)), of_settings).total_tax == D("833.30")
	message = str(cannot_map(invoice(rows, (gst("833.20", rate="8.332"),)), of_settings))
	assert "charged 833.20 tax (8.332%)" in message


def test_a_wrong_rate_is_found_on_the_smallest_amount() -> None:
	document = invoice((item(net="0.03"),), (gst("0.00", rate="12.5"),))
	assert "12.5%" in str(cannot_map(document))


def test_an_exempt_item_under_a_taxed_template_is_refused_not_sent_as_taxed() -> None:
	row = item(item_tax_template="Exempt", item_tax_rate={GST: D(0)})
	assert "charged 0.00 tax (0%)" in str(cannot_map(invoice((row,), (gst("0.00"),))))


def test_two_taxes_on_a_line_need_a_rate_of_the_same_components() -> None:
	taxes = (gst("5.00", rate="5"), gst("7.00", idx=2, rate="7", account="PST - NZ"))
	with_components = mapping_settings(tax_types={(SALES_TEMPLATE, "NZ GST"): "TAX001"})
	assert payload(invoice(taxes=taxes), with_components).total_tax == D("12.00")
	without = mapping_settings(tax_types={(SALES_TEMPLATE, "NZ GST"): "TAX002"})
	message = str(cannot_map(invoice(taxes=taxes), without))
	assert "charged 2 taxes on ITEM-1 (GST - NZ, PST - NZ)" in message
	assert "Twelve does not have the same components" in message


def test_two_rows_of_one_tax_account_are_one_tax() -> None:
	taxes = (gst("10.00", rate="10"), gst("5.00", idx=2, rate="5"))
	assert payload(invoice(taxes=taxes)).total_tax == D("15.00")


def test_an_untaxed_line_has_none_or_the_tax_type_of_the_settings() -> None:
	rounded = invoice((item(net="100.20"),), (gst("15.03"),), rounded_total=D("115.00"))
	assert lines(rounded)[-1]["TaxType"] == "NONE"
	assert lines(rounded, mapping_settings(no_tax_type="EXEMPT"))[-1]["TaxType"] == "EXEMPT"
	australian = {
		"OUTPUT2": TAX_RATES["OUTPUT2"],
		"BASEXCLUDED": XeroTaxRate("BASEXCLUDED", "BAS Excluded", D(0)),
	}
	assert lines(rounded, mapping_settings(tax_rates=australian))[-1]["TaxType"] == "BASEXCLUDED"
	archived = XeroTaxRate("NONE", "No GST", D(0), status="ARCHIVED")
	assert (
		lines(rounded, mapping_settings(tax_rates=australian | {"NONE": archived}))[-1]["TaxType"]
		== "BASEXCLUDED"
	)
	message = str(cannot_map(rounded, mapping_settings(tax_rates={"OUTPUT2": TAX_RATES["OUTPUT2"]})))
	assert message == ("No Xero tax type for an untaxed line (rounding). Choose one in Xero Sync Settings.")
