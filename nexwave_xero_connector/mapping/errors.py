"""A document that cannot be said faithfully in Xero is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.sentence import Sentence, join


class CannotMap(Exception):
	"""The mapping's no: every reason at once, so that one visit to the settings mends them all."""

	def __init__(self, sentences: Sequence[Sentence]) -> None:
		self.sentences = tuple(sentences)
		self.sentence = join(self.sentences)
		super().__init__(str(self.sentence))
