"""Cost centre and project as Xero tracking options."""

from __future__ import annotations

from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.settings import MappingSettings, TrackingOption
from nexwave_xero_connector.sentence import DocLink, Sentence, _


def tracking(line: Line, settings: MappingSettings) -> list[dict[str, str]] | Sentence:
	"""The line's Tracking: up to two options of different categories. What is not mapped is not sent."""
	chosen: list[tuple[DocLink, TrackingOption]] = []
	for doctype, name in (("Cost Center", line.cost_center), ("Project", line.project)):
		option = settings.tracking.get((doctype, name)) if name else None
		if option is None:
			continue
		dimension = DocLink(doctype, name)
		if option.status != "ACTIVE":
			return Sentence(
				_(
					"{dimension} is mapped to tracking option {option} of {category}, which is archived in"
					" Xero. Restore it there, or choose another in {settings}."
				),
				dimension=dimension,
				option=option.option,
				category=option.category,
				settings=link_to_settings(settings, "tracking_mapping"),
			)
		chosen.append((dimension, option))
	if len(chosen) == 2 and chosen[0][1].category == chosen[1][1].category:
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
	return [{"Name": option.category, "Option": option.option} for _dimension, option in chosen]
