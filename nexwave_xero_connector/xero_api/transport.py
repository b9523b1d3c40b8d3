"""The HTTP call under the SDK: no retries, no redirects, no sleeping, and always a timeout."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import urllib3
from xero_python.api_client.configuration import Configuration
from xero_python.rest import RESTClientObject

from nexwave_xero_connector.xero_api.response import Response


@dataclass(frozen=True, slots=True)
class Call:
	"""One call, for the log. `status` is None if there was no response."""

	method: str
	path: str
	status: int | None
	seconds: float


class NoResponse(Exception):
	"""The call ended without a response; `error` says how."""

	def __init__(self, method: str, path: str, error: urllib3.exceptions.HTTPError) -> None:
		self.method = method
		self.path = path
		self.error = error
		super().__init__(f"{method} {path}: {type(error).__name__}: {error}")


class Transport(RESTClientObject):
	"""Replaces the SDK's REST client: sends once, and returns any response unchanged.

	By default urllib3 repeats a PUT up to three times if its response is lost, which creates a second and a third bill,
	and sleeps through a Retry-After of hours. Redirects are not followed: they would send a write somewhere else. The
	timeout is set here and not per call: the SDK has none by default, and ignores one given as a float.
	"""

	def __init__(
		self,
		configuration: Configuration,
		timeout: tuple[float, float],
		on_call: Callable[[Call], None] | None,
	) -> None:
		super().__init__(configuration)
		self._timeout = urllib3.Timeout(connect=timeout[0], read=timeout[1])
		self._on_call = on_call

	def request(
		self,
		method: str,
		url: str,
		query_params: Sequence[tuple[str, object]] | None = None,
		headers: Mapping[str, str] | None = None,
		body: str | bytes | None = None,
		post_params: object = None,
		_preload_content: bool = False,
		_request_timeout: object = None,
	) -> Response:
		"""Send, and return the response, whatever its status. Raises NoResponse if there is none."""
		path = urlsplit(url).path
		# As a stream: urllib3 allows the whole of a text or of bytes no longer than the timeout of connecting, which a
		# file of some megabytes takes on a slow line. Of a stream, each part has that time.
		content = body.encode() if isinstance(body, str) else body
		began = time.monotonic()
		status = None
		try:
			response = self.pool_manager.request(
				method,
				f"{url}?{urlencode(query_params)}" if query_params else url,
				body=io.BytesIO(content) if content else None,
				headers={**(headers or {}), **({"Content-Length": str(len(content))} if content else {})},
				timeout=self._timeout,
				retries=False,
				redirect=False,
			)
			status = response.status
		except urllib3.exceptions.HTTPError as error:
			raise NoResponse(method, path, error) from error
		finally:
			if self._on_call:
				self._on_call(Call(method, path, status, time.monotonic() - began))
		return Response(method, path, response.status, response.headers, response.data)
