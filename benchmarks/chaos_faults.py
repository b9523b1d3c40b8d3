"""Xero on its worst day: every fault that the sandbox knows, at random, and people in Xero who use our numbers."""

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
ONLY_ON_WRITES = ("late_write", "refuse", "refused_partway", "reordered")


@dataclass
class Xero:
	sandbox: SandboxHandle
	struck: Counter[str] = field(default_factory=Counter)
	anothers: dict[str, dict] = field(default_factory=dict)
	done: Counter[str] = field(default_factory=Counter)
	"""What people have done in Xero."""
	_left: list[str] = field(default_factory=list)

	@property
	def admin(self) -> AdminClient:
		return self.sandbox.admin

	@property
	def url(self) -> str:
		return self.sandbox.url

	@property
	def tenant(self) -> str:
		return self.admin.tenant("NZ")

	def site_config(self) -> dict[str, str]:
		return dict.fromkeys(("xero_api_url", "xero_identity_url", "xero_login_url"), self.url)

	def app(self) -> dict[str, str]:
		return {"client_id": DEMO_APP[0], "client_secret": DEMO_APP[1]}

	def token(self) -> dict:
		return self.admin.mint(self.tenant)

	def use_numbers(self, next_names: dict[str, str], documents: int) -> None:
		"""Enter invoices and bills in Xero by hand, under numbers that ERPNext is going to use."""
		token = self.token()["access_token"]
		for doctype, kind, account in (
			("Sales Invoice", "ACCREC", "200"),
			("Purchase Invoice", "ACCPAY", "300"),
		):
			stem, digits = re.fullmatch(r"(.*?)(\d+)", next_names[doctype]).groups()  # type: ignore[union-attr]
			for number in range(10):
				name = f"{stem}{int(digits) + 3 + number * documents // 40:0{len(digits)}d}"
				line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 80, "AccountCode": account}
				self._put(
					token,
					{
						"Type": kind,
						"InvoiceNumber": name.lower() if kind == "ACCREC" and number % 2 else name,
						"Contact": {"Name": "Somebody Else"},
						"Date": "2026-07-01",
						"DueDate": "2026-07-20",
						"Status": "AUTHORISED",
						"LineItems": [{**line, "TaxType": "NONE"}],
					},
				)
		self.anothers = {_id(entry): entry for entry in self.documents()}

	def interfere(self, draw: random.Random) -> None:
		"""Somebody in Xero copies one of our documents, link and all, or types it once more.

		Bills and their credit notes get the same number. A sales number is unique, so these get one of their own.
		"""
		ours = [
			entry
			for entry in self.documents()
			if entry["Status"] == "AUTHORISED" and _id(entry) not in self.anothers
		]
		if not ours:
			return
		entry = draw.choice(ours)
		is_bill = entry["Type"].startswith("ACCPAY")
		number = _number(entry) if is_bill else f"{_number(entry)} by hand {draw.randrange(10**6)}"
		try:
			if draw.random() < 0.5:
				made = self.admin.act(self.tenant, "copy", id=_id(entry), new_number=number)
				self.admin.act(self.tenant, "approve", id=made["id"])
				self.done["copied in Xero"] += 1
			else:
				made = self.admin.act(self.tenant, "enter", **_as_typed(entry, number))
				self.done["typed in Xero"] += 1
		except AdminError:
			return  # The page said no: a lock date, for example.
		self.anothers[made["id"]] = self.admin.document(made["id"])["wire"]

	def _put(self, token: str, body: dict) -> None:
		request = urllib.request.Request(
			f"{self.url}/api.xro/2.0/Invoices",
			method="PUT",
			data=json.dumps({"Invoices": [body]}).encode(),
			headers={
				"Authorization": f"Bearer {token}",
				"Xero-Tenant-Id": self.tenant,
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
					self.admin.act(self.tenant, "lock")
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
		self.admin.act(self.tenant, "lock")

	def documents(self) -> list[dict]:
		"""All the organisation's documents, read from the ledger itself."""
		return [
			entry["wire"]
			for kind in ("ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT")
			for entry in self.admin.documents(tenant=self.tenant, type=kind, limit=100000)
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
