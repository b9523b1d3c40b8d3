"""The desk in a real browser: web and socket servers for the tests alone, and users who sign in."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import frappe
from frappe.installer import update_site_config

if TYPE_CHECKING:
	from playwright.sync_api import Browser, Page

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The same browser; the first one draws no window that nobody sees, and needs a quarter less of the processor."""

CHROMIUM = next(filter(None, map(which, CHROMIUMS)), "")
START_SECONDS = 60
PATIENCE_MILLISECONDS = 30_000
PASSWORD = "Xero-browser-1"


def missing() -> str:
	"""What a browser test needs that is missing here, or ""."""
	if not importlib.util.find_spec("playwright"):
		return "pip install playwright"
	if not CHROMIUM:
		return "apt install chromium"
	if not which("node"):
		return "node"
	return ""


@contextmanager
def running_desk(redis_url: str, web_port: int = 0) -> Iterator[str]:
	"""Serve the site, with live updates, on this port of the machine or a free one; yields its URL.

	Jobs and events go through `redis_url`. Anything else that its requests need of the site's config is entered before:
	Frappe 16 reads the config once a minute.
	"""
	web_port, socket_port = web_port or free_port(), free_port()
	url = f"http://127.0.0.1:{web_port}"
	before = frappe.conf.get("socketio_port")
	bench = Path(frappe.utils.get_bench_path())
	environment = {
		**os.environ,
		"CI": "",
		"DEV_SERVER": "1",
		"FRAPPE_REDIS_QUEUE": redis_url,
		"FRAPPE_SITE": frappe.local.site,
		"FRAPPE_SOCKETIO_PORT": str(socket_port),
	}
	web = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", frappe.local.site]
	web += ["serve", "--port", str(web_port), "--noreload"]
	with ExitStack() as stack:
		update_site_config("socketio_port", socket_port)
		stack.callback(update_site_config, "socketio_port", "None" if before is None else before)
		stack.enter_context(_running(["node", str(bench / "apps/frappe/socketio.js")], bench, environment))
		server = stack.enter_context(_running(web, bench / "sites", environment))
		_wait_for(f"{url}/api/method/ping", server)
		yield url


@contextmanager
def running_browser() -> Iterator[Browser]:
	from playwright.sync_api import sync_playwright

	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
		try:
			yield browser
		finally:
			browser.close()


def sign_in(
	browser: Browser, url: str, user: str, password: str = PASSWORD, width: int = 1440, height: int = 900
) -> Page:
	"""A page in a session of the user; errors in its scripts are kept in `page.errors`."""
	# The sandbox's consent page forbids evaluated scripts, which waiting for a condition needs.
	# A dialog that is still fading in cannot be closed, and is not yet where it will be.
	context = browser.new_context(
		viewport={"width": width, "height": height}, base_url=url, bypass_csp=True, reduced_motion="reduce"
	)
	context.set_default_timeout(PATIENCE_MILLISECONDS)
	answer = context.request.post("/api/method/login", form={"usr": user, "pwd": password})
	if not answer.ok:
		raise AssertionError(answer.text())
	page = context.new_page()
	page.errors = []
	page.on("pageerror", lambda error: page.errors.append(str(error)))
	return page


def open_route(page: Page, route: str) -> None:
	"""Open a page of the desk, e.g. "xero-sync-log", and wait until its requests have ended."""
	page.goto(f"/app/{route}")
	page.wait_for_function("window.frappe && frappe.app && frappe.router && frappe.router.current_route")
	page.wait_for_function("frappe.realtime.socket && frappe.realtime.socket.connected")
	settle(page)


def settle(page: Page) -> None:
	"""Wait until no request of the desk is under way, and none of its fonts: a fallback is wider.

	Pages outside the desk are not waited for.
	"""
	page.wait_for_function(
		"!/^[/](app|desk)/.test(location.pathname)"
		" || (window.frappe && (!frappe.request || frappe.request.ajax_count === 0)"
		" && document.fonts.status === 'loaded')"
	)


def make_user(email: str, *roles: str, company: str = "") -> str:
	"""A user with a password and exactly these roles; restricted to the company, if one is given."""
	if not frappe.db.exists("User", email):
		first, _dot, last = email.partition("@")[0].title().partition(".")
		name = {"first_name": first, "last_name": last}
		user = frappe.get_doc({"doctype": "User", "email": email, "send_welcome_email": 0, **name})
		user.insert()
	user = frappe.get_doc("User", email)
	if {row.role for row in user.roles} != set(roles):
		user.update({"new_password": PASSWORD, "enabled": 1})
		user.flags.ignore_password_policy = True
		user.set("roles", [{"role": role} for role in roles])
		user.save()
	frappe.db.delete("User Permission", {"user": email})
	if company:
		frappe.get_doc(
			{"doctype": "User Permission", "user": email, "allow": "Company", "for_value": company}
		).insert()
	frappe.clear_cache(user=email)
	frappe.db.commit()
	return email


@contextmanager
def _running(
	command: list[str], folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
	process = subprocess.Popen(
		command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
	)
	try:
		yield process
	finally:
		process.terminate()
		try:
			process.wait(10)
		except subprocess.TimeoutExpired:
			process.kill()
			process.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
	"""Until this very server answers: where its port was taken it has ended, and another one answers there."""
	end = time.monotonic() + START_SECONDS
	while True:
		if server.poll() is not None:
			raise RuntimeError(f"The web server at {url} ended with {server.returncode}")
		try:
			with urllib.request.urlopen(url, timeout=5):
				return
		except (urllib.error.URLError, OSError):
			if time.monotonic() > end:
				raise
			time.sleep(0.1)


def free_port() -> int:
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]
