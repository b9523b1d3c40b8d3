"""All probes, by subject, in the order in which they are asked.

Probes that change something for later ones come last: voids, lock dates, other people.
"""

from __future__ import annotations

from ..probe import Probe, Subject
from . import (
	access,
	allocations,
	attachments,
	batches,
	contacts,
	currencies,
	idempotency,
	line_rules,
	links,
	lists,
	locks,
	money,
	numbers,
	voids,
)

SUBJECTS: tuple[Subject, ...] = (
	links.SUBJECT,
	numbers.SUBJECT,
	batches.SUBJECT,
	line_rules.SUBJECT,
	money.SUBJECT,
	currencies.SUBJECT,
	contacts.SUBJECT,
	lists.SUBJECT,
	attachments.SUBJECT,
	idempotency.SUBJECT,
	allocations.SUBJECT,
	voids.SUBJECT,
	access.SUBJECT,
	locks.SUBJECT,
)
PROBES: tuple[Probe, ...] = tuple(probe for subject in SUBJECTS for probe in subject.probes)
