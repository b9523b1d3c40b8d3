"""This site's installation, stored in its own site_config.json: it distinguishes a copy of the site from the original.

The file is read again each time, and without the bench's common configuration: Frappe 16 caches it for a minute, and an
installation in the common file would apply to all sites of the bench.
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
	"""A host's site_config.json lacks this site's installation. `sentence` says which host, and the line to add."""

	def __init__(self, installation: str, host: str) -> None:
		self.sentence = Sentence(
			_(
				"site_config.json of {site} on {host} does not have the line that distinguishes this site from its"
				" copies. Nothing was changed. Add this line to it, or to the template it is generated from, then press"
				" Connect again: {line}"
			),
			site=frappe.local.site,
			host=host,
			line=f'"{CONFIG_KEY}": {json.dumps(installation)}',
		)
		super().__init__(str(self.sentence))


def belonging_of(of_connection: str | None) -> Belonging:
	"""Whose connection it is, given its installation, which may be missing."""
	return belonging(of_connection or "", in_config(), frappe.local.site)


def in_config() -> str:
	"""The installation that this host's site_config.json has now; "" if it has none or cannot be read."""
	try:
		config = json.loads(Path(frappe.get_site_path("site_config.json")).read_text(encoding="utf-8"))
	except (OSError, ValueError):
		# The file may be being written right now: until it is complete, nothing is sent.
		return ""
	return str(config.get(CONFIG_KEY) or "")


def ensure_installation() -> str:
	"""This site's installation; created if its configuration has none, or one of a site with another folder name.

	Raises InstallationNotKept if the file cannot be written.
	"""
	with filelock(CONFIG_KEY):
		installation = in_config()
		if site_of(installation) == frappe.local.site:
			return installation
		installation = new_installation(frappe.local.site)
		try:
			update_site_config(CONFIG_KEY, installation)
		except OSError:
			pass  # read-only or owned by another user: what counts is whether the line is there now
		if in_config() != installation:
			raise InstallationNotKept(installation, socket.gethostname())
		return installation


def forget_installation() -> None:
	"""Remove the line from site_config.json, if the file can be written."""
	try:
		update_site_config(CONFIG_KEY, "None")
	except OSError:
		frappe.logger("xero").warning(f"site_config.json still has {CONFIG_KEY}: it cannot be written")


def require_this_installation(company: str, of_connection: str | None) -> None:
	"""Raise AnotherInstallation unless the company's connection was made or confirmed by this site."""
	reason = why_not_ours(company, of_connection)
	if reason:
		raise AnotherInstallation(reason)


def why_not_ours(company: str, of_connection: str | None) -> Sentence | None:
	"""Why nothing is sent to Xero from here, for a person; None if the connection is this site's own."""
	belongs = belonging_of(of_connection)
	if belongs is Belonging.OURS:
		return None
	if belongs is Belonging.UNCONFIRMED:
		return Sentence(
			_(
				"{company} was connected to Xero before a copy of a site could be distinguished from the original."
				" Confirm in {settings} that this site sends to Xero. Nothing is sent until then."
			),
			company=company,
			settings=settings_link(company),
		)
	site = site_of(of_connection or "")
	if site != frappe.local.site:
		return Sentence(
			_(
				"This is a copy of {site}, and the connection of {company} to Xero belongs to {site}. Nothing is sent"
				" from here. If this site has replaced it, connect again in {settings}."
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
