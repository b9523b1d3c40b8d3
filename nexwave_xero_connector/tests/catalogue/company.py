"""A New Zealand company with the taxes, charges and items of the catalogue, mapped to the sandbox's organisation.

`make_masters` makes what ERPNext needs, once for the site; `connected` is a world for the length of a test: a fresh
sandbox, the settings as an administrator would fill them, and nothing left of either afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
from frappe.installer import update_site_config
from frappe.model.document import Document

from nexwave_xero_connector.api.sync import push_invoice
from nexwave_xero_connector.erp.connection import store_token
from nexwave_xero_connector.tests.bench_world import NO_QUEUE, QUEUE
from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

COMPANY, ABBR = "Xero Books Test", "XBT"
CUSTOMER, SUPPLIER = "Kōwhai Books & Co", "Paper & Mill Ltd"
LOG = "Xero Sync Log"

GST, REDUCED_GST, PST, WITHHELD = (f"{name} - {ABBR}" for name in ("GST", "GST Reduced", "PST", "Withheld"))
FREIGHT, LEVY, INSURANCE = (f"{name} - {ABBR}" for name in ("Freight Recovered", "Levy", "Transit Insurance"))
DISCOUNT, DEFERRED = f"Discount Allowed - {ABBR}", f"Deferred Revenue - {ABBR}"
SERVICE, STOCK_ITEM, ZERO_ITEM, GROUP_ITEM = "Books Service", "Books Stock", "Books Export", "Books Grouped"
ZERO_GROUP = "Books Zero Group"

ITEM_TEMPLATES = {
	"Fifteen": {GST: 15},
	"Zero Rated": {GST: 0},
	"Exempt": {GST: 0},
	"Reduced": {GST: 9},
	"Reduced Apart": {GST: 0, REDUCED_GST: 9},
}
TEMPLATES = ("GST", "No Tax", "GST and PST", "GST and Compound PST", "Unmapped")
OWN_RATES = {
	"REDUCED": [("Reduced", 9, False)],
	"EXEMPT": [("Exempt", 0, False)],
	"GSTPST": [("GST", 5, False), ("PST", 7, False)],
	"GSTPSTC": [("GST", 5, False), ("PST", 7, True)],
}
"""Tax rates that the catalogue's organisation has beside Xero's own."""

TAX_TYPES = {
	"Fifteen": ("OUTPUT2", "INPUT2"),
	"Zero Rated": ("ZERORATED", "NONE"),
	"Exempt": ("EXEMPT", "EXEMPT"),
	"Reduced": ("REDUCED", "REDUCED"),
	"Reduced Apart": ("REDUCED", "REDUCED"),
	"GST": ("OUTPUT2", "INPUT2"),
	"No Tax": ("NONE", "NONE"),
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
}
CHARGES = {FREIGHT: ("425", ""), LEVY: ("429", ""), INSURANCE: ("433", "NONE")}
SETTINGS_FIELDS = {
	"default_sales_account": "200",
	"default_purchase_account": "300",
	"rounding_account": "860",
	"discount_account": "400",
}
XERO_URLS = ("xero_api_url", "xero_identity_url", "xero_login_url")


def own(template: str) -> str:
	"""A template's name in this company."""
	return f"{template} - {ABBR}"


def make_masters() -> None:
	"""Company, accounts, templates, items and parties; those that exist are left as they are."""
	make_company(COMPANY, ABBR)
	for name, root, account_type in (
		(GST, "Duties and Taxes", "Tax"),
		(REDUCED_GST, "Duties and Taxes", "Tax"),
		(PST, "Duties and Taxes", "Tax"),
		(WITHHELD, "Duties and Taxes", "Tax"),
		(FREIGHT, "Indirect Income", "Chargeable"),
		(LEVY, "Indirect Expenses", "Chargeable"),
		(INSURANCE, "Indirect Expenses", "Chargeable"),
		(DISCOUNT, "Indirect Expenses", ""),
		(DEFERRED, "Current Liabilities", ""),
	):
		_make(
			"Account",
			name,
			account_name=name.removesuffix(f" - {ABBR}"),
			parent_account=own(root),
			account_type=account_type,
			company=COMPANY,
		)
	for title, rates in ITEM_TEMPLATES.items():
		taxes = [{"tax_type": account, "tax_rate": rate} for account, rate in rates.items()]
		_make("Item Tax Template", own(title), title=title, company=COMPANY, taxes=taxes)
	for doctype in ("Sales Taxes and Charges Template", "Purchase Taxes and Charges Template"):
		for title in TEMPLATES:
			row = {"charge_type": "On Net Total", "account_head": GST, "rate": 15, "description": "GST"}
			row |= {"category": "Total", "add_deduct_tax": "Add"} if doctype.startswith("Purchase") else {}
			_make(doctype, own(title), title=title, company=COMPANY, taxes=[row])
	_make("Item Group", ZERO_GROUP, item_group_name=ZERO_GROUP, parent_item_group="All Item Groups")
	_tax_of("Item Group", ZERO_GROUP, "Zero Rated")
	for code, values in {
		SERVICE: {"is_stock_item": 0},
		STOCK_ITEM: {"is_stock_item": 1},
		ZERO_ITEM: {"is_stock_item": 0},
		GROUP_ITEM: {"is_stock_item": 0, "item_group": ZERO_GROUP},
	}.items():
		_make("Item", code, item_code=code, **{"item_group": "All Item Groups", **values})
	_tax_of("Item", ZERO_ITEM, "Zero Rated")
	_make("Customer", CUSTOMER, customer_name=CUSTOMER)
	_make("Supplier", SUPPLIER, supplier_name=SUPPLIER)
	_make("Warehouse", own("Stores"), warehouse_name="Stores", company=COMPANY)
	for name in ("Books North", "Books South"):
		_make(
			"Cost Center", own(name), cost_center_name=name, parent_cost_center=own(COMPANY), company=COMPANY
		)
	if not frappe.db.exists("Project", {"project_name": "Books Project"}):
		frappe.get_doc(
			{"doctype": "Project", "project_name": "Books Project", "company": COMPANY}
		).insert()
	frappe.db.set_value("Currency", {"name": ("in", ["KWD", "JPY", "GBP", "AUD"])}, "enabled", 1)
	frappe.db.set_single_value(
		"Accounts Settings", "allow_multi_currency_invoices_against_single_party_account", 1
	)
	frappe.db.commit()


def project() -> str:
	return frappe.db.get_value("Project", {"project_name": "Books Project"})


@dataclass
class BooksWorld:
	"""The company and its organisation. `xero`: the sandbox's handle."""

	xero: Any
	tenant: str

	def push(self) -> None:
		"""What the background job does, in this process, until nothing is due."""
		frappe.db.commit()
		push_invoice(COMPANY)
		frappe.db.rollback()

	def row(self, document: Document) -> frappe._dict:
		"""The document's newest row in the log."""
		return frappe.db.get_value(
			LOG,
			{"reference_doctype": document.doctype, "reference_name": document.name, "is_latest": 1},
			["status", "message", "xero_id", "error_class"],
			as_dict=True,
		)

	def in_xero(self) -> dict[str, dict[str, Any]]:
		"""Every document of the organisation as Xero shows it, by number."""
		documents = self.xero.admin.documents(tenant=self.tenant, limit=100000)
		return {document["number"]: document["wire"] for document in documents}

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
	config = dict.fromkeys(("xero_client_id", "xero_client_secret", *XERO_URLS))
	before = {key: frappe.conf.get(key) for key in config}
	with running_sandbox(limits=False) as xero:
		config |= dict.fromkeys(XERO_URLS, xero.url)
		config |= {"xero_client_id": DEMO_APP[0], "xero_client_secret": DEMO_APP[1]}
		for key, value in config.items():
			update_site_config(key, value)
		# Nobody else's worker gets at the rows.
		frappe.local.conf.redis_queue = NO_QUEUE
		try:
			yield _connect(xero)
		finally:
			frappe.local.conf.redis_queue = QUEUE
			for key, value in before.items():
				update_site_config(key, "None" if value is None else value)
			clear()


def clear() -> None:
	"""Take away the company's documents, ledgers, log and settings, without ceremony."""
	frappe.db.rollback()
	for doctype in ("Sales Invoice", "Purchase Invoice"):
		names = frappe.get_all(doctype, filters={"company": COMPANY}, pluck="name")
		for start in range(0, len(names), 500):
			part = names[start : start + 500]
			for field in frappe.get_meta(doctype).get_table_fields():
				frappe.db.delete(field.options, {"parent": ("in", part), "parenttype": doctype})
			frappe.db.delete(doctype, {"name": ("in", part)})
	for doctype in (
		"GL Entry",
		"Payment Ledger Entry",
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
	frappe.get_doc({"doctype": "Xero Connection", "company": COMPANY, "state": "Connected"}).insert()
	expires_at = datetime.now(timezone.utc) + timedelta(minutes=30)
	token = Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
	store_token(COMPANY, token)
	accounts, rates, options = _fetch(xero, token, tenant)
	_fill_settings(tenant, accounts, rates, options)
	frappe.db.commit()
	return BooksWorld(xero, tenant)


def _fetch(xero: Any, token: Any, tenant: str) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
	"""The records of what the organisation has: names by account code, by tax type, by tracking option."""
	from nexwave_xero_connector.sentence import DocLink
	from nexwave_xero_connector.xero_api import organisation
	from nexwave_xero_connector.xero_api.client import Client

	client = Client(
		token,
		tenant,
		settings=DocLink("Xero Sync Settings", COMPANY),
		now=lambda: datetime.now(timezone.utc),
		api_url=xero.url,
	)
	accounts = {
		account.code: make_account(
			COMPANY,
			account.code,
			account_name=account.name,
			account_type=account.account_type,
			account_class=account.account_class,
			status=account.status,
			system_account=account.system_account,
		)
		for account in organisation.accounts(client)
	}
	rates = {
		rate.tax_type: make_tax_rate(
			COMPANY,
			rate.tax_type,
			tax_rate_name=rate.name,
			effective_rate=float(rate.rate),
			status=rate.status,
			components=json.dumps(
				[
					{"name": name, "rate": float(percent), "is_compound": compound}
					for name, percent, compound in rate.components
				]
			),
			**{
				field: int(account_class in rate.applies_to)
				for field, account_class in (
					("can_apply_to_assets", "ASSET"),
					("can_apply_to_equity", "EQUITY"),
					("can_apply_to_expenses", "EXPENSE"),
					("can_apply_to_liabilities", "LIABILITY"),
					("can_apply_to_revenue", "REVENUE"),
				)
			},
		)
		for rate in organisation.tax_rates(client)
	}
	options = {
		option: frappe.get_doc(
			{
				"doctype": "Xero Tracking Option",
				"company": COMPANY,
				"category": category.name,
				"option": option,
				"option_id": f"{category.id}:{option}",
				"status": "ACTIVE",
			}
		)
		.insert()
		.name
		for category in organisation.tracking_categories(client)
		for option in category.options
	}
	return accounts, rates, options


def _fill_settings(
	tenant: str, accounts: dict[str, str], rates: dict[str, str], options: dict[str, str]
) -> None:
	settings = frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": COMPANY,
			"enabled": 1,
			"start_date": "2026-01-01",
			"tenant_id": tenant,
			"organisation_name": "NexWave Demo NZ",
			"base_currency": "NZD",
			"push_zero_total": 1,
			**{field: accounts[code] for field, code in SETTINGS_FIELDS.items()},
		}
	)
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
	settings.insert()


def _make(doctype: str, name: str, **values: object) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert()


def _tax_of(doctype: str, name: str, template: str) -> None:
	owner = frappe.get_doc(doctype, name)
	if not owner.taxes:
		owner.append("taxes", {"item_tax_template": own(template)})
		owner.save()
