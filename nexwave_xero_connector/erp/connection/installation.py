"""This site's installation, kept in its own site_config.json: what tells a copy of the site from the original.

The file is read afresh each time and without the bench's common configuration: Frappe 16 keeps what it has read for a
minute, and in the common file all sites of a bench would be one.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import frappe
from frappe.installer import update_site_config
from frappe.utils.synchronization import filelock

from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import AnotherInstallation
from nexwave_xero_connector.sync.installation import Belonging, belonging, new_installation, site_of

CONFIG_KEY = "xero_installation"


class InstallationNotKept(Exception):
	"""A host's site_config.json lacks this site's installation; `sentence` says which host, and the line to add."""

	def __init__(self, installation: str, host: str) -> None:
		self.sentence = Sentence(
			_(
				"site_config.json of {site} on {host} does not have the line that tells this site from its copies."
				" Nothing was changed. Add this line to it, or to the template that it is made from, then press"
				" Connect again: {line}"
			),
			site=frappe.local.site,
			host=host,
			line=f'"{CONFIG_KEY}": {json.dumps(installation)}',
		)
		super().__init__(str(self.sentence))


def belonging_of(of_connection: str | None) -> Belonging:
	"""Whose connection it is that carries this installation, or none."""
	return belonging(of_connection or "", in_config(), frappe.local.site)


def in_config() -> str:
	"""The installation that this host's site_config.json says now; "" where it says none or cannot be read."""
	try:
		config = json.loads(Path(frappe.get_site_path("site_config.json")).read_text(encoding="utf-8"))
	except (OSError, ValueError):
		# Somebody is writing it this very moment: until it is whole, nothing is sent.
		return ""
	return str(config.get(CONFIG_KEY) or "")


def ensure_installation() -> str:
	"""This site's installation, made where its configuration has none, or that of a site with another folder name.

	Raises InstallationNotKept where the file cannot be written.
	"""
	with filelock(CONFIG_KEY):
		installation = in_config()
		if site_of(installation) == frappe.local.site:
			return installation
		installation = new_installation(frappe.local.site)
		try:
			update_site_config(CONFIG_KEY, installation)
		except OSError:
			pass  # read-only, or another user's: what matters is whether it is there now
		if in_config() != installation:
			raise InstallationNotKept(installation, socket.gethostname())
		return installation


def forget_installation() -> None:
	"""Take the line out of site_config.json again; one that cannot be written keeps it."""
	try:
		update_site_config(CONFIG_KEY, "None")
	except OSError:
		frappe.logger("xero").warning(f"site_config.json still has {CONFIG_KEY}: it cannot be written")


def require_this_installation(company: str, of_connection: str | None) -> None:
	"""Raises AnotherInstallation unless the company's connection was made, or confirmed, by this very site."""
	reason = why_not_ours(company, of_connection)
	if reason:
		raise AnotherInstallation(reason)


def why_not_ours(company: str, of_connection: str | None) -> Sentence | None:
	"""Why nothing goes to Xero from here, for a person; None where the connection is this site's own."""
	belongs = belonging_of(of_connection)
	if belongs is Belonging.OURS:
		return None
	if belongs is Belonging.UNCONFIRMED:
		return Sentence(
			_(
				"{company} was connected to Xero before copies of a site could be told from the original. Confirm in"
				" {settings} that this site sends to Xero. Nothing is sent until then."
			),
			company=company,
			settings=settings_link(company),
		)
	site = site_of(of_connection or "")
	if site != frappe.local.site:
		return Sentence(
			_(
				"This is a copy of {site}, and the connection of {company} to Xero belongs to {site}. Nothing is sent"
				" from here. If this site has taken its place, connect again in {settings}."
			),
			site=site,
			company=company,
			settings=settings_link(company),
		)
	return Sentence(
		_(
			"The connection of {company} to Xero was made by another installation of {site}: site_config.json on {host}"
			" does not have the {key} that Connect wrote. Nothing is sent from here. If this is a copy, or the file"
			" was replaced, connect again in {settings}; if {host} is one of several servers of this site, add the"
			" line that the other servers have."
		),
		company=company,
		site=site,
		host=socket.gethostname(),
		key=CONFIG_KEY,
		settings=settings_link(company),
	)
