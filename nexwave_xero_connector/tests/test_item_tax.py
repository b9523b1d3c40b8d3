"""An item's default Item Tax Template is the one that ERPNext's own code chooses, for many items and groups."""

from datetime import date, timedelta
from random import Random

import frappe
from erpnext.stock.get_item_details import get_item_tax_template
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

from nexwave_xero_connector.erp.documents.item_tax import DefaultTaxTemplates
from nexwave_xero_connector.tests.catalogue.company import COMPANY, ITEM_TEMPLATES, SERVICE, make_masters, own
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company

CASES = 120
OTHER_COMPANY = "Xero Item Tax Test"
CATEGORIES = ("", "Books Trade", "Books Export Trade")


class TestItemTax(IntegrationTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		make_masters()
		make_company(OTHER_COMPANY, "XIT")

	def setUp(self) -> None:
		frappe.db.savepoint("item_tax")
		self.addCleanup(frappe.clear_cache)
		self.addCleanup(frappe.db.rollback, save_point="item_tax")
		for category in CATEGORIES[1:]:
			if not frappe.db.exists("Tax Category", category):
				frappe.get_doc({"doctype": "Tax Category", "title": category}).insert()
		account = frappe.db.get_value(
			"Account", {"company": OTHER_COMPANY, "root_type": "Liability", "is_group": 0}
		)
		theirs = frappe.get_doc(
			{
				"doctype": "Item Tax Template",
				"title": "Theirs",
				"company": OTHER_COMPANY,
				"taxes": [{"tax_type": account, "tax_rate": 15}],
			}
		)
		theirs.taxes[0].tax_type = account
		theirs.db_insert()
		self.templates = [own(title) for title in ITEM_TEMPLATES] + [theirs.name]
		above = self.make_group("Books Tax Above", "All Item Groups")
		self.groups = [above, self.make_group("Books Tax Below", above)]
		frappe.db.set_value("Item", SERVICE, "item_group", self.groups[1])

	def make_group(self, name: str, parent: str) -> str:
		group = {"doctype": "Item Group", "item_group_name": name, "parent_item_group": parent, "is_group": 1}
		return frappe.get_doc(group).insert().name

	def test_it_is_the_template_that_erpnext_chooses(self) -> None:
		chosen = []
		for seed in range(CASES):
			random = Random(seed)
			self.give_taxes("Item", SERVICE, random, 0.7)
			for group in self.groups:
				self.give_taxes("Item Group", group, random, 0.7)
			day = getdate(nowdate())
			header = frappe._dict(
				company=COMPANY,
				posting_date=day,
				bill_date=random.choice((None, day + timedelta(days=7))),
				tax_category=random.choice(CATEGORIES),
			)
			rate = random.choice((5, 50, 500))
			theirs = get_item_tax_template(frappe._dict(header, base_net_rate=rate), self.item())
			row = frappe._dict(item_code=SERVICE, base_net_rate=rate)
			ours = DefaultTaxTemplates([row]).of(row, header)
			self.assertEqual(ours[0] if ours else None, theirs, f"seed {seed}")
			chosen.append(theirs)
		self.assertGreater(len(set(chosen)), 4, "too few different templates were chosen")

	def item(self) -> Document:
		frappe.clear_document_cache("Item", SERVICE)
		for group in self.groups:
			frappe.clear_document_cache("Item Group", group)
		return frappe.get_doc("Item", SERVICE)

	def give_taxes(self, doctype: str, owner: str, random: Random, share: float) -> None:
		frappe.db.delete("Item Tax", {"parenttype": doctype, "parent": owner})
		if random.random() > share:
			return
		by_date = random.random() < 0.5
		for idx in range(1, random.randint(1, 4) + 1):
			row = frappe.get_doc(
				{
					"doctype": "Item Tax",
					"parenttype": doctype,
					"parent": owner,
					"parentfield": "taxes",
					"idx": idx,
					"item_tax_template": random.choice(self.templates),
					"tax_category": random.choice(CATEGORIES),
					**_limits(random, by_date),
				}
			)
			row.db_insert()


def _limits(random: Random, by_date: bool) -> dict[str, date | float]:
	"""A first day, or a range of net rates. ERPNext itself fails if an item has rows of both kinds."""
	if random.random() < 0.3:
		return {}
	if by_date:
		return {"valid_from": getdate(nowdate()) + timedelta(days=random.choice((-30, -10, -5, 5)))}
	lowest, highest = random.choice(((0, 10), (10, 100), (0, 100)))
	return {"minimum_net_rate": lowest, "maximum_net_rate": highest}
