"""The Xero sandbox as the site's Xero, and the consent given on its page."""

from __future__ import annotations

import atexit
import unittest
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import frappe
import requests
from frappe.installer import update_site_config

from nexwave_xero_connector.api import connection
from nexwave_xero_connector.erp.connection.xero_app import URL_SETTINGS, ready_made_app

if TYPE_CHECKING:
	from sandbox.xero.launcher import SandboxHandle

HOST = "http://localhost:8000"
"""Xero, and its sandbox, send back to https or to localhost."""


@cache
def _running_sandbox() -> SandboxHandle:
	"""The one of this process, which ends with it: to start one for each test takes as long as many a test."""
	from sandbox.xero.launcher import running_sandbox

	stack = ExitStack()
	atexit.register(stack.close)
	return stack.enter_context(running_sandbox())


def new_sandbox() -> SandboxHandle:
	"""A sandbox as if it had just been started, without Xero's limits of calls."""
	sandbox = _running_sandbox()
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	return sandbox


def point_site_at_sandbox(test: unittest.TestCase) -> SandboxHandle:
	"""A new sandbox that the site uses as Xero until the test ends."""
	from sandbox.xero.seed.organisations import DEMO_APP

	sandbox = new_sandbox()
	config = site_config({**dict.fromkeys(URL_SETTINGS, sandbox.url), "host_name": HOST})
	config.__enter__()
	test.addCleanup(config.__exit__, None, None, None)
	use_app(*DEMO_APP)
	return sandbox


@contextmanager
def site_config(values: Mapping[str, object]) -> Iterator[None]:
	"""The site's config with these values, restored afterwards."""
	before = {key: frappe.conf.get(key) for key in values}
	try:
		for key, value in values.items():
			update_site_config(key, value)
		yield
	finally:
		for key, value in before.items():
			update_site_config(key, "None" if value is None else value)


def use_app(client_id: str, client_secret: str) -> None:
	"""Enter the app's credentials, as an admin does, and restore its ready-made scopes."""
	from nexwave_xero_connector.xero_api.oauth import SCOPES

	app = frappe.get_doc("Connected App", ready_made_app())
	app.update({"client_id": client_id, "client_secret": client_secret})
	app.set("scopes", [{"scope": scope} for scope in SCOPES.split()])
	app.save()
	frappe.db.commit()


def consent_in_browser(
	company: str, tenant_id: str, decision: str = "allow", in_place_of_another_site: bool = False
) -> dict[str, str]:
	"""Press Connect and choose the organisation on Xero's page; the parameters that Xero sends back."""
	url = connection.connect(company, in_place_of_another_site)["url"]
	page, _mark, query = url.partition("?")
	form = {key: values[0] for key, values in parse_qs(query).items()}
	answer = requests.post(
		page, data={**form, "tenant": tenant_id, "decision": decision}, allow_redirects=False, timeout=30
	)
	if answer.status_code != 302:
		raise AssertionError(answer.text)
	return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def connect_new_settings(company: str, tenant_id: str) -> None:
	"""Insert new settings and give the consent for them."""
	frappe.get_doc({"doctype": "Xero Sync Settings", "company": company}).insert()
	frappe.db.commit()
	frappe.local.response = frappe._dict()
	connect_in_browser(company, tenant_id)


def connect_in_browser(company: str, tenant_id: str) -> None:
	back = consent_in_browser(company, tenant_id)
	back.pop("scope")
	connection.callback(**back)
