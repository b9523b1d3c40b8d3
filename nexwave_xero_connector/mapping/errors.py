"""The error for a document that cannot be mapped to Xero. It is raised before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.sentence import DocLink, Sentence, _, join

MAX_NAMED = 5
"""Lines that a sentence names; of the others it gives the number."""


@dataclass(frozen=True, slots=True)
class LineReason:
	"""Why a line cannot be mapped. A reason that holds for several lines is given once, with all of them.

	sentence: the reason, with {lines} where the lines are named. of_several: the same for two lines or more; if it is
		"", the template of `sentence` serves for both.
	line: how the sentence names the line.
	"""

	sentence: Sentence
	line: DocLink | Sentence | str
	of_several: str = ""


class CannotMap(Exception):
	"""Every reason why a document cannot be mapped, so that one visit to the settings can fix them all.

	reasons: as they were found. sentences: the same, each once.
	"""

	def __init__(self, reasons: Sequence[Sentence | LineReason]) -> None:
		self.reasons = tuple(reasons)
		self.sentences = tuple(said_once(reasons))
		self.sentence = join(self.sentences)
		super().__init__(str(self.sentence))


def listed(lines: Iterable[DocLink | Sentence | str]) -> Sentence:
	"""The first five, and how many more there are. Equal ones are named once."""
	distinct = list(dict.fromkeys(lines))
	named = join((Sentence("{line}", line=line) for line in distinct[:MAX_NAMED]), ", ")
	more = len(distinct) - MAX_NAMED
	return Sentence(_("{lines} and {count} more"), lines=named, count=more) if more > 0 else named


def said_once(reasons: Iterable[Sentence | LineReason]) -> Iterator[Sentence]:
	"""Each reason as one sentence, with the lines that it holds for."""
	lines: dict[Sentence, dict[DocLink | Sentence | str, None]] = {}
	of_several: dict[Sentence, str] = {}
	for reason in reasons:
		sentence = reason.sentence if isinstance(reason, LineReason) else reason
		lines.setdefault(sentence, {})
		if isinstance(reason, LineReason):
			lines[sentence][reason.line] = None
			of_several[sentence] = reason.of_several
	for sentence, named in lines.items():
		if not named:
			yield sentence
			continue
		template = (of_several[sentence] if len(named) > 1 else "") or sentence.template
		yield Sentence(template, **sentence.values, lines=listed(named))
