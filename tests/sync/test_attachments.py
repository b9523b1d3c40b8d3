"""Files on their way to Xero, over HTTP to the sandbox: each arrives once, whatever happens, beside what others have.

The sandbox adds a second file of a name, where Xero may replace the first: so a file that is sent twice shows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence
from nexwave_xero_connector.sync.attachments import send_attachments
from nexwave_xero_connector.sync.errors import CannotAttach
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import AttachmentStatus, XeroDocument
from sandbox.xero.launcher import SandboxHandle
from tests.xero_api.xero_stand_in import StandIn

from .attachment_shelf import COMPANY, Killed, Mortal, Shelf, Steps

DONE, TO_DO, FAILED = AttachmentStatus.DONE, AttachmentStatus.TO_DO, AttachmentStatus.FAILED
ALWAYS: Callable[[], bool] = lambda: True  # noqa: E731


@pytest.fixture
def stand_in(sandbox: SandboxHandle) -> StandIn:
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	sandbox.admin.switch(attachment_same_name="added")
	return StandIn(sandbox.admin, DocLink("Xero Sync Settings", COMPANY))


@pytest.fixture
def bill(stand_in: StandIn) -> XeroDocument:
	return stand_in.create(XeroType.ACCPAY, "BILL-1")


@pytest.fixture
def shelf() -> Shelf:
	return Shelf()


def send(shelf: Shelf, stand_in: StandIn, may_go_on: Callable[[], bool] = ALWAYS) -> None:
	send_attachments(COMPANY, shelf, stand_in.xero, Policy(), may_go_on)


def in_xero(stand_in: StandIn, document: XeroDocument) -> list[tuple[str, int]]:
	files = stand_in.xero.attachments(document.xero_type, document.id)
	return sorted((file.name, file.length) for file in files)


def test_the_files_of_a_document_take_one_call_each_and_one_for_the_list(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	marker = stand_in.admin.marker()
	files = [shelf.put(bill, "scan.pdf", b"paper"), shelf.put(bill, "terms.docx", b"small print")]
	send(shelf, stand_in)
	assert [call["method"] for call in stand_in.admin.requests(marker, path="/attachments")] == [
		"GET",
		"PUT",
		"PUT",
	]
	assert in_xero(stand_in, bill) == [("scan.pdf", 5), ("terms.docx", 11)]
	assert [(file.status, file.due) for file in files] == [(DONE, None)] * 2


def test_a_file_of_somebody_else_is_never_replaced(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	stand_in.admin.switch(attachment_same_name="replaced")
	stand_in.xero.attach(XeroType.ACCPAY, bill.id, "Scan.pdf", b"typed in Xero", "somebody")
	file = shelf.put(bill, "scan.pdf", b"paper")
	send(shelf, stand_in)
	assert in_xero(stand_in, bill) == [("Scan.pdf", 13), (file.file_name, 5)]
	assert (file.status, file.file_name) == (DONE, "scan-row0-o.pdf")


def test_a_changed_file_replaces_ours(stand_in: StandIn, shelf: Shelf, bill: XeroDocument) -> None:
	stand_in.admin.switch(attachment_same_name="replaced")
	file = shelf.put(bill, "scan.pdf", b"paper")
	send(shelf, stand_in)
	file.content, file.due = b"better paper", shelf.time
	send(shelf, stand_in)
	assert in_xero(stand_in, bill) == [("scan.pdf", 12)]


def test_what_somebody_has_deleted_in_xero_is_added_again_on_request(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file = shelf.put(bill, "scan.pdf", b"paper", file_id="an id that Xero no longer has")
	send(shelf, stand_in)
	assert file.status is DONE and in_xero(stand_in, bill) == [("scan.pdf", 5)]


def test_ten_files_whoever_attached_them(stand_in: StandIn, shelf: Shelf, bill: XeroDocument) -> None:
	stand_in.xero.attach(XeroType.ACCPAY, bill.id, "theirs.pdf", b"typed in Xero", "somebody")
	files = [shelf.put(bill, f"{number}.pdf", b"paper") for number in range(11)]
	send(shelf, stand_in)
	assert [file.status for file in files] == [DONE] * 9 + [FAILED] * 2
	assert files[9].message == (
		"9.pdf was not sent: BILL-1 already has 10 files in Xero, which accepts 10. Remove one in Xero, then press"
		" Retry."
	)
	assert len(in_xero(stand_in, bill)) == 10


@pytest.mark.parametrize(
	("name", "content", "says"),
	[
		("empty.pdf", b"", "empty.pdf of BILL-1 is empty"),
		(
			"large.pdf",
			b"x" * (10 * 1024 * 1024 + 1),
			"large.pdf of BILL-1 is larger than 10 MB, the most that Xero accepts.",
		),
		("scan", b"paper", "scan of BILL-1 has no extension"),
		("gone.pdf", CannotAttach(Sentence("It is gone.")), "It is gone."),
	],
)
def test_what_cannot_be_sent_is_told_without_a_call_for_it(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument, name: str, content: bytes, says: str
) -> None:
	file, other = shelf.put(bill, name, content), shelf.put(bill, "scan.pdf", b"paper")
	send(shelf, stand_in)
	assert (file.status, file.due) == (FAILED, None) and file.message.startswith(says)
	assert other.status is DONE and in_xero(stand_in, bill) == [("scan.pdf", 5)]
	assert len(stand_in.admin.requests(stand_in.began, path="/attachments/")) == 1


def test_a_kind_that_xero_refuses_is_told_in_xeros_words(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file, other = shelf.put(bill, "virus.exe", b"MZ"), shelf.put(bill, "scan.pdf", b"paper")
	send(shelf, stand_in)
	assert (file.status, file.due) == (FAILED, None)
	assert file.message == (
		"virus.exe of BILL-1 was not attached. Xero refused this and changed nothing: The file couldn't be uploaded"
		" because it isn't a supported file type."
	)
	assert other.status is DONE


def test_what_passes_is_retried_and_then_waits_for_a_person(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file = shelf.put(bill, "INV.pdf", CannotAttach(Sentence("No PDF."), is_passing=True))
	for delay in Policy().retry_delays:
		send(shelf, stand_in)
		assert (file.status, file.due) == (FAILED, shelf.time + delay)
		shelf.pass_time(delay.total_seconds())
	send(shelf, stand_in)
	assert (file.due, file.attempt) == (None, 7)
	assert file.message.endswith(
		"This was automatic attempt 7, the last one. Press Retry once the cause is fixed."
	)
	assert in_xero(stand_in, bill) == []


@pytest.mark.parametrize(
	"fault", ["drop_after", "error_after", "garbage_after", "drop_before", "error_before"]
)
def test_an_upload_without_a_response_is_looked_for_and_never_doubled(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument, fault: str
) -> None:
	file = shelf.put(bill, "scan.pdf", b"paper")
	stand_in.admin.fault(fault, path="/attachments/")
	send(shelf, stand_in)
	assert file.status is TO_DO and file.message.startswith("Xero did not confirm whether it saved scan.pdf")
	send(shelf, stand_in)
	assert stand_in.writes() == 2, "the bill, and the upload: nothing more before it can no longer arrive"
	shelf.pass_time(20 * 60)
	send(shelf, stand_in)
	assert file.status is DONE and in_xero(stand_in, bill) == [("scan.pdf", 5)]
	assert stand_in.writes() == (2 if fault.endswith("after") else 3)


def test_an_upload_that_arrives_late_is_not_sent_again(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file = shelf.put(bill, "scan.pdf", b"paper")
	stand_in.admin.fault("late_write", path="/attachments/", seconds=300)
	send(shelf, stand_in)
	stand_in.admin.advance(301)
	shelf.pass_time(20 * 60)
	send(shelf, stand_in)
	assert file.status is DONE and in_xero(stand_in, bill) == [("scan.pdf", 5)]


def test_what_is_asked_for_again_while_it_may_still_arrive_waits(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file = shelf.put(bill, "scan.pdf", b"paper")
	stand_in.admin.fault("late_write", path="/attachments/", seconds=300)
	send(shelf, stand_in)
	file.due = shelf.time
	send(shelf, stand_in)
	assert file.status is TO_DO and file.due == file.unconfirmed_until
	assert stand_in.writes() == 2


def test_a_file_that_arrives_cut_short_is_sent_again_in_its_place(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	stand_in.admin.switch(attachment_same_name="replaced")
	file = shelf.put(bill, "scan.pdf", b"paper")
	stand_in.admin.fault("cut_short", path="/attachments/", bytes=2)
	send(shelf, stand_in)
	assert file.message.startswith("scan.pdf of BILL-1 has 5 bytes, but only 2 of them arrived in Xero.")
	shelf.pass_time(60)
	send(shelf, stand_in)
	assert file.status is DONE and in_xero(stand_in, bill) == [("scan.pdf", 5)]


@pytest.mark.parametrize("where", ["/attachments$", "/attachments/"])
@pytest.mark.parametrize(
	("fault", "options", "minutes"),
	[
		("unavailable", {}, 5),
		("rate_limit", {"problem": "day", "retry_after": 7200}, None),
		("forbidden", {"status": 402, "detail": "Payment required"}, 60),
		("disconnect", {}, 60),
	],
)
def test_what_any_file_would_meet_stops_all_and_counts_for_none(
	stand_in: StandIn,
	shelf: Shelf,
	bill: XeroDocument,
	where: str,
	fault: str,
	options: dict,
	minutes: int | None,
) -> None:
	other_bill = stand_in.create(XeroType.ACCPAY, "BILL-2")
	files = [shelf.put(bill, "scan.pdf", b"paper"), shelf.put(other_bill, "scan.pdf", b"paper")]
	marker = stand_in.admin.marker()
	stand_in.admin.fault(fault, path=where, count=None, **options)
	send(shelf, stand_in)
	assert [file.status for file in files] == [TO_DO, TO_DO] and files[0].attempt == 0
	assert {file.unconfirmed_until for file in files} == {None}
	if minutes:
		assert {file.due for file in files} == {shelf.time + timedelta(minutes=minutes)}
	assert stand_in.admin.count(marker, path="/attachments") == (1 if where.endswith("$") else 2)
	assert all(file.due > shelf.time for file in files)


def test_a_failed_list_is_retried_for_its_document_alone(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	other_bill = stand_in.create(XeroType.ACCPAY, "BILL-2")
	file, other = shelf.put(bill, "scan.pdf", b"paper"), shelf.put(other_bill, "scan.pdf", b"paper")
	stand_in.admin.fault("error_before", path="/attachments$")
	send(shelf, stand_in)
	assert (file.status, other.status) == (FAILED, DONE)
	shelf.pass_time(60)
	send(shelf, stand_in)
	assert file.status is DONE


def test_documents_go_first_even_between_two_files(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	files = [shelf.put(bill, f"{number}.pdf", b"paper") for number in range(4)]
	answers = iter([True, True, True, False, False])
	send(shelf, stand_in, lambda: next(answers))
	assert [file.status for file in files] == [DONE, DONE, TO_DO, TO_DO]
	assert [(file.due, file.attempt) for file in files[2:]] == [(shelf.time, 0)] * 2
	send(shelf, stand_in)
	assert len(in_xero(stand_in, bill)) == 4


def test_a_worker_killed_at_any_step_loses_nothing_and_doubles_nothing(
	stand_in: StandIn,
) -> None:
	count = len(_killed_run(stand_in, "COUNTED", Steps()))
	assert count == 11, (
		"two claims, a list; and of each of two files its content, a note, the upload, the outcome"
	)
	for at in range(1, count + 1):
		for before in (True, False):
			_killed_run(stand_in, f"BILL-{at}-{before}", Steps(at, before))


def _killed_run(stand_in: StandIn, number: str, steps: Steps) -> list[str]:
	shelf = Shelf()
	bill = stand_in.create(XeroType.ACCPAY, number)
	shelf.put(bill, "scan.pdf", b"paper")
	shelf.put(bill, "terms.pdf", b"small print")
	try:
		send_attachments(COMPANY, Mortal(shelf, steps), Mortal(stand_in.xero, steps), Policy(), lambda: True)
	except Killed:
		pass
	for _hour in range(2):
		shelf.pass_time(3600)
		send(shelf, stand_in)
	assert in_xero(stand_in, bill) == [("scan.pdf", 5), ("terms.pdf", 11)], steps
	assert [(file.status, file.due) for file in shelf.files] == [(DONE, None)] * 2, steps
	return steps.taken


def test_a_file_on_which_workers_die_is_left_to_a_person(
	stand_in: StandIn, shelf: Shelf, bill: XeroDocument
) -> None:
	file = shelf.put(bill, "scan.pdf", b"paper", attempt=7)
	send(shelf, stand_in)
	assert (file.status, file.due) == (FAILED, None)
	assert file.message == (
		"Sending scan.pdf of BILL-1 was interrupted 7 times, so automatic retries have stopped. Press Retry to try"
		" again."
	)
	assert stand_in.writes() == 1
