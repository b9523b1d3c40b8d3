"""Accounts by mapping, number or default; accounting dimensions as tracking."""

from __future__ import annotations

from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.lines.accounts import by_default
from nexwave_xero_connector.mapping.lines.items import item_lines
from nexwave_xero_connector.mapping.settings import TrackingOption, XeroAccount
from tests.mapping.nz import (
	FREIGHT,
	D,
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

SALES = "Sales - NZ"


def test_the_mapping_wins_over_the_number_and_the_default() -> None:
	of_settings = mapping_settings(account_keys={SALES: "260"}, account_numbers={SALES: "200"})
	assert lines(invoice(), of_settings)[0]["AccountCode"] == "260"
	assert "account 260 from the mapping of Sales - NZ" in str(payload(invoice(), of_settings).decisions[0])


def test_the_account_number_wins_over_the_default() -> None:
	of_settings = mapping_settings(account_numbers={SALES: "260"})
	assert lines(invoice(), of_settings)[0]["AccountCode"] == "260"
	assert "account 260 from the account number of Sales - NZ" in str(
		payload(invoice(), of_settings).decisions[0]
	)


def test_the_default_is_used_if_xero_does_not_have_the_account_number() -> None:
	assert lines(invoice(), mapping_settings(account_numbers={SALES: "4100"}))[0]["AccountCode"] == "200"


def test_an_account_is_sent_by_its_id() -> None:
	"""The id stays when a code is changed, so that a code given to another account is not followed."""
	accounts = {"id-of-sales": XeroAccount("200", "Sales", "REVENUE", id="id-of-sales")}
	of_settings = mapping_settings(accounts=accounts, account_keys={SALES: "id-of-sales"})
	(line,) = lines(invoice(), of_settings)
	assert line["AccountID"] == "id-of-sales"
	assert "AccountCode" not in line
	assert "account 200 from the mapping of" in str(payload(invoice(), of_settings).decisions[0])


def test_an_account_that_xero_no_longer_has_is_refused_although_another_has_its_code() -> None:
	accounts = {
		"gone": XeroAccount("200", "Sales", "REVENUE", status="GONE", id="gone"),
		"new": XeroAccount("200", "Grants", "REVENUE", id="new"),
	}
	message = str(cannot_map(invoice(), mapping_settings(accounts=accounts, account_keys={SALES: "gone"})))
	assert "Xero account 200 Sales for ITEM-1 does not exist in the organisation." in message


def test_a_number_is_not_followed_to_an_account_that_has_taken_over_the_code() -> None:
	accounts = {"new": XeroAccount("200", "Grants", "REVENUE", id="new", code_was_of="Sales")}
	by_number = mapping_settings(accounts=accounts, account_numbers={SALES: "200"})
	message = str(cannot_map(invoice(), by_number))
	assert "Xero account code 200 was Sales and is Grants now. Sales - NZ has that number" in message
	by_mapping = mapping_settings(
		accounts=accounts, account_numbers={SALES: "200"}, account_keys={SALES: "new"}
	)
	assert lines(invoice(), by_mapping)[0]["AccountID"] == "new"


def test_a_missing_account_is_refused_by_code() -> None:
	message = str(cannot_map(invoice(), mapping_settings(account_keys={SALES: "777"})))
	assert "Xero account 777 for ITEM-1 does not exist in the organisation." in message


def test_an_archived_account_is_refused_by_name() -> None:
	message = str(cannot_map(invoice(), mapping_settings(account_keys={SALES: "999"})))
	assert "Xero account 999 Old Sales for ITEM-1 is archived." in message


def test_bank_and_control_accounts_are_refused() -> None:
	for code in ("610", "090"):
		assert "is a bank or control account" in str(
			cannot_map(invoice(), mapping_settings(account_keys={SALES: code}))
		)


def _settings_fields(refused: CannotMap) -> set[str]:
	return {link.fieldname for link in refused.sentence.links if link.doctype == "Xero Sync Settings"}


def test_a_refusal_links_to_the_field_that_holds_the_account() -> None:
	with_freight = invoice(
		taxes=(freight("10.00", idx=1), gst("16.50", idx=2, charge_type="On Previous Row Total", row_id=1))
	)
	rounded = invoice(
		rounded_total=D("115"), grand_total=D("114.99"), items=(item(net="99.99"),), taxes=(gst("15.00"),)
	)
	for document, of_settings, field in (
		(invoice(), mapping_settings(account_keys={SALES: "999"}), "account_mapping"),
		(invoice(), mapping_settings(account_numbers={SALES: "999"}), "account_mapping"),
		(invoice(), mapping_settings(default_sales_account="999"), "default_sales_account"),
		(bill(), mapping_settings(default_purchase_account="999"), "default_purchase_account"),
		(with_freight, mapping_settings(account_keys={FREIGHT: "999"}), "charge_mapping"),
		(rounded, mapping_settings(rounding_account="999"), "rounding_account"),
		(rounded, mapping_settings(rounding_account=""), "rounding_account"),
	):
		refused = cannot_map(document, of_settings)
		assert _settings_fields(refused) == {field}, str(refused)


TRACKING = {
	("Cost Center", "North"): TrackingOption("Region", "North"),
	("Project", "P-1"): TrackingOption("Job", "P-1"),
	("Project", "P-2"): TrackingOption("Region", "South"),
	("Project", "P-3"): TrackingOption("Job", "P-3", status="ARCHIVED"),
}


def test_cost_centre_and_project_become_tracking() -> None:
	document = invoice((item(dimensions={"Cost Center": "North", "Project": "P-1"}),))
	assert lines(document, mapping_settings(tracking=TRACKING))[0]["Tracking"] == [
		{"Name": "Region", "Option": "North"},
		{"Name": "Job", "Option": "P-1"},
	]


def test_a_row_without_a_cost_centre_has_the_documents() -> None:
	document = invoice(dimensions={"Cost Center": "North"})
	assert lines(document, mapping_settings(tracking=TRACKING))[0]["Tracking"] == [
		{"Name": "Region", "Option": "North"}
	]


def test_every_line_has_the_cost_centre_and_project_it_belongs_to() -> None:
	"""Items and charges have their own, else the document's; cash discount and rounding have the document's."""
	tracking = TRACKING | {("Cost Center", "South"): TrackingOption("Region", "South")}
	document = invoice(
		(item(),),
		(freight("10.00", dimensions={"Cost Center": "South"}), freight("5.00", idx=2), gst("15.00", idx=3)),
		dimensions={"Cost Center": "North", "Project": "P-1"},
		discount_amount=D("1.00"),
		is_cash_discount=True,
		grand_total=D("129.00"),
		rounded_total=D("130.00"),
	)
	sent = lines(document, mapping_settings(tracking=tracking, charge_accounts={FREIGHT: "NONE"}))
	assert [[chosen["Option"] for chosen in line["Tracking"]] for line in sent] == [
		["North", "P-1"],
		["South", "P-1"],
		["North", "P-1"],
		["North", "P-1"],
		["North", "P-1"],
	]
	assert [line["Description"] for line in sent] == ["Item 1", "Freight", "Freight", "Discount", "Rounding"]


def test_any_dimension_is_a_source_and_others_are_not_sent() -> None:
	of_lines = {"Cost Center": "North", "Department": "Sales", "Brand": "Acme"}
	tracking = TRACKING | {
		("Department", "Sales"): TrackingOption("Job", "Sales"),
		("Brand", "Acme"): TrackingOption("Region", "Acme"),
	}
	document = invoice((item(dimensions={"Brand": "Acme"}),), dimensions=of_lines | {"Brand": "Other"})
	for sources, options in (
		(("Cost Center", "Department"), ["North", "Sales"]),
		(("Department", "Brand"), ["Sales", "Acme"]),
		(("Brand",), ["Acme"]),
		((), []),
	):
		(line,) = lines(document, mapping_settings(tracking=tracking, tracking_sources=sources))
		assert [chosen["Option"] for chosen in line.get("Tracking", [])] == options


def test_tracking_is_sent_by_ids() -> None:
	option = TrackingOption("Region", "North", category_id="id-of-region", option_id="id-of-north")
	(line,) = lines(
		invoice(dimensions={"Cost Center": "North"}),
		mapping_settings(tracking={("Cost Center", "North"): option}),
	)
	assert line["Tracking"] == [{"TrackingCategoryID": "id-of-region", "TrackingOptionID": "id-of-north"}]


def test_two_categories_of_one_name_are_told_apart_by_their_ids() -> None:
	"""An archived category and its successor may have the same name."""
	document = invoice((item(dimensions={"Cost Center": "North", "Project": "P-2"}),))
	options = {
		("Cost Center", "North"): TrackingOption("Region", "North", category_id="one", option_id="north"),
		("Project", "P-2"): TrackingOption("Region", "South", category_id="two", option_id="south"),
	}
	assert len(lines(document, mapping_settings(tracking=options))[0]["Tracking"]) == 2


def test_what_is_not_mapped_is_not_sent() -> None:
	document = invoice((item(dimensions={"Cost Center": "South", "Project": "P-9"}),))
	assert "Tracking" not in lines(document, mapping_settings(tracking=TRACKING))[0]


def test_two_options_of_one_category_are_refused() -> None:
	document = invoice((item(dimensions={"Cost Center": "North", "Project": "P-2"}),))
	message = str(cannot_map(document, mapping_settings(tracking=TRACKING)))
	assert "North and P-2 are both mapped to tracking category Region" in message


def test_an_archived_option_is_refused_by_name() -> None:
	message = str(
		cannot_map(invoice((item(dimensions={"Project": "P-3"}),)), mapping_settings(tracking=TRACKING))
	)
	assert "P-3 is mapped to tracking option P-3 of Job, which is archived in Xero." in message


def test_an_option_that_the_organisation_does_not_have_is_refused_by_name() -> None:
	gone = {("Project", "P-3"): TrackingOption("Job", "P-3", status="GONE")}
	message = str(
		cannot_map(invoice((item(dimensions={"Project": "P-3"}),)), mapping_settings(tracking=gone))
	)
	assert "tracking option P-3 of Job, which does not exist in the organisation." in message


def test_lines_that_go_to_a_default_account_are_known() -> None:
	of_settings = mapping_settings(
		account_keys={"Mapped - NZ": "260"}, account_numbers={"Numbered - NZ": "260"}
	)
	rows = tuple(
		item(number, account=f"{name} - NZ")
		for number, name in enumerate(("Mapped", "Numbered", "Other"), start=1)
	)
	document = invoice(rows, (gst("45.00"),))
	found = by_default(item_lines(document, of_settings), of_settings)
	assert [(line.account, account.code) for line, account in found] == [("Other - NZ", "200")]
