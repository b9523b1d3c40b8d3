"""Files on documents in the running Xero sandbox: every byte arrives, once, and beside what others have attached."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import (
	DayLimitReached,
	OutcomeUnknown,
	Rejected,
	Throttled,
	Unavailable,
	Unreachable,
)
from nexwave_xero_connector.sync.records import XeroFile
from nexwave_xero_connector.xero_api import attachments

from .scripted_server import ScriptedServer
from .xero_stand_in import StandIn

EVERY_BYTE = bytes(range(256)) * 40


def names_and_lengths(files: list[XeroFile]) -> list[tuple[str, int]]:
	return [(file.name, file.length) for file in files]


@pytest.mark.parametrize("xero_type", list(XeroType))
def test_every_byte_of_a_file_arrives_at_each_kind_of_document(
	stand_in: StandIn, xero_type: XeroType
) -> None:
	document = stand_in.create(xero_type, "DOC-1")
	stored = stand_in.xero.attach(xero_type, document.id, "scan-ā.pdf", EVERY_BYTE, "key")
	assert (stored.name, stored.length) == ("scan-ā.pdf", len(EVERY_BYTE))
	assert stand_in.xero.attachments(xero_type, document.id) == [stored]


def test_another_content_takes_the_place_of_the_first(stand_in: StandIn) -> None:
	bill = stand_in.create(XeroType.ACCPAY, "BILL-1")
	first = stand_in.xero.attach(XeroType.ACCPAY, bill.id, "scan.pdf", b"first", "key 1")
	second = stand_in.xero.replace_attachment(XeroType.ACCPAY, bill.id, "scan.pdf", b"the second", "key 2")
	assert (second.id, second.length) == (first.id, 10)
	assert stand_in.xero.attachments(XeroType.ACCPAY, bill.id) == [second]


def test_only_a_sales_document_is_included_online_and_only_if_asked(stand_in: StandIn) -> None:
	for xero_type in (XeroType.ACCREC, XeroType.ACCPAY):
		document = stand_in.create(xero_type, "DOC-2")
		for name, online in (("a.pdf", True), ("b.pdf", False)):
			stand_in.xero.attach(
				xero_type, document.id, name, b"x", name + xero_type.value, include_online=online
			)
	queries = [call["query"] for call in stand_in.admin.requests(stand_in.began, path="/attachments/")]
	assert queries == ["IncludeOnline=True", "", "", ""]


@pytest.mark.parametrize(
	("name", "content"), [("virus.exe", b"x"), ("scan.pdf", b"x" * (10 * 1024 * 1024 + 1))]
)
def test_what_xero_refuses_is_rejected_in_xeros_words(stand_in: StandIn, name: str, content: bytes) -> None:
	bill = stand_in.create(XeroType.ACCPAY, "BILL-2")
	with pytest.raises(Rejected) as refused:
		stand_in.xero.attach(XeroType.ACCPAY, bill.id, name, content, "key")
	assert "supported file type" in str(refused.value) or "10 MB" in str(refused.value)


@pytest.mark.parametrize(
	("fault", "options", "error"),
	[
		("drop_after", {}, OutcomeUnknown),
		("error_after", {}, OutcomeUnknown),
		("unavailable", {}, Unreachable),
		("rate_limit", {"problem": "day"}, DayLimitReached),
		("rate_limit", {"problem": "minute"}, Unavailable),
	],
)
def test_what_an_upload_without_a_good_response_means(
	stand_in: StandIn, fault: str, options: dict, error: type[Exception]
) -> None:
	bill = stand_in.create(XeroType.ACCPAY, "BILL-3")
	stand_in.admin.fault(fault, path="/attachments/", **options)
	with pytest.raises(error) as failed:
		stand_in.xero.attach(XeroType.ACCPAY, bill.id, "scan.pdf", b"paper", "key")
	assert not isinstance(failed.value, Throttled)
	arrived = names_and_lengths(stand_in.xero.attachments(XeroType.ACCPAY, bill.id))
	assert arrived == ([("scan.pdf", 5)] if error is OutcomeUnknown else [])


def test_an_upload_that_is_repeated_with_its_key_is_made_once(stand_in: StandIn) -> None:
	stand_in.admin.switch(attachment_same_name="added")
	bill = stand_in.create(XeroType.ACCPAY, "BILL-4")
	for _attempt in range(2):
		stand_in.xero.attach(XeroType.ACCPAY, bill.id, "scan.pdf", b"paper", "the same key")
	assert len(stand_in.xero.attachments(XeroType.ACCPAY, bill.id)) == 1


def test_without_the_scope_nothing_is_there(stand_in: StandIn) -> None:
	bill = stand_in.create(XeroType.ACCPAY, "BILL-5")
	client = stand_in.connect(stand_in.token(scopes="accounting.invoices accounting.settings.read"))
	with pytest.raises(Unavailable):
		attachments.attachments(client, XeroType.ACCPAY, bill.id)
	with pytest.raises(Rejected):
		attachments.attach(client, XeroType.ACCPAY, bill.id, "scan.pdf", b"paper", "key")


def test_a_scope_that_is_missing_is_named(server: ScriptedServer, client_to) -> None:
	server.answer({}, status=401, headers={"WWW-Authenticate": "insufficient_scope"})
	with pytest.raises(Exception, match=r"accounting\.attachments"):
		attachments.attachments(client_to(), XeroType.ACCPAY, "id")


def test_a_file_may_take_longer_than_connecting_may(client_to) -> None:
	"""Eight megabytes over a line that takes three times the timeout of connecting for them."""
	content, received = b"x" * (8 * 1024 * 1024), []
	listening = socket.create_server(("127.0.0.1", 0))
	listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)

	def read_slowly() -> None:
		connection, _address = listening.accept()
		with connection:
			data = b""
			while b"\r\n\r\n" not in data:
				data += connection.recv(65536)
			head, _blank, body = data.partition(b"\r\n\r\n")
			count = len(body)
			while count < len(content):
				count += len(connection.recv(1024 * 1024))
				time.sleep(0.05)
			received.extend([head, count])
			answer = b'{"Attachments":[{"AttachmentID":"1","FileName":"a.pdf","ContentLength":8388608}]}'
			connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))

	thread = threading.Thread(target=read_slowly, daemon=True)
	thread.start()
	client = client_to(api_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=(0.5, 5))
	stored = attachments.attach(client, XeroType.ACCPAY, "id", "a.pdf", content, "key")
	thread.join(10)
	listening.close()
	assert stored.length == received[1] == len(content)
	assert b"Content-Length: 8388608" in received[0] and b"chunked" not in received[0]
