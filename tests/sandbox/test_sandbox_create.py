"""Creating documents: numbers, required fields, all messages, all or nothing."""

from __future__ import annotations

import pytest
from sandbox_api import Api, line, messages

ZERO = "00000000-0000-0000-0000-000000000000"


def test_the_response_has_xeros_shape(api: Api) -> None:
	response = api.put("/Invoices", {"Invoices": [api.invoice()]})
	assert response.status_code == 200
	assert response.headers["Content-Type"] == "application/json; charset=utf-8"
	body = response.json()
	assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Invoices"]
	invoice = body["Invoices"][0]
	assert list(invoice)[:6] == [
		"Type",
		"InvoiceID",
		"InvoiceNumber",
		"Reference",
		"Prepayments",
		"Overpayments",
	]
	assert list(invoice)[-5:] == ["SubTotal", "TotalTax", "Total", "UpdatedDateUTC", "CurrencyCode"]
	assert (
		"Payments" not in invoice
		and "AmountCredited" not in invoice
		and "StatusAttributeString" not in invoice
	)
	assert (invoice["Total"], invoice["TotalTax"], invoice["AmountDue"]) == (115, 15, 115)
	assert (invoice["Date"], invoice["DateString"]) == ("/Date(1793491200000+0000)/", "2026-11-01T00:00:00")
	assert '"Total":115.00' in response.text


def test_a_sales_number_is_unique_ignoring_case(api: Api) -> None:
	api.create(api.invoice("SINV-1"))
	response = api.put("/Invoices", api.invoice("sinv-1"))
	assert response.status_code == 400
	assert response.json()["ErrorNumber"] == 10 and response.json()["Type"] == "ValidationException"
	assert messages(response) == ["Invoice # must be unique."]
	assert response.json()["Elements"][0]["InvoiceID"] == ZERO


def test_a_bill_number_is_not_unique(api: Api) -> None:
	first, second = api.create(api.bill()), api.create(api.bill())
	assert first["InvoiceID"] != second["InvoiceID"]
	assert api.create(api.invoice("BILL-1"))["InvoiceNumber"] == "BILL-1"


def test_credit_note_numbers_are_separate_from_invoice_numbers(api: Api) -> None:
	api.create(api.invoice("X-1"))
	api.create(api.credit_note("X-1"))
	assert messages(api.put("/CreditNotes", api.credit_note("x-1"))) == ["Credit Note # must be unique."]


def test_a_voided_invoice_keeps_its_number(api: Api) -> None:
	invoice = api.create(api.invoice())
	api.post(f"/Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"})
	assert messages(api.put("/Invoices", api.invoice())) == ["Invoice # must be unique."]


@pytest.mark.parametrize(("frees", "status"), [("yes", 200), ("no", 400)])
def test_a_deleted_draft_may_free_its_number(api: Api, frees: str, status: int) -> None:
	api.admin.switch(deleted_draft_frees_number=frees)
	draft = api.create(api.invoice(Status="DRAFT"))
	api.post(f"/Invoices/{draft['InvoiceID']}", {"Status": "DELETED"})
	assert api.put("/Invoices", api.invoice()).status_code == status


def test_sales_documents_without_a_number_get_one(api: Api) -> None:
	assert api.create(api.invoice(None))["InvoiceNumber"] == "INV-0001"
	assert api.create(api.invoice(None))["InvoiceNumber"] == "INV-0002"
	assert api.create(api.bill(None))["InvoiceNumber"] == ""


def test_an_element_gets_all_its_messages_together(api: Api) -> None:
	bad = {
		"Status": "AUTHORISED",
		"LineItems": [line(AccountCode="999"), line(AccountCode="280"), line(TaxType="X")],
	}
	assert messages(api.put("/Invoices", bad)) == [
		"Invoice Type must be specified",
		"A Contact must be specified for this type of transaction",
		"The document DueDate field must be specified.",
		"Account code '999' is not a valid code for this document.",
		"Account code '280' has been archived, or has been deleted. Each line item must reference a valid "
		"account.",
		"The TaxType code X does not exist or cannot be used for this type of transaction.",
	]


@pytest.mark.parametrize(
	("changes", "message"),
	[
		({"LineItems": []}, "One or more line items must be specified"),
		({"Status": "PAID"}, "Invoice not of valid status for creation"),
		({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
		({"LineItems": [line(AccountCode=None)]}, "Account code must be specified"),
		(
			{"LineItems": [line(AccountCode="610")]},
			"Account code '610' is not a valid code for this document.",
		),
		(
			{"LineItems": [line(AccountCode="090")]},
			"Account code '090' is not a valid code for this document.",
		),
		(
			{"LineItems": [line(TaxType="INPUT2")]},
			"The TaxType code 'INPUT2' cannot be used with account code '200'.",
		),
		(
			{"LineItems": [line(TaxType="OUTPUT")]},
			"The TaxType code OUTPUT does not exist or cannot be used for this type of transaction.",
		),
		(
			{"LineItems": [line(UnitAmount=-50)]},
			"The Total for this document must be greater than or equal to zero.",
		),
		({"Url": "https://go.xero.com/x"}, "The Url must not be an address of Xero."),
		({"RoundingAmount": 0.05}, "RoundingAmount is not available for this organisation."),
		({"Total": 100}, "The document total does not equal the sum of the lines."),
		({"CurrencyCode": "CHF"}, "Organisation is not subscribed to currency CHF"),
		(
			{"LineItems": [line(LineAmount=99)]},
			"The line total 99.00 does not match the expected line total 100.00",
		),
		(
			{"LineItems": [line(Tracking=[{"Name": "Nope", "Option": "North"}])]},
			"There is no ACTIVE tracking category with the name 'Nope'",
		),
	],
)
def test_invalid_documents_are_refused(api: Api, changes: dict, message: str) -> None:
	response = api.put("/Invoices", api.invoice(**changes))
	assert response.status_code == 400
	assert messages(response) == [message]


def test_a_link_to_the_erp_is_not_taken_for_xeros_own_address(api: Api) -> None:
	url = "https://erp.example/app/xero.com?to=https://xero.com"
	assert api.create(api.invoice(Url=url))["Url"] == url


def test_a_rounding_amount_may_be_ignored(api: Api) -> None:
	api.admin.switch(rounding_amount="ignored")
	assert api.create(api.invoice(RoundingAmount=0.05))["Total"] == 115


@pytest.mark.parametrize("tax_type", ["TAX001", "TAX002", "TAX003"])
def test_deleted_archived_and_pending_tax_rates_are_listed_but_refused(au: Api, tax_type: str) -> None:
	rates = {row["TaxType"]: row["Status"] for row in au.get("/TaxRates").json()["TaxRates"]}
	assert (rates["TAX001"], rates["TAX002"], rates["TAX003"]) == ("DELETED", "ARCHIVED", "PENDING")
	bad = au.invoice(LineItems=[line(TaxType=tax_type)])
	assert messages(au.put("/Invoices", bad)) == [
		f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction."
	]
	au.admin.switch(ended_tax_rate="account")
	assert messages(au.put("/Invoices", bad)) == [
		f"The TaxType code '{tax_type}' cannot be used with account code '200'."
	]


def test_a_person_may_archive_a_tax_rate(api: Api) -> None:
	api.admin.act(api.tenant, "delete_tax_rate", tax_type="OUTPUT2", status="ARCHIVED")
	assert api.get("/TaxRates/OUTPUT2").json()["TaxRates"][0]["Status"] == "ARCHIVED"
	assert api.put("/Invoices", api.invoice()).status_code == 400


def test_the_message_for_a_missing_account_and_the_status_that_needs_a_total(api: Api) -> None:
	api.admin.switch(missing_account="valid")
	without = api.invoice(LineItems=[line(AccountCode=None)])
	assert messages(api.put("/Invoices", without)) == ["Account must be valid."]
	negative = {"LineItems": [line(UnitAmount=-50)]}
	submitted, approved = api.invoice(Status="SUBMITTED", **negative), api.invoice(**negative)
	assert [api.put("/Invoices", body).status_code for body in (submitted, approved)] == [400, 400]
	api.admin.switch(negative_total="authorised")
	assert [api.put("/Invoices", body).status_code for body in (submitted, approved)] == [200, 400]


def test_drafts_may_be_incomplete(api: Api) -> None:
	draft = api.create(
		api.invoice(Status="DRAFT", DueDate=None, LineItems=[line(AccountCode=None, UnitAmount=-1)])
	)
	assert (draft["Status"], draft["Total"]) == ("DRAFT", -2)
	response = api.post(f"/Invoices/{draft['InvoiceID']}", {"Status": "AUTHORISED"})
	assert set(messages(response)) == {
		"The document DueDate field must be specified.",
		"Account code must be specified",
		"The Total for this document must be greater than or equal to zero.",
	}


def test_a_batch_is_all_or_nothing_by_default(api: Api) -> None:
	response = api.put(
		"/Invoices", {"Invoices": [api.invoice("A"), api.invoice("B", Type=None), api.invoice("C")]}
	)
	assert response.status_code == 400
	assert [element["InvoiceNumber"] for element in response.json()["Elements"]] == ["B"]
	assert api.admin.documents() == []
	assert api.get("/Invoices", page=1).json()["pagination"]["itemCount"] == 0


@pytest.mark.parametrize("false", ["false", "False"])
def test_each_element_is_validated_separately_with_summarize_errors_false(api: Api, false: str) -> None:
	batch = [api.invoice("A"), api.invoice("a"), api.invoice("C")]
	response = api.put("/Invoices", {"Invoices": batch}, summarizeErrors=false)
	assert response.status_code == 200
	first, second, third = response.json()["Invoices"]
	assert (first["StatusAttributeString"], third["StatusAttributeString"]) == ("OK", "OK")
	assert (second["StatusAttributeString"], second["HasErrors"]) == ("ERROR", True)
	assert (second["InvoiceID"], second["Status"]) == (ZERO, "AUTHORISED")
	assert second["ValidationErrors"] == [{"Message": "Invoice # must be unique."}]
	assert [document["number"] for document in api.admin.documents()] == ["A", "C"]


@pytest.mark.parametrize(
	("changes", "number"),
	[
		({"LineAmountTypes": "NO_TAX"}, 14),
		({"Status": "Authorised"}, 14),
		({"Date": "yesterday"}, 14),
		({"Contact": {"ContactID": "not-a-guid"}}, 14),
		({"LineItems": [line(Quantity="many")]}, 14),
	],
)
def test_a_value_of_the_wrong_type_refuses_the_request(api: Api, changes: dict, number: int) -> None:
	response = api.put("/Invoices", api.invoice(**changes), summarizeErrors="false")
	assert (response.status_code, response.json()["ErrorNumber"]) == (400, number)


def test_malformed_bodies(api: Api) -> None:
	for body, number in (("", 17), ("{}", 17), ("[]", 17), ("{nonsense", 14), ('{"Invoices":[1]}', 14)):
		response = api.call("PUT", "/Invoices", data=body)
		assert (response.status_code, response.json()["ErrorNumber"]) == (400, number), body
	assert api.put("/Invoices", api.invoice(LineItems=[line(Tracking="North")])).status_code == 500


def test_an_unknown_contact_is_404_and_an_archived_one_gets_a_message(api: Api) -> None:
	unknown = api.put("/Invoices", api.invoice(Contact={"ContactID": "11111111-2222-3333-4444-555555555555"}))
	assert (unknown.status_code, unknown.text) == (404, "")
	assert unknown.headers["Content-Type"].startswith("text/html")
	archived = api.put("/Invoices", api.invoice(Contact={"ContactID": api.contact_id("Gone Fishing Ltd")}))
	assert "has been archived" in messages(archived)[0]


def test_dates_in_all_three_forms(api: Api) -> None:
	for number, date in enumerate(("2026-11-01", "2026-11-01T00:00:00", "/Date(1793491200000)/")):
		assert api.create(api.invoice(f"D-{number}", Date=date))["DateString"] == "2026-11-01T00:00:00"


def test_extra_fields_of_the_sdk_are_ignored(api: Api) -> None:
	created = api.create(api.invoice(HasErrors=False, HasAttachments=False, Allocations=[{"Amount": 5}]))
	assert created["AmountDue"] == 115


def test_reference_is_dropped_from_bills(api: Api) -> None:
	assert api.create(api.bill(Reference="PO 1"))["Reference"] == ""
	assert api.create(api.invoice(Reference="PO 1"))["Reference"] == "PO 1"
	api.admin.switch(bill_reference="kept")
	assert api.create(api.bill(Reference="PO 1"))["Reference"] == "PO 1"


def test_lock_dates(api: Api) -> None:
	api.admin.act(api.tenant, "lock", period="2026-11-01")
	response = api.put("/Invoices", api.invoice())
	assert messages(response) == [
		"The document date cannot be before the period lock date, currently set at 1 November 2026"
	]
	api.create(api.invoice(Date="2026-11-02"))
	organisation = api.get("/Organisation").json()["Organisations"][0]
	assert (
		organisation["PeriodLockDate"] == "/Date(1793491200000+0000)/"
		and "EndOfYearLockDate" not in organisation
	)


def test_a_zero_total_is_paid_at_once(api: Api) -> None:
	invoice = api.create(api.invoice(LineItems=[line(UnitAmount=0)]))
	assert (invoice["Status"], invoice["Total"]) == ("PAID", 0)
	assert api.post(f"/Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"}).status_code == 200


def test_a_contact_given_by_name_is_found_or_created(api: Api) -> None:
	found = api.create(api.invoice("A", Contact={"Name": "bayside CLUB"}))["Contact"]
	assert (found["ContactID"], found["IsCustomer"]) == (api.contact_id(), True)
	made = api.create(api.invoice("B", Contact={"Name": "Brand New Ltd", "ContactNumber": "NEW-1"}))[
		"Contact"
	]
	assert (made["Name"], made["ContactNumber"]) == ("Brand New Ltd", "NEW-1")


def test_an_invoice_and_a_credit_note_may_share_one_set_of_numbers(api: Api) -> None:
	api.admin.switch(number_spaces="shared")
	api.create(api.invoice("N-1"))
	api.create(api.bill("N-1"))
	assert messages(api.put("/CreditNotes", api.credit_note("N-1"))) == ["Credit Note # must be unique."]
	api.admin.switch(credit_note_number_taken="invoice")
	assert messages(api.put("/CreditNotes", api.credit_note("N-1"))) == ["Invoice # must be unique."]


def test_a_document_on_the_lock_date_and_an_early_due_date_are_switches(api: Api) -> None:
	api.admin.act(api.tenant, "lock", period="2026-11-01")
	assert api.put("/Invoices", api.invoice(Date="2026-11-01")).status_code == 400
	api.admin.switch(lock_date_itself="open")
	assert api.put("/Invoices", api.invoice(Date="2026-11-01")).status_code == 200
	early = {"Date": "2026-11-12", "DueDate": "2026-11-11"}
	assert api.put("/Invoices", api.invoice("B", **early)).status_code == 200
	api.admin.switch(due_before_date="refused")
	assert "DueDate" in messages(api.put("/Invoices", api.invoice("C", **early)))[0]
