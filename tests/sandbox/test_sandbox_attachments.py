"""Files attached to documents: what the sandbox accepts, as far as it is known of Xero."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import requests
from sandbox_api import Api, messages

NOT_SUPPORTED = ["The file couldn't be uploaded because it isn't a supported file type."]


@pytest.fixture
def invoice(api: Api) -> str:
	return f"/Invoices/{api.create(api.invoice())['InvoiceID']}/Attachments"


def attach(api: Api, path: str, name: str, content: bytes = b"paper", method: str = "PUT", **params: str):
	headers = {"Content-Type": "application/octet-stream"}
	return api.call(method, f"{path}/{quote(name, safe='')}", data=content, headers=headers, **params)


def listed(api: Api, path: str) -> list[tuple[str, int]]:
	files = api.get(path).json()["Attachments"]
	return [(file["FileName"], file["ContentLength"]) for file in files]


def test_a_file_keeps_its_bytes_and_its_length(api: Api, invoice: str) -> None:
	content = bytes(range(256))
	(stored,) = attach(api, invoice, "scan.pdf", content).json()["Attachments"]
	assert (stored["FileName"], stored["ContentLength"]) == ("scan.pdf", 256)
	assert api.get(f"{invoice}/{stored['AttachmentID']}").content == content


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(("same_name", "count"), [("replaced", 1), ("added", 2)])
def test_a_second_file_of_the_name(api: Api, invoice: str, method: str, same_name: str, count: int) -> None:
	api.admin.switch(attachment_same_name=same_name)
	attach(api, invoice, "scan.pdf", b"first")
	(stored,) = attach(api, invoice, "SCAN.pdf", b"second one", method).json()["Attachments"]
	assert stored["ContentLength"] == 10
	assert len(listed(api, invoice)) == count


def test_only_put_of_a_sales_document_includes_online(api: Api, invoice: str) -> None:
	attach(api, invoice, "one.pdf", IncludeOnline="true")
	attach(api, invoice, "one.pdf", b"changed", "POST")
	attach(api, invoice, "two.pdf", method="POST", IncludeOnline="true")
	bill = api.create(api.invoice("B", Type="ACCPAY"))
	on_bill = f"/Invoices/{bill['InvoiceID']}/Attachments"
	attach(api, on_bill, "scan.pdf", IncludeOnline="true")
	online = [
		file["IncludeOnline"] for path in (invoice, on_bill) for file in api.get(path).json()["Attachments"]
	]
	assert online == [True, False, False]


@pytest.mark.parametrize(
	"name",
	["scan", "virus.exe", "a#b.pdf", "50%.pdf", "a&b.pdf", "a+b.pdf", "a:b.pdf", "what?.pdf", ".hidden"],
)
def test_a_kind_or_a_sign_that_is_refused(api: Api, invoice: str, name: str) -> None:
	assert messages(attach(api, invoice, name)) == NOT_SUPPORTED
	assert listed(api, invoice) == []


@pytest.mark.parametrize(("says", "status"), [("not_found", 404), ("error", 500), ("accepted", 200)])
def test_a_blank_in_a_name(api: Api, invoice: str, says: str, status: int) -> None:
	api.admin.switch(attachment_name_with_blank=says)
	assert attach(api, invoice, "my scan.pdf").status_code == status


def test_a_name_of_255_characters_is_the_longest(api: Api, invoice: str) -> None:
	assert attach(api, invoice, f"{'a' * 251}.pdf").status_code == 200
	assert "255" in messages(attach(api, invoice, f"{'a' * 252}.pdf"))[0]


def test_ten_files_of_ten_megabytes(api: Api, invoice: str) -> None:
	ten_megabytes = 10 * 1024 * 1024
	assert attach(api, invoice, "0.pdf", b"x" * ten_megabytes).status_code == 200
	assert "10 MB" in messages(attach(api, invoice, "large.pdf", b"x" * (ten_megabytes + 1)))[0]
	assert "empty" in messages(attach(api, invoice, "empty.pdf", b""))[0]
	for number in range(1, 10):
		assert attach(api, invoice, f"{number}.pdf").status_code == 200
	assert "at most 10" in messages(attach(api, invoice, "10.pdf"))[0]
	assert attach(api, invoice, "9.pdf", b"another one").status_code == 200


def test_without_the_scope_there_is_no_such_path(api: Api, invoice: str) -> None:
	api.token = api.admin.mint(api.tenant, scopes="accounting.invoices")
	assert attach(api, invoice, "scan.pdf").status_code == 404
	assert api.get(invoice).status_code == 404


def test_a_lost_response_leaves_the_file(api: Api, invoice: str) -> None:
	api.admin.fault("drop_after", path="/attachments/")
	with pytest.raises(requests.ConnectionError):
		attach(api, invoice, "scan.pdf")
	assert listed(api, invoice) == [("scan.pdf", 5)]


def test_a_file_that_is_cut_short_is_saved_with_its_length(api: Api, invoice: str) -> None:
	api.admin.fault("cut_short", path="/attachments/", bytes=3)
	assert attach(api, invoice, "scan.pdf").json()["Attachments"][0]["ContentLength"] == 3
	assert listed(api, invoice) == [("scan.pdf", 3)]
