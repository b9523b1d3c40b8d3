"""The tax type of each line, and the sentence if there is none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

from nexwave_xero_connector.mapping.settings import MappingSettings, XeroTaxRate
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
		"No tax mapping for item X: none of these is mapped to a Xero tax rate: the row's Mine, the document's Theirs,"
		" the item's Default. Map the one with the right tax in Xero Sync Settings."
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
		"No tax mapping for item X: there is no tax template, and ERPNext charged no tax. If that is right, choose the"
		" Tax Rate for Untaxed Sales Lines in Xero Sync Settings; otherwise cancel SINV-0001 and amend it with a"
		" template."
	)
	assert refused.sentence.links[0].fieldname == "untaxed_sales_tax_rate"
	taxed = cannot_map(bill(items=(item(item_code="X"),), taxes_template=""))
	assert str(taxed) == (
		"No tax mapping for item X: ERPNext charged tax, but there is no tax template that says which. Cancel PINV-0001"
		" and amend it with the Purchase Taxes and Charges Template of this tax; or make that template the company's"
		" default, and map it in Xero Sync Settings."
	)


def test_all_unmapped_lines_are_reported_at_once_and_none_twice() -> None:
	rows = (item(1, item_code="X"), item(2, item_code="Y"), item(3, item_code="X"))
	refused = cannot_map(invoice(rows, (freight("5.00"),), taxes_template=""))
	message = [str(sentence).split(":")[0] for sentence in refused.sentences]
	assert message == ["No tax mapping for items X, Y", "No tax mapping for charge Freight - NZ"]


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
	assert message == (
		"ERPNext charged 12.5% tax on ITEM-1 (12.50 on 100.00), but the document's NZ GST is mapped to 15% GST on"
		" Income. If this document is wrong, cancel SINV-0001 and amend it with the template of the right tax; if the"
		" mapping is wrong, change it in Xero Sync Settings."
	)


def test_rates_are_compared_to_three_decimals_of_a_percent() -> None:
	"""ERPNext keeps three decimals, so a twelfth is 8.333 % there and 8.3333 % in Xero."""
	twelfth = XeroTaxRate("TAX009", "A twelfth", D("8.3333"))
	of_settings = mapping_settings(
		tax_rates=TAX_RATES | {"TAX009": twelfth}, tax_types={(SALES_TEMPLATE, "NZ GST"): "TAX009"}
	)
	rows = (item(net="10000.00"),)
	assert payload(invoice(rows, (gst("833.30", rate="8.333"),)), of_settings).total_tax == D("833.30")
	message = str(cannot_map(invoice(rows, (gst("833.20", rate="8.332"),)), of_settings))
	assert "charged 8.332% tax on ITEM-1 (833.20 on 10,000.00)" in message


def test_a_wrong_rate_is_found_on_the_smallest_amount() -> None:
	document = invoice((item(net="0.03"),), (gst("0.00", rate="12.5"),))
	assert "12.5%" in str(cannot_map(document))


def test_an_exempt_item_under_a_taxed_template_is_refused_not_sent_as_taxed() -> None:
	row = item(item_tax_template="Exempt", item_tax_rate={GST: D(0)})
	of_settings = mapping_settings(untaxed_sales_tax_type="NONE")
	assert "charged no tax on ITEM-1 (100.00)" in str(
		cannot_map(invoice((row,), (gst("0.00"),)), of_settings)
	)


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
	chosen = mapping_settings(untaxed_sales_tax_type="EXEMPT", untaxed_purchase_tax_type="NONE")
	assert lines(rounded, chosen)[-1]["TaxType"] == "EXEMPT"
	not_for_expenses = mapping_settings(untaxed_sales_tax_type="ZERORATED")
	assert lines(rounded, not_for_expenses)[-1]["TaxType"] == "NONE", "the rounding account is an expense"
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
	assert message == (
		"No Xero tax type for an untaxed line (rounding). Choose a Tax Rate for Untaxed Sales Lines in Xero Sync"
		" Settings."
	)


EXPORT = {"taxes_template": "Export", "company_taxes_template": "NZ GST"}


def test_a_later_candidate_that_agrees_is_taken_and_the_decision_says_why() -> None:
	"""An item whose own template is 15 %, on an export invoice: ERPNext charged nothing."""
	of_settings = mapping_settings(
		tax_types={(ITEM_TEMPLATE, "GST"): "OUTPUT2", (SALES_TEMPLATE, "Export"): "ZERORATED"}
	)
	row = item(item_tax_template="GST")
	sent = payload(invoice((row,), (), **EXPORT), of_settings)
	assert sent.tax_by_type == {"ZERORATED": 0}
	assert str(sent.decisions[0]).endswith(
		"tax ZERORATED from the document's Export, because ERPNext did not charge the tax of the row's GST (15%)."
	)


def test_the_order_stays_where_several_candidates_agree() -> None:
	of_settings = mapping_settings(
		tax_types={
			(ITEM_TEMPLATE, "Mine"): "OUTPUT2",
			(SALES_TEMPLATE, "Export"): "EXEMPT",
			(ITEM_TEMPLATE, "Zero"): "ZERORATED",
			(SALES_TEMPLATE, "NZ GST"): "NONE",
		}
	)
	row = item(item_tax_template="Mine", default_tax_templates=("Zero",))
	assert payload(invoice((row,), (), **EXPORT), of_settings).tax_by_type == {"EXEMPT": 0}
	row = item(item_tax_template="Mine", default_tax_templates=("Zero",))
	unmapped = {"taxes_template": "Unmapped", "company_taxes_template": "NZ GST"}
	assert payload(invoice((row,), (), **unmapped), of_settings).tax_by_type == {"ZERORATED": 0}


def test_a_refusal_names_every_candidate_that_was_tried() -> None:
	of_settings = mapping_settings(
		tax_types={
			(ITEM_TEMPLATE, "Mine"): "TAX001",
			(ITEM_TEMPLATE, "Zero"): "ZERORATED",
			(SALES_TEMPLATE, "NZ GST"): "OUTPUT2",
		}
	)
	row = item(item_tax_template="Mine", default_tax_templates=("Zero",))
	message = str(cannot_map(invoice((row,), (gst("10.00", rate="10"),)), of_settings))
	assert (
		"charged 10% tax on ITEM-1 (10.00 on 100.00), but the row's Mine is mapped to GST and PST (12%), the document's"
		" NZ GST is mapped to 15% GST on Income, the item's Zero is mapped to Zero Rated (0%). If" in message
	)


def test_a_later_candidate_has_to_agree_to_the_cent() -> None:
	"""The precision of ERPNext's rates, 5 on a million, is for the template that was meant."""
	twelfth = XeroTaxRate("TAX009", "A twelfth", D("8.3333"))
	of_settings = mapping_settings(
		tax_rates=TAX_RATES | {"TAX009": twelfth},
		tax_types={(ITEM_TEMPLATE, "Mine"): "OUTPUT2", (SALES_TEMPLATE, "NZ GST"): "TAX009"},
	)
	row = item(net="1000000.00", item_tax_template="Mine")
	assert "8.333%" in str(cannot_map(invoice((row,), (gst("83330.00", rate="8.333"),)), of_settings))


def test_a_mapping_that_is_broken_is_not_passed_over() -> None:
	of_settings = mapping_settings(
		tax_types={(ITEM_TEMPLATE, "Old"): "OUTPUT", (SALES_TEMPLATE, "NZ GST"): "OUTPUT2"}
	)
	message = str(cannot_map(invoice((item(item_tax_template="Old"),)), of_settings))
	assert (
		"12.5% GST on Income (OUTPUT) is archived or deleted in Xero. The tax of ITEM-1 comes from" in message
	)


def test_a_line_without_a_template_goes_out_untaxed_only_if_nothing_was_charged() -> None:
	"""A supplier who is not registered for GST; the company's default template was taken off the bill."""
	of_settings = mapping_settings(untaxed_purchase_tax_type="NONE")
	without = {"taxes_template": "", "company_taxes_template": "NZ GST"}
	assert payload(bill(taxes=(), **without), of_settings).tax_by_type == {"NONE": 0}
	assert payload(bill(**without), of_settings).tax_by_type == {"INPUT2": D("15.00")}
	for missing in ({"taxes_template": "NZ GST"}, {"items": (item(item_tax_template="GST"),)} | without):
		assert "ERPNext charged no tax on ITEM-1 (100.00), but" in str(
			cannot_map(bill(taxes=(), **missing), of_settings)
		)


def test_a_line_that_bore_a_tax_never_goes_out_untaxed() -> None:
	of_settings = mapping_settings(untaxed_sales_tax_type="NONE")
	without = cannot_map(invoice(taxes_template=""), of_settings)
	assert "ERPNext charged tax, but there is no tax template that says which" in str(without)
	taxes = (
		gst("15.00"),
		freight("20.00", idx=2),
		gst("2.00", 3, "10", charge_type="On Previous Row Amount", row_id=2),
	)
	message = str(cannot_map(invoice(taxes=taxes), of_settings))
	assert "ERPNext charged 10% tax on Freight - NZ (2.00 on 20.00), but" in message


def test_the_same_reason_for_many_lines_is_given_once() -> None:
	rows = tuple(item(number, item_code="Cloth" if number % 2 else "Thread") for number in range(1, 13))
	refused = cannot_map(invoice(rows, (gst("120.00", rate="10"),)))
	assert [str(sentence) for sentence in refused.sentences] == [
		"ERPNext charged 10% tax on Cloth in row 1 (10.00 on 100.00), Thread in row 2 (10.00 on 100.00), Cloth in row 3"
		" (10.00 on 100.00), Thread in row 4 (10.00 on 100.00), Cloth in row 5 (10.00 on 100.00) and 7 more, but the"
		" document's NZ GST is mapped to 15% GST on Income. If this document is wrong, cancel SINV-0001 and"
		" amend it with the template of the right tax; if the mapping is wrong, change it in Xero Sync Settings."
	]
	no_account = cannot_map(invoice(rows, (gst("180.00"),)), mapping_settings(default_sales_account=""))
	assert [str(sentence).split(":")[0] for sentence in no_account.sentences] == [
		"No Xero account for Cloth, Thread"
	]


def test_a_tax_account_is_not_taken_for_a_charge() -> None:
	levy = gst("1.50", rate="0.5", charge_type="On Item Quantity")
	assert "is a charge such as freight" in str(cannot_map(invoice((item(qty="3"),), (levy,))))
	tax = gst("1.50", rate="0.5", charge_type="On Item Quantity", account_type="Tax")
	message = str(cannot_map(invoice((item(qty="3"),), (tax,))))
	assert "freight" not in message and "charges in" not in message


OF_TEMPLATES = {
	(PURCHASE_TEMPLATE, "NZ GST"): frozenset({GST}),
	(PURCHASE_TEMPLATE, "No GST"): frozenset({GST}),
	(SALES_TEMPLATE, "NZ GST"): frozenset({GST}),
}


def without_template(**other: object) -> MappingSettings:
	types = {(SALES_TEMPLATE, "NZ GST"): "OUTPUT2", (PURCHASE_TEMPLATE, "NZ GST"): "INPUT2"}
	types |= {(PURCHASE_TEMPLATE, "No GST"): "NONE"}
	return mapping_settings(**{"tax_types": types, "template_accounts": OF_TEMPLATES, **other})


def test_the_rows_of_a_template_that_nobody_chose_are_recognised_by_their_accounts() -> None:
	"""A bill typed without choosing a template, and an order that a shop's program made."""
	for document, tax_type in ((bill(taxes_template=""), "INPUT2"), (invoice(taxes_template=""), "OUTPUT2")):
		sent = payload(document, without_template())
		assert sent.tax_by_type == {tax_type: D("15.00")}
		assert "the tax rows, which are those of NZ GST" in str(sent.decisions[0])


def test_tax_by_hand_without_a_template_is_recognised_too() -> None:
	by_hand = gst("18.00", 2, charge_type="Actual", rate="0", account_type="Tax")
	sent = payload(bill(taxes=(freight("20.00", 1), by_hand), taxes_template=""), without_template())
	assert sent.tax_by_type == {"INPUT2": D("18.00")}


def test_a_line_without_tax_beside_them_goes_out_untaxed_and_not_by_a_template_of_zero() -> None:
	rows = (item(1), item(2, item_tax_rate={GST: D(0)}))
	of_settings = without_template(untaxed_purchase_tax_type="EXEMPT")
	sent = payload(bill(items=rows, taxes_template=""), of_settings)
	assert sent.tax_by_type == {"INPUT2": D("15.00"), "EXEMPT": 0}


def test_rows_to_other_accounts_or_at_another_rate_are_not_those_of_the_template() -> None:
	other = gst("15.00", account="PST - NZ")
	assert "no tax template that says which" in str(
		cannot_map(bill(taxes=(other,), taxes_template=""), without_template())
	)
	assert "ERPNext charged 12% tax" in str(
		cannot_map(bill(taxes=(gst("12.00", rate="12"),), taxes_template=""), without_template())
	)
	assert "the document's No GST is mapped to No GST (0%)" in str(
		cannot_map(bill(taxes_template="No GST"), without_template())
	)


def test_two_mapped_templates_with_these_accounts_and_one_rate_are_not_told_apart() -> None:
	settings = without_template()
	types = {**settings.tax_types, (PURCHASE_TEMPLATE, "Capital"): "CAPEX"}
	accounts = {**OF_TEMPLATES, (PURCHASE_TEMPLATE, "Capital"): frozenset({GST})}
	rates = {**settings.tax_rates, "CAPEX": replace(settings.tax_rates["INPUT2"], tax_type="CAPEX")}
	settings = without_template(tax_types=types, template_accounts=accounts, tax_rates=rates)
	assert "no tax template that says which" in str(cannot_map(bill(taxes_template=""), settings))
	types[PURCHASE_TEMPLATE, "Capital"] = "INPUT2"
	assert payload(bill(taxes_template=""), settings).tax_by_type == {"INPUT2": D("15.00")}
