"""Pictures of the screens, taken while the browser tests run: the ones that docs/ shows are made this way.

XERO_PICTURES=docs/images bench --site SITE run-tests --module nexwave_xero_connector.tests.browser.test_setup
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
	from playwright.sync_api import Page

FOLDER = os.environ.get("XERO_PICTURES", "")
THEMES = ("light", "dark")


def take_picture(page: Page, name: str) -> None:
	"""`name`.png, and `name`-dark.png where the page is of the desk; nothing unless a folder is asked for."""
	if not FOLDER:
		return
	folder = Path(FOLDER)
	folder.mkdir(parents=True, exist_ok=True)
	# A dialog fades in.
	page.wait_for_function(
		"[...document.querySelectorAll('.modal.show')].every(one => getComputedStyle(one).opacity === '1')"
	)
	is_desk = page.evaluate("Boolean(window.frappe && frappe.app)")
	for theme in THEMES if is_desk else THEMES[:1]:
		if is_desk:
			page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
		suffix = "" if theme == "light" else f"-{theme}"
		page.screenshot(path=folder / f"{name}{suffix}.png")
	if is_desk:
		page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
