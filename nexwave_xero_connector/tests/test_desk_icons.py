"""Tiles and sidebar of Frappe 16: ours replace those that Frappe makes for an app without any."""

import unittest
from pathlib import Path

import frappe
from frappe.modules.import_file import import_file_by_path

from nexwave_xero_connector.desk import APP_TILE, WORKSPACE
from nexwave_xero_connector.patches.v1_0 import replace_makeshift_desk_icons
from nexwave_xero_connector.tests.compat import IntegrationTestCase

IS_16 = int(frappe.__version__.partition(".")[0]) >= 16
LOGO = "/assets/nexwave_xero_connector/images/logo.svg"


def import_files() -> None:
	"""As migrate does: a file is imported only over an older record."""
	app = Path(frappe.get_app_path("nexwave_xero_connector"))
	for file in (*app.glob("desktop_icon/*.json"), *app.glob("workspace_sidebar/*.json")):
		import_file_by_path(str(file))


class TestDeskIcons(IntegrationTestCase):
	def setUp(self) -> None:
		frappe.db.savepoint("desk_icons")
		self.addCleanup(frappe.db.rollback, save_point="desk_icons")

	def test_the_patch_does_nothing_where_there_are_no_sidebars(self) -> None:
		replace_makeshift_desk_icons.execute()

	@unittest.skipUnless(IS_16, "Frappe 15 has no tiles and sidebars")
	def test_those_that_frappe_has_made_are_replaced(self) -> None:
		from frappe.desk.doctype.desktop_icon.desktop_icon import create_desktop_icons
		from frappe.desk.doctype.workspace_sidebar.workspace_sidebar import (
			create_workspace_sidebar_for_workspaces,
		)

		replace_makeshift_desk_icons.execute()
		create_workspace_sidebar_for_workspaces()
		create_desktop_icons()
		self.assertEqual(
			self.entries(), ["Home", "Sync Log", "Settings", "Sales Invoices", "Purchase Invoices"]
		)
		for doctype, names in (("Desktop Icon", (APP_TILE, WORKSPACE)), ("Workspace Sidebar", (WORKSPACE,))):
			frappe.db.set_value(
				doctype, {"name": ("in", names)}, "modified", "2030-01-01", update_modified=False
			)
		import_files()
		self.assertNotIn("Needs Attention", self.entries(), "the file is older than Frappe's record")
		replace_makeshift_desk_icons.execute()
		import_files()
		self.assertIn("Needs Attention", self.entries())
		tiles = frappe.get_all(
			"Desktop Icon",
			{"name": ("in", (APP_TILE, WORKSPACE))},
			["name", "logo_url", "hidden", "link_to", "parent_icon"],
			order_by="name",
		)
		self.assertEqual([tile.name for tile in tiles if not tile.hidden], [WORKSPACE])
		self.assertEqual({tile.logo_url for tile in tiles}, {LOGO})
		self.assertEqual(tiles[1].link_to, WORKSPACE)

	@unittest.skipUnless(IS_16, "Frappe 15 has no tiles and sidebars")
	def test_each_entry_has_an_icon_that_frappe_has(self) -> None:
		public = Path(frappe.get_app_path("frappe", "public", "icons"))
		known = "".join(file.read_text() for file in public.rglob("icons.svg"))
		icons = frappe.get_all("Workspace Sidebar Item", {"parent": WORKSPACE}, pluck="icon")
		self.assertEqual(len(icons), 6)
		self.assertEqual(len(set(icons)), len(icons))
		for icon in icons:
			self.assertIn(f'id="icon-{icon}"', known)

	def entries(self) -> list[str]:
		return frappe.get_all("Workspace Sidebar Item", {"parent": WORKSPACE}, pluck="label", order_by="idx")
