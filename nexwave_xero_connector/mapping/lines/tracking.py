"""Accounting dimensions as Xero tracking options."""

from __future__ import annotations

from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.settings import GONE, MappingSettings, TrackingOption
from nexwave_xero_connector.sentence import DocLink, Sentence, _


def tracking(line: Line, settings: MappingSettings) -> list[dict[str, str]] | Sentence:
	"""The line's Tracking: an option for each source that the settings choose, of different categories.

	What is not mapped is not sent.
	"""
	chosen: list[tuple[DocLink, TrackingOption]] = []
	for doctype in settings.tracking_sources:
		name = line.dimensions.get(doctype, "")
		option = settings.tracking.get((doctype, name)) if name else None
		if option is None:
			continue
		dimension = DocLink(doctype, name)
		if option.status != "ACTIVE":
			return Sentence(
				_(
					"{dimension} is mapped to tracking option {option} of {category}, which does not exist in the"
					" organisation. Press Suggest Mapping in {settings}, or choose another there."
				)
				if option.status == GONE
				else _(
					"{dimension} is mapped to tracking option {option} of {category}, which is archived in Xero."
					" Restore it in Xero and press Fetch in {settings}, or choose another there."
				),
				dimension=dimension,
				option=option.option,
				category=option.category,
				settings=link_to_settings(settings, "tracking_mapping"),
			)
		chosen.append((dimension, option))
	if len(chosen) == 2 and _category(chosen[0][1]) == _category(chosen[1][1]):
		return Sentence(
			_(
				"{first} and {second} are both mapped to tracking category {category}, but Xero accepts only"
				" one option of a category on a line. Map one of them to another category in {settings}."
			),
			first=chosen[0][0],
			second=chosen[1][0],
			category=chosen[0][1].category,
			settings=link_to_settings(settings, "tracking_mapping"),
		)
	return [_as_sent(option) for _dimension, option in chosen]


def _category(option: TrackingOption) -> str:
	return option.category_id or option.category


def _as_sent(option: TrackingOption) -> dict[str, str]:
	"""By the ids, which stay when somebody renames the option or its category, or swaps the names of two."""
	if option.category_id and option.option_id:
		return {"TrackingCategoryID": option.category_id, "TrackingOptionID": option.option_id}
	return {"Name": option.category, "Option": option.option}
