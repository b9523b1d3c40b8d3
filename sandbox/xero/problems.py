"""Xero's error responses, with the bodies that it sends."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from .wire import HTML, TEXT, Answer, json_answer


class Problem(Exception):
	"""A refusal of the whole request. What the request had written is rolled back, unless it `keeps_writes`."""

	def __init__(self, answer: Answer) -> None:
		super().__init__(answer.status, answer.body[:200])
		self.answer = answer
		self.keeps_writes = False


def bad_request(number: int, kind: str, message: str, **more: Any) -> Problem:
	return Problem(json_answer({"ErrorNumber": number, "Type": kind, "Message": message, **more}, 400))


def validation(elements: list[dict[str, Any]]) -> Problem:
	"""The 400 that refuses a whole batch because one element failed."""
	return bad_request(10, "ValidationException", "A validation exception occurred", Elements=elements)


def simple_validation(message: str) -> Problem:
	return validation([{"ValidationErrors": [{"Message": message}]}])


def post_data_invalid(message: str) -> Problem:
	return bad_request(14, "PostDataInvalidException", message)


def query_parse(message: str) -> Problem:
	return bad_request(16, "QueryParseException", message)


def high_volume(noun: str) -> Problem:
	return bad_request(51, "HighVolumeException", f"Your request is not filtering {noun} efficiently.")


def no_data(noun: str) -> Problem:
	return bad_request(
		17,
		"NoDataProcessedException",
		f"No data has been processed for this endpoint. This endpoint is expecting {noun} data to be "
		"specifed in the request body.",
	)


def unknown_error() -> Problem:
	return Problem(server_error())


def server_error(status: int = 500) -> Answer:
	"""A 5xx, or the 412 that Xero's list of statuses names without a body."""
	if status in (412, 501):
		return Answer(status, b"", TEXT)
	body = {
		"ErrorNumber": status,
		"Type": "UnknownErrorException",
		"Message": "An error occurred in Xero. Check the API Status page http://status.developer.xero.com "
		"for current service status.",
	}
	return json_answer(body, status)


def not_found() -> Problem:
	"""An unknown id: 404 with an empty HTML body (observed on the wire)."""
	return Problem(Answer(404, b"", HTML))


def resource_not_found() -> Problem:
	"""A path or a query string that the gateway does not accept."""
	return Problem(Answer(404, b"The resource you're looking for cannot be found", TEXT))


def not_implemented() -> Problem:
	"""A method that an endpoint of the Accounting API does not have (documented status; no body is known)."""
	return Problem(Answer(501, b"", TEXT))


def request_too_large() -> Problem:
	"""The limit is documented; status and wording are the sandbox's."""
	return Problem(Answer(413, b"Request Entity Too Large", TEXT))


def method_not_allowed() -> Problem:
	return Problem(Answer(405, b"", TEXT))


def _gateway_problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Problem:
	answer = json_answer(
		{
			"Type": None,
			"Title": title,
			"Status": status,
			"Detail": detail,
			"Instance": str(uuid.uuid4()),
			"Extensions": {},
		},
		status,
	)
	answer.headers.update(headers or {})
	return Problem(answer)


def access_refused(status: int, detail: str, page: str) -> Answer:
	"""A refusal in the form of Xero's gateway or, with `page`, of something in front of it."""
	if page:
		return Answer(status, page.encode(), HTML)
	return _gateway_problem(status, HTTPStatus(status).phrase, detail).answer


def unauthorised(detail: str) -> Problem:
	return _gateway_problem(401, "Unauthorized", detail)


def insufficient_scope() -> Problem:
	"""A missing scope is a 401, not a 403; only the header distinguishes it from an expired token (observed)."""
	return _gateway_problem(
		401, "Unauthorized", "AuthorizationUnsuccessful", {"WWW-Authenticate": "insufficient_scope"}
	)


def forbidden() -> Problem:
	"""The tenant is not connected, or its header is missing."""
	return _gateway_problem(403, "Forbidden", "AuthenticationUnsuccessful")


def forbidden_role(worded: bool) -> Problem:
	"""The user's role does not allow it. Status and wording are the sandbox's own."""
	return _gateway_problem(403, "Forbidden", "UserNotPermitted" if worded else "AuthenticationUnsuccessful")


def firewall_page() -> Problem:
	"""A firewall in front of the API takes the text for an attack (reported by vendors; the page is the sandbox's)."""
	return Problem(Answer(403, b"<html><body>Request blocked</body></html>", HTML))


def query_too_long() -> Problem:
	return Problem(Answer(414, b"URI Too Long", TEXT))
