"""Screenshots taken while the browser tests run. The pictures in docs/ are made this way.

XERO_PICTURES=docs/images bench --site SITE run-tests --module nexwave_xero_connector.tests.browser.test_setup
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
	from playwright.sync_api import Page

FOLDER = os.environ.get("XERO_PICTURES", "")
AIR = 14
"""Pixels."""
THEMES = ("light", "dark")
AT_REST = """() => {
	const is_there = dialog => getComputedStyle(dialog).display !== 'none';
	const is_open = dialog => dialog.classList.contains('show');
	return [...document.querySelectorAll('.modal')].filter(is_there).every(is_open)
		&& !document.getAnimations().some(one => one instanceof CSSTransition && one.playState === 'running');
}"""
OVERFLOWING = """() => {
	const scrolls = one => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX);
	const in_scroller = one => { while ((one = one.parentElement)) if (scrolls(one)) return true; return false; };
	const name = one => `${one.tagName} ${one.className}`;
	const found = [];
	const root = document.documentElement;
	if (root.scrollWidth > innerWidth) found.push(`the page: ${root.scrollWidth} of ${innerWidth}`);
	for (const one of document.querySelectorAll("[class*='xero-'], [class*='xero-'] *, .modal.show .modal-body *")) {
		if (!one.offsetParent || one.closest('svg') || in_scroller(one)) continue;
		if (one.getBoundingClientRect().right > innerWidth + 1) found.push(`${name(one)} leaves the window`);
		const is_cut = getComputedStyle(one).textOverflow === 'ellipsis' || one.classList.contains('xero-row-sentence');
		if (one.clientWidth && one.scrollWidth > one.clientWidth + 1 && !scrolls(one) && !is_cut)
			found.push(`${name(one)} is wider than its place`);
	}
	const right = one => one.getBoundingClientRect().right;
	for (const pill of document.querySelectorAll(".xero-pill"))
		if (pill.offsetParent && right(pill) > right(pill.parentElement) + 1)
			found.push(`the pill ${pill.textContent.trim()} is cut off`);
	return found;
}"""


def take_picture(page: Page, name: str) -> None:
	"""Save `name`.png. Does nothing without XERO_PICTURES."""
	if not FOLDER:
		return
	folder = Path(FOLDER)
	folder.mkdir(parents=True, exist_ok=True)
	if page.evaluate("Boolean(window.frappe && frappe.app)"):
		page.evaluate("document.querySelectorAll('.desk-alert').forEach(alert => alert.remove())")
	# Wait for dialogs to fade in and out.
	page.wait_for_function(AT_REST)
	page.screenshot(path=folder / f"{name}.png")


def take_part(page: Page, selector: str, name: str) -> None:
	"""Save what is there of the page, with some air around it, as `name`.png. Does nothing without XERO_PICTURES."""
	if not FOLDER:
		return
	Path(FOLDER).mkdir(parents=True, exist_ok=True)
	box = page.locator(selector).bounding_box()
	left, top = max(0, box["x"] - AIR), max(0, box["y"] - AIR)
	size = {"width": box["width"] + box["x"] - left + AIR, "height": box["height"] + box["y"] - top + AIR}
	page.screenshot(path=Path(FOLDER) / f"{name}.png", clip={"x": left, "y": top, **size})


def set_theme(page: Page, theme: str) -> None:
	page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)


def overflowing(page: Page) -> list[str]:
	"""What does not fit the window or its container: the page, and all our elements on it."""
	page.wait_for_function(AT_REST)
	return page.evaluate(OVERFLOWING)
