"""Xero on its worst day: every fault that the sandbox knows, at random, and people in Xero who use our numbers.

There are two organisations: the one that the company sends to, and another one that it sends to for an hour.
"""

from __future__ import annotations

import json
import random
import re
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from sandbox.xero.launcher import AdminClient, AdminError, SandboxHandle
from sandbox.xero.seed.organisations import DEMO_APP

WRITES = "(invoices|creditnotes|contacts|allocations)"
OPTIONS = {
	"token_expired": {},
	"disconnect": {},
	"lock_date": {"date": "2030-12-31"},
	"rate_limit": {"problem": ["minute", "concurrent", "day"], "retry_after": [5, 20, 600]},
	"unavailable": {"retry_after": [None, 3, 30]},
	"latency_before": {"seconds": [0.5, 2, 5]},
	"hold_before": {},
	"drop_before": {},
	"late_write": {"mode": ["drop"], "seconds": [2, 30, 120, 400, 590]},
	"error_before": {"status": [500, 502, 503], "kept": [True, False]},
	"refused_partway": {"kept": [True, False]},
	"garbage_before": {},
	"refuse": {"message": ["Account code '200' has been archived, or has been deleted."]},
	"latency_after": {"seconds": [0.5, 5, 55]},
	"hold_after": {},
	"drop_after": {},
	"error_after": {"status": [500, 502, 503], "kept": [True, False]},
	"garbage_after": {},
	"reordered": {},
	"unknown_enum": {},
}
MAX_AT_A_TIME = 4
MAX_CONTACT_MERGES = 6
"""There are ten customers and five suppliers, and some should be left."""
ONLY_ON_WRITES = ("late_write", "refuse", "refused_partway", "reordered")


@dataclass
class Xero:
	sandbox: SandboxHandle
	struck: Counter[str] = field(default_factory=Counter)
	anothers: dict[str, dict] = field(default_factory=dict)
	done: Counter[str] = field(default_factory=Counter)
	"""What people have done in Xero."""
	home: str = ""
	away: str = ""
	_left: list[str] = field(default_factory=list)

	def __post_init__(self) -> None:
		self.home = self.admin.tenant("NZ")
		self.away = self.admin.act(self.home, "add_organisation", name="NexWave Trading NZ")["tenant"]

	@property
	def admin(self) -> AdminClient:
		return self.sandbox.admin

	@property
	def url(self) -> str:
		return self.sandbox.url

	@property
	def organisations(self) -> tuple[str, str]:
		return self.home, self.away

	def site_config(self) -> dict[str, str]:
		return dict.fromkeys(("xero_api_url", "xero_identity_url", "xero_login_url"), self.url)

	def app(self) -> dict[str, str]:
		return {"client_id": DEMO_APP[0], "client_secret": DEMO_APP[1]}

	def token(self) -> dict:
		return self.admin.mint(*self.organisations)

	def use_numbers(self, next_names: dict[str, str], documents: int) -> None:
		"""Enter invoices and bills in both organisations by hand, under numbers that ERPNext is going to use."""
		token = self.token()["access_token"]
		for doctype, kind, account in (
			("Sales Invoice", "ACCREC", "200"),
			("Purchase Invoice", "ACCPAY", "300"),
		):
			stem, digits = re.fullmatch(r"(.*?)(\d+)", next_names[doctype]).groups()  # type: ignore[union-attr]
			for number in range(10):
				name = f"{stem}{int(digits) + 3 + number * documents // 40:0{len(digits)}d}"
				line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 80, "AccountCode": account}
				entered = {
					"Type": kind,
					"InvoiceNumber": name.lower() if kind == "ACCREC" and number % 2 else name,
					"Contact": {"Name": "Somebody Else"},
					"Date": "2026-07-01",
					"DueDate": "2026-07-20",
					"Status": "AUTHORISED",
					"LineItems": [{**line, "TaxType": "NONE"}],
				}
				for organisation in self.organisations:
					self._put(token, organisation, entered)
		self.anothers = {
			_id(entry): entry for organisation in self.organisations for entry in self.documents(organisation)
		}

	def interfere(self, draw: random.Random) -> None:
		"""Somebody in Xero copies one of our documents, link and all, types it once more, or merges its contact.

		Bills and their credit notes get the same number. A sales number is unique, so these get one of their own.
		"""
		organisation = draw.choice(self.organisations)
		ours = [
			entry
			for entry in self.documents(organisation)
			if entry["Status"] in ("AUTHORISED", "SUBMITTED", "DRAFT") and _id(entry) not in self.anothers
		]
		if not ours:
			return
		entry = draw.choice(ours)
		if draw.random() < 0.3 and self.done["contacts merged in Xero"] < MAX_CONTACT_MERGES:
			self._merge_contacts(organisation, entry, draw.choice(ours))
			return
		is_bill = entry["Type"].startswith("ACCPAY")
		number = _number(entry) if is_bill else f"{_number(entry)} by hand {draw.randrange(10**6)}"
		try:
			if draw.random() < 0.5:
				made = self.admin.act(organisation, "copy", id=_id(entry), new_number=number)
				self.admin.act(organisation, "approve", id=made["id"])
				self.done["copied in Xero"] += 1
			else:
				made = self.admin.act(organisation, "enter", **_as_typed(entry, number))
				self.done["typed in Xero"] += 1
		except AdminError:
			return  # The page said no: a lock date, for example.
		self.anothers[made["id"]] = self.admin.document(made["id"])["wire"]

	def _merge_contacts(self, organisation: str, of: dict, into: dict) -> None:
		"""Two parties of ours become one contact. The merge moves all its documents, also those that are not ours."""
		old, new = of["Contact"]["ContactID"], into["Contact"]["ContactID"]
		if old == new or of["Type"][:6] != into["Type"][:6]:
			return
		self.admin.act(organisation, "merge_contact", contact_id=old, into=new)
		self.done["contacts merged in Xero"] += 1
		for id_, entry in self.anothers.items():
			if entry["Contact"]["ContactID"] == old:
				moved = self.admin.document(id_)["wire"]["Contact"]
				self.anothers[id_] = {**entry, "Contact": moved}

	def _put(self, token: str, organisation: str, body: dict) -> None:
		request = urllib.request.Request(
			f"{self.url}/api.xro/2.0/Invoices",
			method="PUT",
			data=json.dumps({"Invoices": [body]}).encode(),
			headers={
				"Authorization": f"Bearer {token}",
				"Xero-Tenant-Id": organisation,
				"Content-Type": "application/json",
				"Accept": "application/json",
			},
		)
		urllib.request.urlopen(request, timeout=30).close()

	def misbehave(self, draw: random.Random) -> None:
		"""Add one more fault, each kind in turn; release held calls, and remove a lock date again."""
		self.admin.release()
		for fault in self.admin.faults():
			if fault["fired"]:
				self.struck[fault["kind"]] += fault["fired"]
				self.admin.remove_fault(fault["id"])
				if fault["kind"] == "lock_date":
					self._remove_lock_dates()
		if len(self.admin.faults()) >= MAX_AT_A_TIME:
			return
		self._left = self._left or draw.sample(list(OPTIONS), len(OPTIONS))
		kind = self._left.pop()
		options = {name: draw.choice(values) for name, values in _lists(OPTIONS[kind]).items()}
		if kind == "refuse":
			options["contains"] = str(draw.randint(0, 9))
		if kind in ONLY_ON_WRITES or draw.random() < 0.6:
			options |= {"method": draw.choice(["PUT", "PUT", "PUT", "POST"]), "path": WRITES}
		else:
			options |= {"path": "(api.xro|connect/token)"}
		self.admin.fault(kind, count=draw.choice([1, 1, 2]), **options)

	def recover(self) -> None:
		"""Let Xero work normally from now on."""
		for fault in self.admin.faults():
			if fault["fired"]:
				self.struck[fault["kind"]] += fault["fired"]
		self.admin.clear_faults()
		self.admin.release()
		self._remove_lock_dates()

	def _remove_lock_dates(self) -> None:
		for organisation in self.organisations:
			self.admin.act(organisation, "lock")

	def documents(self, organisation: str) -> list[dict]:
		"""All the organisation's documents, read from the ledger itself."""
		return [
			entry["wire"]
			for kind in ("ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT")
			for entry in self.admin.documents(tenant=organisation, type=kind, limit=100000)
		]


def _id(entry: dict) -> str:
	return entry.get("InvoiceID") or entry["CreditNoteID"]


def _number(entry: dict) -> str:
	return entry.get("InvoiceNumber") or entry["CreditNoteNumber"]


def _as_typed(entry: dict, number: str) -> dict[str, object]:
	"""The document as somebody with the paper on their desk types it."""
	return {
		"type": entry["Type"],
		"number": number,
		"contact_id": entry["Contact"]["ContactID"],
		"date": entry["DateString"][:10],
		"due_date": (entry.get("DueDateString") or entry["DateString"])[:10],
		"lines": [
			{
				"description": "Typed by hand",
				"quantity": line["Quantity"],
				"unit_amount": line["UnitAmount"],
				"account": line["AccountCode"],
				"tax_type": line["TaxType"],
			}
			for line in entry["LineItems"]
		],
	}


def _lists(options: dict) -> dict[str, list]:
	return {name: value if isinstance(value, list) else [value] for name, value in options.items()}
