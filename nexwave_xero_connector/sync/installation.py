"""Which installation of ERPNext a connection to Xero belongs to: a copy of a site must not act as the original.

An installation is the site's folder name and a random id, as one text. It is stored in two places that a database
restore does not bring together: on the connection, in the database, and in the site's own site_config.json. The folder
name is part of it because backups and some hosts copy the configuration along with the database.
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
	"""Made before connections recorded their installation: only a person can decide."""


def new_installation(site: str) -> str:
	"""A unique installation of the site with this folder name."""
	return f"{site}/{uuid4().hex}"


def site_of(installation: str) -> str:
	"""The folder name of the installation's site."""
	return installation.rpartition("/")[0]


def belonging(of_connection: str, in_config: str, site: str) -> Belonging:
	"""Whose connection it is, judged by its own text, by this site's configuration, and by this site's folder name."""
	if not of_connection:
		return Belonging.UNCONFIRMED
	if of_connection == in_config and site_of(of_connection) == site:
		return Belonging.OURS
	return Belonging.ANOTHERS
