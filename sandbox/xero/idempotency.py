"""Idempotency-Key: the first response is kept for six minutes and given again (documented by Xero).

A key belongs to an app and the user who authorised it. The organisation is in a header, not in the URL, so it is not
proved that Xero compares it too: see the switch idempotency_key_elsewhere.
"""

from __future__ import annotations

from .calls import Call
from .clock import Clock
from .problems import simple_validation
from .storage import Storage
from .switches import Switches
from .wire import Answer, json_answer

REMEMBERED_SECONDS = 6 * 60
LONGEST_KEY = 128


class Idempotency:
	def __init__(self, storage: Storage, clock: Clock, switches: Switches) -> None:
		self._storage = storage
		self._clock = clock
		self._switches = switches

	def replay(self, call: Call) -> Answer | None:
		"""The kept response, errors included; a refusal if the key came with a different request.

		None if it is new.
		"""
		key = call.idempotency_key
		if not key or call.caller is None:
			return None
		if len(key) > LONGEST_KEY:
			return simple_validation(
				f"Idempotency Key must not be longer than {LONGEST_KEY} characters."
			).answer
		row = self._storage.row(
			"SELECT * FROM kept_answers WHERE client_id = ? AND user = ? AND key = ?",
			call.caller.client_id,
			call.caller.user,
			key,
		)
		if row is None or row["first_at"] + REMEMBERED_SECONDS <= self._clock.now():
			return None
		elsewhere = row["tenant"] != (call.tenant or "")
		refused = elsewhere and self._switches.get("idempotency_key_elsewhere") == "refused"
		if refused or row["fingerprint"] != call.fingerprint():
			message = f"Idempotency Key: {key} is used with a different request."
			return json_answer(
				{"ErrorNumber": 10, "Type": "ValidationException", "Message": message, "Elements": []}, 400
			)
		return Answer(row["status"], row["body"], row["content_type"])

	def keep(self, call: Call, answer: Answer) -> None:
		"""Keeps the response; an injected error replaces the one it hides.

		Must be called in the transaction of the write itself.
		"""
		key = call.idempotency_key
		if not key or call.caller is None:
			return
		if answer.status >= 400 and self._switches.get("idempotency_errors") == "forgotten":
			return
		self._storage.execute(
			"DELETE FROM kept_answers WHERE first_at <= ?", (self._clock.now() - REMEMBERED_SECONDS,)
		)
		self._storage.put(
			"kept_answers",
			client_id=call.caller.client_id,
			user=call.caller.user,
			key=key,
			fingerprint=call.fingerprint(),
			tenant=call.tenant or "",
			first_at=self._clock.now(),
			status=answer.status,
			content_type=answer.content_type,
			body=answer.body,
		)
