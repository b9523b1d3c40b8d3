"""What a person can do and the API cannot: lock dates, Copy to, a user with another role."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .consent import Access
from .probe import CannotAsk

UNATTENDED = "it needs somebody at the keyboard: run it without --unattended"


class Hands:
	"""Nobody is there, so no question that needs a person can be asked."""

	def set_lock_date(self, day: str | None) -> None:
		"""Locks the books up to and including a day, or with None removes the lock."""
		raise CannotAsk(UNATTENDED)

	def copy_invoice(self, number: str, new_number: str) -> None:
		"""Creates a draft from an invoice with Copy to, under a new number."""
		raise CannotAsk(UNATTENDED)

	def sign_in_as_reader(self) -> Access:
		"""Access for a user who may read the organisation's books but not change them."""
		raise CannotAsk(UNATTENDED)

	def is_loopback_redirect_accepted(self) -> bool:
		"""Whether an app may have a redirect URI on http://127.0.0.1."""
		raise CannotAsk(UNATTENDED)

	@contextmanager
	def app_minute_limit_spent(self) -> Iterator[None]:
		"""As if the app had made its 10,000 calls of this minute."""
		raise CannotAsk("it needs 10,000 calls in a minute")
		yield

	@contextmanager
	def more_than_100_000_documents(self) -> Iterator[None]:
		"""As if the organisation had that many documents."""
		raise CannotAsk("it needs an organisation with more than 100,000 documents")
		yield

	def let_time_pass(self, seconds: float) -> None:
		time.sleep(seconds)


class Person(Hands):
	"""Asks the person at the terminal. Enter means done, s skips the question."""

	def __init__(self, consent: Callable[[], Access], ask: Callable[[str], str] = input) -> None:
		self._consent = consent
		self._ask = ask

	def set_lock_date(self, day: str | None) -> None:
		place = "In Xero: Accounting > Advanced > Lock dates > Stop all users making changes on and before: "
		self._done(place + (f"{day}, then Save." if day else "Remove the date, then Save."))

	def copy_invoice(self, number: str, new_number: str) -> None:
		self._done(
			f"In Xero: open the invoice {number}, menu > Copy to > Invoice, enter the number {new_number}, and save "
			"it as a draft."
		)

	def sign_in_as_reader(self) -> Access:
		self._done(
			"This needs a second user with the role Read only in the demo company (Settings > Users). "
			"Open the address that is shown next in a private window, and sign in there as that user."
		)
		return self._consent()

	def is_loopback_redirect_accepted(self) -> bool:
		said = self._answer(
			"At developer.xero.com > My Apps > Configuration: add the redirect URI http://127.0.0.1:8976/callback. "
			"Was it saved? [y]es, [n]o, [s]kip: "
		)
		if said not in ("y", "n"):
			raise CannotAsk("skipped")
		return said == "y"

	def _done(self, instruction: str) -> None:
		if self._answer(f"{instruction}\nEnter when done, s to skip: ") == "s":
			raise CannotAsk("skipped")

	def _answer(self, question: str) -> str:
		"""The first letter of the reply. With nobody at the keyboard, every question is skipped."""
		try:
			return self._ask(question).strip().lower()[:1]
		except EOFError:
			return "s"
