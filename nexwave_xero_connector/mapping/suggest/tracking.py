"""Suggest the tracking option for a value of an accounting dimension: the one with its name, if only one has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.settings import TrackingOption
from nexwave_xero_connector.sentence import Sentence, _


@dataclass(frozen=True, slots=True)
class Dimension:
	"""A value of an accounting dimension, such as a Cost Center. `title` is its name without the company.

	category_id: the tracking category that other values of the dimension are mapped to; "" if not known.
	"""

	doctype: str
	name: str
	title: str
	category_id: str = ""


def suggest_tracking(
	dimension: Dimension, options: Sequence[TrackingOption]
) -> tuple[TrackingOption, Sentence] | None:
	"""The option, and why; None if no single option has the name, because tracking is optional."""
	title = dimension.title.strip().casefold()
	named = [
		one
		for one in options
		if one.status == "ACTIVE"
		and one.option.strip().casefold() == title
		and dimension.category_id in ("", one.category_id)
	]
	if len(named) != 1:
		return None
	reason = Sentence(
		_("Same name: {option} of {category}."), option=named[0].option, category=named[0].category
	)
	return named[0], reason
