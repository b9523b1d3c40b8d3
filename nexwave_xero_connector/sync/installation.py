"""Which installation of ERPNext a connection to Xero belongs to: a copy of a site must not act in the original's name.

An installation is the site's folder name and a random id, as one text. The text stands in two places that no database
restore joins: on the connection, in the database, and in the site's own site_config.json. The folder name counts too,
because backups and some hosts carry the configuration along with the database.
"""

from __future__ import annotations

from enum import Enum
from uuid import uuid4


class Belonging(Enum):
	"""Whose connection this is, as far as this site can tell."""

	OURS = "ours"
	ANOTHERS = "another's"
	"""The site was copied, moved or renamed since the connection was made, or its configuration was lost."""
	UNCONFIRMED = "unconfirmed"
	"""Made before connections noted their installation: only a person can say."""


def new_installation(site: str) -> str:
	"""An installation of the site with this folder name, unlike any other."""
	return f"{site}/{uuid4().hex}"


def site_of(installation: str) -> str:
	"""The folder name of the site that the installation is of."""
	return installation.rpartition("/")[0]


def belonging(of_connection: str, in_config: str, site: str) -> Belonging:
	"""Whose the connection is, by what it says itself, this site's own configuration, and this site's folder name."""
	if not of_connection:
		return Belonging.UNCONFIRMED
	if of_connection == in_config and site_of(of_connection) == site:
		return Belonging.OURS
	return Belonging.ANOTHERS
