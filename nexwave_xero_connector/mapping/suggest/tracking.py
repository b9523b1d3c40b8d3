"""Which tracking option a cost center or a project is: the one of its name, and none where that is not clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.settings import TrackingOption
from nexwave_xero_connector.sentence import Sentence, _


@dataclass(frozen=True, slots=True)
class Dimension:
	"""A Cost Center or a Project of the company. `title` is what it is called without the company."""

	doctype: str
	name: str
	title: str


def suggest_tracking(
	dimension: Dimension, options: Sequence[TrackingOption]
) -> tuple[TrackingOption, Sentence] | None:
	"""The option, and why. Tracking can be left out, so what has no namesake is not asked about."""
	title = dimension.title.strip().casefold()
	named = [one for one in options if one.status == "ACTIVE" and one.option.strip().casefold() == title]
	if len(named) != 1:
		return None
	reason = Sentence(
		_("Same name: {option} of {category}."), option=named[0].option, category=named[0].category
	)
	return named[0], reason
