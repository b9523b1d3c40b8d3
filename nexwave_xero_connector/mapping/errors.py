"""The error for a document that cannot be mapped to Xero. It is raised before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.sentence import Sentence, join


class CannotMap(Exception):
	"""Every reason why a document cannot be mapped, so that one visit to the settings can fix them all."""

	def __init__(self, sentences: Sequence[Sentence]) -> None:
		self.sentences = tuple(sentences)
		self.sentence = join(self.sentences)
		super().__init__(str(self.sentence))
