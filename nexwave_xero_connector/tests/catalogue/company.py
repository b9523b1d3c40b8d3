"""A New Zealand company with the taxes, charges and items of the catalogue, mapped to the sandbox's organisation.

`make_masters` makes the records that ERPNext needs, once for the site. `connected` yields a world for the length of a
test: a fresh sandbox, and settings as an administrator would enter them. Afterwards nothing of them is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.connection.organisation import fetch
from nexwave_xero_connector.erp.connection.tokens import store_token
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_sandbox import site_config
from nexwave_xero_connector.tests.bench_world import NO_QUEUE, QUEUE, connect_without_consent
from nexwave_xero_connector.tests.catalogue.site_settings import site_setting
from nexwave_xero_connector.tests.matrix import chosen_cell
from nexwave_xero_connector.tests.records import make_company, make_price_lists

COMPANY, ABBR = "Xero Books Test", "XBT"
CUSTOMER, SUPPLIER = "Kōwhai Books & Co", "Paper & Mill Ltd"
ODD_CUSTOMER = 'O\'Brien "Bob" A\\B & Söhne, 50% (x==y) 🧵'
LOG = "Xero Sync Log"

GST, REDUCED_GST, PST, WITHHELD = (f"{name} - {ABBR}" for name in ("GST", "GST Reduced", "PST", "Withheld"))
FREIGHT, LEVY, INSURANCE, COURIER = (
	f"{name} - {ABBR}" for name in ("Freight Recovered", "Levy", "Transit Insurance", "Courier")
)
GIFT_WRAP, COUPON, RETENTION, DUTY, CUSTOMS_GST = (
	f"{name} - {ABBR}" for name in ("Gift Wrap", "Coupons", "Retentions", "Customs Duty", "GST at Customs")
)
DEPOSITS = f"Deposits Received - {ABBR}"
DISCOUNT, DEFERRED = f"Discount Allowed - {ABBR}", f"Deferred Revenue - {ABBR}"
EXPORT_SALES, OLD_SALES = f"203 - Export Sales - {ABBR}", f"280 - Old Sales - {ABBR}"
ITEMS = SERVICE, STOCK_ITEM, ZERO_ITEM, GROUP_ITEM = (
	"Books Service",
	"Books Stock",
	"Books Export",
	"Books Grouped",
)
FLAT_RATE = "Books Flat Rate"
"""A Shipping Rule: ERPNext adds its row after the others."""
ZERO_GROUP, UOM = "Books Zero Group", "Books Hour"

ITEM_TEMPLATES = {
	"Fifteen": {GST: 15},
	"Zero Rated": {GST: 0},
	"Exempt": {GST: 0},
	"Reduced": {GST: 9},
	"Reduced Apart": {GST: 0, REDUCED_GST: 9},
}
TEMPLATES = {
	"GST": [("On Net Total", GST, 15, {})],
	"No Tax": [("On Net Total", GST, 0, {})],
	"GST and PST": [("On Net Total", GST, 5, {}), ("On Net Total", PST, 7, {})],
	"GST and Compound PST": [
		("On Net Total", GST, 5, {}),
		("On Previous Row Total", PST, 7, {"row_id": 1}),
	],
	"Unmapped": [("On Net Total", GST, 15, {})],
	"Overseas": [("On Net Total", GST, 0, {})],
}
OWN_RATES = {
	"REDUCED": [("Reduced", 9, False)],
	"EXEMPT": [("Exempt", 0, False)],
	"GSTPST": [("GST", 5, False), ("PST", 7, False)],
	"GSTPSTC": [("GST", 5, False), ("PST", 7, True)],
}
"""Tax rates that the catalogue's organisation has besides Xero's own."""

TAX_TYPES = {
	"Fifteen": ("OUTPUT2", "INPUT2"),
	"Zero Rated": ("ZERORATED", "NONE"),
	"Exempt": ("EXEMPT", "EXEMPT"),
	"Reduced": ("REDUCED", "REDUCED"),
	"Reduced Apart": ("REDUCED", "REDUCED"),
	"GST": ("OUTPUT2", "INPUT2"),
	"No Tax": ("NONE", "NONE"),
	"Overseas": ("ZERORATED", "NONE"),
	"GST and PST": ("GSTPST", "GSTPST"),
	"GST and Compound PST": ("GSTPSTC", "GSTPSTC"),
}
"""Xero's tax type of each template, on sales and on purchases."""

ACCOUNT_CODES = {
	f"Sales - {ABBR}": "200",
	f"Service - {ABBR}": "260",
	DEFERRED: "850",
	f"Stock Received But Not Billed - {ABBR}": "630",
	DISCOUNT: "400",
	DEPOSITS: "850",
}
CHARGES = {
	FREIGHT: ("260", ""),
	LEVY: ("260", ""),
	INSURANCE: ("433", "NONE"),
	COURIER: ("425", ""),
	GIFT_WRAP: ("260", ""),
	COUPON: ("260", ""),
	RETENTION: ("620", "NONE"),
	DUTY: ("310", ""),
	CUSTOMS_GST: ("820", "GSTONIMPORTS"),
}
"""Xero account and tax type ("" for the document's). A charge to customers is revenue, a charge from suppliers is an
expense: Xero allows tax on income only on the former, tax on expenses only on the latter."""
SETTINGS_FIELDS = {
	"default_sales_account": "200",
	"default_purchase_account": "300",
	"rounding_account": "860",
	"discount_account": "400",
}
VOUCHERS = (
	"Sales Invoice",
	"Purchase Invoice",
	"Journal Entry",
	"Payment Entry",
	"Delivery Note",
	"Stock Entry",
)
XERO_URLS = ("xero_api_url", "xero_identity_url", "xero_login_url")


def own(template: str) -> str:
	"""A template's name in this company."""
	return f"{template} - {ABBR}"


def make_masters() -> None:
	"""Create company, accounts, templates, items and parties; existing ones are not changed."""
	make_company(COMPANY, ABBR)
	make_price_lists()
	for name, root, account_type, *number in (
		(GST, "Duties and Taxes", "Tax"),
		(REDUCED_GST, "Duties and Taxes", "Tax"),
		(PST, "Duties and Taxes", "Tax"),
		(WITHHELD, "Duties and Taxes", "Tax"),
		(FREIGHT, "Indirect Income", "Chargeable"),
		(LEVY, "Indirect Income", "Chargeable"),
		(COURIER, "Indirect Expenses", "Chargeable"),
		(INSURANCE, "Indirect Expenses", "Chargeable"),
		(GIFT_WRAP, "Indirect Income", "Chargeable"),
		(COUPON, "Indirect Income", "Chargeable"),
		(RETENTION, "Loans and Advances (Assets)", "Chargeable"),
		(DUTY, "Indirect Expenses", "Chargeable"),
		(CUSTOMS_GST, "Duties and Taxes", "Chargeable"),
		(DEPOSITS, "Current Liabilities", ""),
		(DISCOUNT, "Indirect Expenses", ""),
		(DEFERRED, "Current Liabilities", ""),
		(EXPORT_SALES, "Direct Income", "", "203"),
		(OLD_SALES, "Direct Income", "", "280"),
	):
		_make(
			"Account",
			name,
			account_name=name.removesuffix(f" - {ABBR}").split(" - ")[-1],
			account_number="".join(number),
			parent_account=own(root),
			account_type=account_type,
			company=COMPANY,
		)
	for title, rates in ITEM_TEMPLATES.items():
		taxes = [{"tax_type": account, "tax_rate": rate} for account, rate in rates.items()]
		_make("Item Tax Template", own(title), title=title, company=COMPANY, taxes=taxes)
	for doctype in ("Sales Taxes and Charges Template", "Purchase Taxes and Charges Template"):
		for title, rows in TEMPLATES.items():
			taxes = [
				{
					"charge_type": charge_type,
					"account_head": account,
					"rate": rate,
					"description": account,
					**row,
				}
				for charge_type, account, rate, row in rows
			]
			is_default = int(title == "GST" and doctype.startswith("Sales"))
			_make(doctype, own(title), title=title, company=COMPANY, taxes=taxes, is_default=is_default)
	_make("UOM", UOM, uom_name=UOM, must_be_whole_number=0)
	_make("Item Group", ZERO_GROUP, item_group_name=ZERO_GROUP, parent_item_group="All Item Groups")
	_tax_of("Item Group", ZERO_GROUP, "Zero Rated")
	for code, values in {
		SERVICE: {"is_stock_item": 0},
		STOCK_ITEM: {"is_stock_item": 1},
		ZERO_ITEM: {"is_stock_item": 0},
		GROUP_ITEM: {"is_stock_item": 0, "item_group": ZERO_GROUP},
	}.items():
		_make("Item", code, item_code=code, stock_uom=UOM, **{"item_group": "All Item Groups", **values})
	_tax_of("Item", ZERO_ITEM, "Zero Rated")
	for name in (CUSTOMER, ODD_CUSTOMER):
		_make("Customer", name, customer_name=name)
	_make("Supplier", SUPPLIER, supplier_name=SUPPLIER)
	_make(
		"Shipping Rule",
		FLAT_RATE,
		label=FLAT_RATE,
		shipping_rule_type="Selling",
		company=COMPANY,
		account=FREIGHT,
		cost_center=own("Main"),
		calculate_based_on="Fixed",
		shipping_amount=7.5,
	)
	_make("Warehouse", own("Stores"), warehouse_name="Stores", company=COMPANY)
	for name in ("Books North", "Books South"):
		_make(
			"Cost Center", own(name), cost_center_name=name, parent_cost_center=own(COMPANY), company=COMPANY
		)
	if not frappe.db.exists("Project", {"project_name": "Books Project"}):
		frappe.get_doc({"doctype": "Project", "project_name": "Books Project", "company": COMPANY}).insert()
	frappe.db.set_value("Currency", {"name": ("in", ["KWD", "JPY", "GBP", "AUD"])}, "enabled", 1)
	frappe.db.set_single_value(
		"Accounts Settings", "allow_multi_currency_invoices_against_single_party_account", 1
	)
	for settings in ("Selling Settings", "Buying Settings"):  # the latter from ERPNext 17 on
		if frappe.get_meta(settings).has_field("allow_negative_rates_for_items"):
			frappe.db.set_single_value(settings, "allow_negative_rates_for_items", 1)
	frappe.db.commit()


def project() -> str:
	return frappe.db.get_value("Project", {"project_name": "Books Project"})


@dataclass
class BooksWorld:
	"""The company and its organisation. `xero` is the running sandbox."""

	xero: Any
	tenant: str

	def push(self) -> None:
		"""Run the background job in this process until nothing is due."""
		frappe.db.commit()
		push_invoice(COMPANY)
		frappe.db.rollback()

	def row(self, document: Document) -> frappe._dict:
		"""The document's latest row in the log."""
		return frappe.db.get_value(
			LOG,
			{"reference_doctype": document.doctype, "reference_name": document.name, "is_latest": 1},
			["status", "message", "xero_id", "error_class"],
			as_dict=True,
		)

	def in_xero(self) -> dict[str, dict[str, Any]]:
		"""Every document of the organisation as Xero returns it: by its name here, or else by its number."""
		documents = self.xero.admin.documents(tenant=self.tenant, limit=100000)
		sent = frappe.get_all(
			LOG, {"company": COMPANY, "is_latest": 1}, ["xero_id", "reference_name"], as_list=True
		)
		names = {xero_id: name for xero_id, name in sent if xero_id}
		return {names.get(document["id"], document["number"]): document["wire"] for document in documents}

	def settings(self, **values: object) -> None:
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update(values)
		settings.save()
		frappe.db.commit()


@contextmanager
def connected() -> Iterator[BooksWorld]:
	from sandbox.xero.launcher import running_sandbox
	from sandbox.xero.seed.organisations import DEMO_APP

	make_masters()
	clear()
	# The setup wizard turns this setting on. ERPNext then keeps the rate of an item's first invoice as its price, and
	# uses it for a later row whose rate is 0.
	keeps_no_prices = site_setting("Stock Settings", "auto_insert_price_list_rate_if_missing", 0)
	with keeps_no_prices, running_sandbox(limits=False) as xero:
		app = {"xero_client_id": DEMO_APP[0], "xero_client_secret": DEMO_APP[1]}
		with site_config(dict.fromkeys(XERO_URLS, xero.url) | app):
			# No other worker can process the rows.
			frappe.local.conf.redis_queue = NO_QUEUE
			try:
				yield _connect(xero)
			finally:
				frappe.local.conf.redis_queue = QUEUE
				clear()


def clear() -> None:
	"""Delete the company's documents, ledgers, log and settings, and the prices of its items, without any checks."""
	frappe.db.rollback()
	for doctype in VOUCHERS:
		names = frappe.get_all(doctype, filters={"company": COMPANY}, pluck="name")
		for start in range(0, len(names), 500):
			part = names[start : start + 500]
			for field in frappe.get_meta(doctype).get_table_fields():
				frappe.db.delete(field.options, {"parent": ("in", part), "parenttype": doctype})
			frappe.db.delete(doctype, {"name": ("in", part)})
	for doctype in (
		"GL Entry",
		"Payment Ledger Entry",
		"Stock Ledger Entry",
		"Xero Contact",
		LOG,
		"Xero Account",
		"Xero Tax Rate",
		"Xero Tracking Option",
	):
		frappe.db.delete(doctype, {"company": COMPANY})
	for doctype in ("Xero Sync Settings", "Xero Connection"):
		for name in frappe.get_all(doctype, filters={"company": COMPANY}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True)
	frappe.db.delete("Item Price", {"item_code": ("in", ITEMS)})
	frappe.db.commit()


def _connect(xero: Any) -> BooksWorld:
	from nexwave_xero_connector.xero_api.oauth import Token

	admin = xero.admin
	tenant = admin.tenant("NZ")
	admin.act(tenant, "subscribe_currency", currency="KWD")
	for tax_type, parts in OWN_RATES.items():
		components = [{"name": name, "rate": rate, "compound": compound} for name, rate, compound in parts]
		admin.act(tenant, "add_tax_rate", tax_type=tax_type, name=tax_type.title(), components=components)
	minted = admin.mint(tenant, expires_in=1800)
	connect_without_consent(COMPANY)
	expires_at = datetime.now(timezone.utc) + timedelta(minutes=30)
	token = Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
	store_token(COMPANY, token)
	_make_settings(tenant)
	fetch(COMPANY)
	_map()
	frappe.db.commit()
	return BooksWorld(xero, tenant)


def _make_settings(tenant: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": COMPANY,
			"start_date": "2026-01-01",
			"tenant_id": tenant,
			"push_zero_total": 1,
			**chosen_cell().settings(),
		}
	).insert()


def _map() -> None:
	"""Enter what an administrator would enter in the settings."""
	accounts, rates, options = (
		dict(frappe.get_all(doctype, {"company": COMPANY}, [key, "name"], as_list=True))
		for doctype, key in (
			("Xero Account", "code"),
			("Xero Tax Rate", "tax_type"),
			("Xero Tracking Option", "option"),
		)
	)
	settings = frappe.get_doc("Xero Sync Settings", COMPANY)
	settings.update({"enabled": 1, **{field: accounts[code] for field, code in SETTINGS_FIELDS.items()}})
	settings.update({f"untaxed_{side}_tax_rate": rates["NONE"] for side in ("sales", "purchase")})
	for account, code in ACCOUNT_CODES.items():
		settings.append("account_mapping", {"account": account, "xero_account": accounts[code]})
	for account, (code, tax_type) in CHARGES.items():
		row = {"account": account, "xero_account": accounts[code], "xero_tax_rate": rates.get(tax_type)}
		settings.append("charge_mapping", row)
	for title, (on_sales, on_purchases) in TAX_TYPES.items():
		if title in ITEM_TEMPLATES:
			row = {
				"template_type": "Item Tax Template",
				"template": own(title),
				"xero_tax_rate": rates[on_sales],
				"purchase_tax_rate": rates[on_purchases],
			}
			settings.append("tax_mapping", row)
			continue
		for side, tax_type in (("Sales", on_sales), ("Purchase", on_purchases)):
			template = {"template_type": f"{side} Taxes and Charges Template", "template": own(title)}
			settings.append("tax_mapping", {**template, "xero_tax_rate": rates[tax_type]})
	for doctype, name, option in (
		("Cost Center", own("Books North"), "North"),
		("Cost Center", own("Books South"), "South"),
		("Project", project(), "Service"),
	):
		row = {"source_doctype": doctype, "source": name, "tracking_option": options[option]}
		settings.append("tracking_mapping", row)
	settings.save()


def _make(doctype: str, name: str, **values: object) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert()


def _tax_of(doctype: str, name: str, template: str) -> None:
	owner = frappe.get_doc(doctype, name)
	if not owner.taxes:
		owner.append("taxes", {"item_tax_template": own(template)})
		owner.save()
