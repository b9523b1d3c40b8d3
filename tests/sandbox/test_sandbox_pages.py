"""The pages for people, and the launcher that starts the sandbox."""

from __future__ import annotations

import requests
from sandbox_api import Api

from sandbox.xero.launcher import running_sandbox

HOSTILE = "<img src=x onerror=alert(1)>"


def page(api: Api, path: str, **params: str) -> str:
	response = requests.get(api.sandbox.url + path, params=params, timeout=5)
	assert response.status_code == 200
	assert (
		"Sandbox — not Xero" in response.text
		and "default-src 'none'" in response.headers["Content-Security-Policy"]
	)
	return response.text


def test_the_overview_names_the_organisations(api: Api) -> None:
	text = page(api, "/")
	assert all(name in text for name in ("NexWave Demo NZ", "NexWave Demo AU", api.tenant))


def test_the_list_filters(api: Api) -> None:
	api.create(api.invoice("SINV-1"))
	api.create(api.bill("BILL-1", Status="DRAFT"))
	path = f"/organisations/{api.tenant}"
	assert "SINV-1" in page(api, path) and "BILL-1" in page(api, path)
	assert "SINV-1" not in page(api, path, type="ACCPAY")
	assert "BILL-1" in page(api, path, status="DRAFT", q="bayside")
	assert "No document matches" in page(api, path, q="nothing like it")


def test_everything_is_escaped(api: Api) -> None:
	document = api.create(api.invoice("<b>1</b>", Reference=HOSTILE, LineItems=[{"Description": HOSTILE}]))
	api.admin.act(api.tenant, "rename_contact", name="Bayside Club", new_name=HOSTILE)
	for path in (f"/organisations/{api.tenant}", f"/documents/{document['InvoiceID']}", "/calls", "/"):
		text = page(api, path, q=HOSTILE)
		assert "<img" not in text and "<b>" not in text
	assert "&lt;img src=x" in page(api, f"/documents/{document['InvoiceID']}")


def test_a_document_shows_what_happened(api: Api) -> None:
	document = api.create(api.invoice())
	api.admin.act(api.tenant, "pay", number="SINV-1", amount=15)
	text = page(api, f"/documents/{document['InvoiceID']}")
	assert all(
		words in text
		for words in ("Created", "Paid", "Alex Taylor", "NexWave Connector", "100.00", "\u221215.00")
	)
	assert requests.get(f"{api.sandbox.url}/documents/nope", timeout=5).status_code == 404


def test_amounts_are_labelled_on_a_phone(api: Api) -> None:
	"""On a phone, a row is a block without column headings."""
	document = api.create(api.invoice())
	listed, opened = (
		page(api, f"/organisations/{api.tenant}"),
		page(api, f"/documents/{document['InvoiceID']}"),
	)
	assert all(f'data-label="{label}">' in listed for label in ("Due date", "Total", "Due"))
	assert all(f'data-label="{label}">' in opened for label in ("Quantity", "Price", "Tax amount", "Amount"))


def test_the_calls_page(api: Api) -> None:
	api.get("/Accounts")
	assert "/api.xro/2.0/Accounts" in page(api, "/calls")


def test_the_launcher_keeps_state_and_port_across_restarts() -> None:
	with running_sandbox(limits=False, switches={"bill_reference": "kept"}) as sandbox:
		url, marker = sandbox.url, sandbox.admin.mint()["access_token"]
		for hard in (False, True):
			sandbox.restart(hard=hard)
			assert sandbox.url == url
		headers = {"Authorization": f"Bearer {marker}"}
		assert requests.get(f"{url}/connections", headers=headers, timeout=5).status_code == 200
		process = sandbox.process
	assert process and process.poll() is not None
