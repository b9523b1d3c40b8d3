"""What the chaos run does on the site: set-up, users, sweeps, passing time, and the final state of ERPNext.

Runs in the bench's Python, in its sites folder: ``python -m benchmarks.chaos_site SITE``, see site_hand.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils import add_days, nowdate

from benchmarks.site_hand import PATIENCE_SECONDS, connect, serve

COMPANY = "Chaos Ltd"
ABBR = "CHA"
LOG = "Xero Sync Log"
CUSTOMERS = [f"Chaos Customer {number}" for number in range(1, 11)]
SUPPLIERS = [f"Chaos Supplier {number}" for number in range(1, 6)]
SERIES = {"Sales Invoice": "ACC-SINV-.YYYY.-", "Purchase Invoice": "ACC-PINV-.YYYY.-"}
RENAMES, DELETES, MERGES = 0.06, 0.06, 0.04
"""How often, after a document, somebody renames or deletes one, or merges two customers or suppliers."""
BILL_NUMBERS = 200
"""How many numbers the suppliers have, so that bills share them, also within a batch."""
PROGRESS = "../logs/users.log"
BEHIND, KEEP_UP_SECONDS = 60, 5
"""With more open rows than this, a user waits before each document, for this long."""


def prepare(tenant: str, cell: str, client_id: str, client_secret: str) -> dict[str, str]:
	"""Set up a company that sends everything to the organisation. Returns the next name of each DocType.

	cell: the settings that identity and state depend on, see nexwave_xero_connector/tests/matrix.py.
	"""
	from nexwave_xero_connector.tests import bench_world
	from nexwave_xero_connector.tests.bench_sandbox import use_app
	from nexwave_xero_connector.tests.matrix import cell_named
	from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

	use_app(client_id, client_secret)
	make_company(COMPANY, ABBR)
	bench_world.set_up_company()
	for doctype, names in (("Customer", CUSTOMERS), ("Supplier", SUPPLIERS)):
		for name in names:
			frappe.get_doc({"doctype": doctype, f"{doctype.lower()}_name": name}).insert()
	frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": COMPANY,
			"enabled": 1,
			"start_date": add_days(nowdate(), -30),
			"tenant_id": tenant,
			"organisation_name": "NexWave Demo NZ",
			"base_currency": "NZD",
			**cell_named(cell).settings(),
			"default_sales_account": make_account(COMPANY, "200"),
			"default_purchase_account": make_account(
				COMPANY, "300", account_class="EXPENSE", account_type="DIRECTCOSTS"
			),
			"rounding_account": make_account(
				COMPANY, "860", account_class="LIABILITY", account_type="CURRLIAB"
			),
			"tax_mapping": [
				{
					"template_type": "Item Tax Template",
					"template": _tax_template(),
					"xero_tax_rate": make_tax_rate(
						COMPANY,
						"NONE",
						tax_rate_name="No GST",
						effective_rate=0,
						can_apply_to_revenue=1,
						can_apply_to_expenses=1,
					),
				}
			],
		}
	).insert()
	bench_world.connect_without_consent(COMPANY)
	frappe.db.commit()
	names = {}
	for doctype in SERIES:
		names[doctype] = _draft(doctype, random.Random(0)).insert().name
		frappe.db.rollback()
	return names


def consent(token: dict[str, object]) -> None:
	"""Connect the organisation, again or for the first time."""
	from nexwave_xero_connector.erp.connection.tokens import store_token
	from nexwave_xero_connector.xero_api.oauth import Token

	expires_at = datetime.now(timezone.utc) + timedelta(seconds=int(token["expires_in"]))
	name = frappe.db.get_value("Xero Connection", {"company": COMPANY}, "name", for_update=True)
	store_token(name, Token(token["access_token"], token["refresh_token"], expires_at, token["scope"]))
	frappe.db.set_value("Xero Connection", name, {"state": "Connected", "paused_until": None})
	frappe.db.commit()
	frappe.clear_document_cache("Xero Connection", name)


def choose_organisation(tenant: str) -> None:
	"""Send to this organisation from now on, as a System Manager who presses Choose Organisation."""
	from nexwave_xero_connector.api import connection

	connection.choose_organisation(COMPANY, tenant)
	frappe.db.commit()


def user(seed: str, documents: int, cancels: int) -> dict[str, int]:
	"""One user's day: submit that many documents of all kinds, and cancel that many of them at random times."""
	draw = random.Random(seed)
	done: Counter[str] = Counter()
	mine: list[tuple[str, str]] = []
	cancel_after = sorted(draw.sample(range(documents), cancels))
	for number in range(documents):
		_persistently(_let_workers_keep_up, done)
		document = _persistently(lambda: _submit(draw, mine), done)
		mine.append(document)
		done[f"{document[0]} submitted"] += 1
		with open(PROGRESS, "a") as progress:
			print("submitted", *document, file=progress)
		while cancel_after and cancel_after[0] <= number:
			cancel_after.pop(0)
			_persistently(lambda: _cancel(draw, mine, done), done)
		event = draw.random()
		if event < RENAMES:
			_persistently(lambda: _rename(draw, mine, done), done)
		elif event < RENAMES + DELETES:
			_persistently(lambda: _delete(mine, done), done)
		elif event < RENAMES + DELETES + MERGES:
			_persistently(lambda: _merge_parties(draw, done), done)
	return dict(done)


def _let_workers_keep_up() -> None:
	"""Users and workers have to overlap: on a slow machine the users would be done before the first worker starts."""
	end = time.monotonic() + KEEP_UP_SECONDS
	while frappe.db.count(LOG, {"company": COMPANY, "due_at": ("is", "set")}) > BEHIND:
		if time.monotonic() > end:
			return
		frappe.db.rollback()
		time.sleep(0.5)


def _submit(draw: random.Random, mine: list[tuple[str, str]]) -> tuple[str, str]:
	from erpnext.controllers.sales_and_purchase_return import make_return_doc

	doctype = draw.choices(list(SERIES), (55, 45))[0]
	originals = [name for kind, name in mine if kind == doctype]
	document = None
	if draw.random() < 0.2 and originals:
		original = frappe.get_doc(doctype, draw.choice(originals))
		returned = frappe.db.exists(doctype, {"return_against": original.name})
		if original.docstatus == 1 and not original.is_return and not returned:
			document = make_return_doc(doctype, original.name)
			document.update_outstanding_for_self = draw.random() < 0.5
	document = document or _draft(doctype, draw)
	# No name tells for ever which document it is: this does, in ERPNext and in Xero.
	document.items[0].description = f"Chaos {draw.getrandbits(64):016x}"
	document.insert().submit()
	frappe.db.commit()
	return document.doctype, document.name


def _cancel(draw: random.Random, mine: list[tuple[str, str]], done: Counter[str]) -> None:
	"""Cancel the last document or a random one; ERPNext does not cancel an invoice that has a return."""
	for _ in range(20):
		doctype, name = mine[-1] if draw.random() < 0.5 else draw.choice(mine)
		document = frappe.get_doc(doctype, name)
		if document.docstatus != 1 or frappe.db.exists(doctype, {"return_against": name, "docstatus": 1}):
			continue
		document.cancel()
		frappe.db.commit()
		done["cancelled"] += 1
		return


def _rename(draw: random.Random, mine: list[tuple[str, str]], done: Counter[str]) -> None:
	"""Rename one document, often while a worker has it; half the time another one gets its name."""
	doctype, name = mine[-1] if draw.random() < 0.5 else draw.choice(mine)
	new_name = f"{name}-R{draw.randrange(1000)}"
	others = [other for kind, other in mine if kind == doctype and other != name]
	heir = draw.choice(others) if others and draw.random() < 0.5 else None
	_rename_one(doctype, name, new_name, mine)
	done["renamed"] += 1
	if heir:
		_rename_one(doctype, heir, name, mine)
		done["given another's name"] += 1


def _rename_one(doctype: str, name: str, new_name: str, mine: list[tuple[str, str]]) -> None:
	frappe.rename_doc(doctype, name, new_name, force=True, show_alert=False)
	frappe.db.commit()
	mine[mine.index((doctype, name))] = (doctype, new_name)


def _delete(mine: list[tuple[str, str]], done: Counter[str]) -> None:
	"""Cancel and delete the last document; its name goes back to the series, and the next one gets it."""
	doctype, name = mine[-1]
	document = frappe.get_doc(doctype, name)
	if frappe.db.exists(doctype, {"return_against": name, "docstatus": ("<", 2)}):
		return
	if document.docstatus == 1:
		document.cancel()
		frappe.db.commit()
		done["cancelled"] += 1
	frappe.delete_doc(doctype, name, force=True)
	frappe.db.commit()
	mine.pop()
	done["deleted"] += 1


def _merge_parties(draw: random.Random, done: Counter[str]) -> None:
	"""Two customers or suppliers become one while workers have their documents; another one takes the vacant place.

	Half the time that is a namesake, and so finds the contact that the first one has left in Xero.
	"""
	doctype = draw.choice(("Customer", "Supplier"))
	old, new = draw.sample(_parties(doctype), 2)
	frappe.rename_doc(doctype, old, new, merge=True, force=True, show_alert=False)
	frappe.db.commit()
	done[f"{doctype.lower()}s merged"] += 1
	name = old if draw.random() < 0.5 else f"Chaos {doctype} {draw.randrange(10**6)}"
	frappe.get_doc({"doctype": doctype, f"{doctype.lower()}_name": name}).insert()
	frappe.db.commit()


def _parties(doctype: str) -> list[str]:
	"""Those that are there now: users merge them."""
	return frappe.get_all(doctype, {"name": ("like", "Chaos %")}, pluck="name", order_by="name")


def _persistently(act: Callable[[], object], done: Counter[str]) -> object:
	"""Try again after an error page, as a user would. What failed was not committed."""
	end = time.monotonic() + PATIENCE_SECONDS
	while True:
		try:
			return act()
		except Exception as failure:
			done[f"told {type(failure).__name__}"] += 1
			traceback.print_exc()
			if time.monotonic() > end:
				raise
			time.sleep(0.5)
			_connect_again()


def _connect_again() -> None:
	try:
		frappe.db.rollback()
		frappe.db.sql("select 1")
	except Exception:
		frappe.destroy()
		connect(sys.argv[1])


def _draft(doctype: str, draw: random.Random) -> object:
	from nexwave_xero_connector.tests.bench_world import ITEM

	party = draw.choice(_parties("Customer" if doctype == "Sales Invoice" else "Supplier"))
	return frappe.get_doc(
		{
			"doctype": doctype,
			"naming_series": SERIES[doctype],
			**({} if doctype == "Sales Invoice" else {"bill_no": f"S-{draw.randint(1, BILL_NUMBERS)}"}),
			"company": COMPANY,
			("customer" if doctype == "Sales Invoice" else "supplier"): party,
			"posting_date": nowdate(),
			"due_date": add_days(nowdate(), 20),
			"currency": "NZD",
			"conversion_rate": 1,
			"disable_rounded_total": 1,
			"items": [
				{
					"item_code": ITEM,
					"qty": draw.randint(1, 9),
					"rate": draw.randint(100, 99999) / 100,
					"item_tax_template": f"Chaos No GST - {ABBR}",
				}
			],
		}
	)


def _tax_template() -> str:
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": "Chaos GST",
			"company": COMPANY,
			"account_type": "Tax",
			"parent_account": f"Duties and Taxes - {ABBR}",
		}
	).insert()
	template = {"doctype": "Item Tax Template", "title": "Chaos No GST", "company": COMPANY}
	return frappe.get_doc({**template, "taxes": [{"tax_type": account.name, "tax_rate": 0}]}).insert().name


def sweep() -> None:
	from nexwave_xero_connector.jobs import sweep

	sweep.sweep()


def pass_time(seconds: float, xero_url: str) -> None:
	from nexwave_xero_connector.tests.passing_time import pass_time
	from sandbox.xero.launcher import AdminClient

	pass_time(timedelta(seconds=seconds), AdminClient(xero_url))


def waiting() -> dict[str, object]:
	"""How many rows are open, how many are due, and in how many seconds the next one is (None: not automatically)."""
	now = "UTC_TIMESTAMP(6)"
	paused, state = frappe.db.sql(
		f"select greatest(0, timestampdiff(second, {now}, paused_until)) + 1, state from `tabXero Connection`"
		" where company = %s",
		COMPANY,
	)[0]
	opened, due, next_due = frappe.db.sql(
		f"select count(*), ifnull(sum(due_at <= {now}), 0), timestampdiff(second, {now}, min(due_at)) + 1"
		f" from `tab{LOG}` where company = %s and due_at is not null",
		COMPANY,
	)[0]
	wait = max(next_due or 0, (paused or 0) if paused and paused > 1 else 0)
	return {"open": opened, "due": int(due), "next": wait if opened else None, "state": state}


def press_buttons() -> int:
	"""Press Retry, or Void, on everything that has failed, as the accountant would. Returns how often."""
	from nexwave_xero_connector.api import sync

	rows = frappe.get_all(
		LOG,
		filters={"company": COMPANY, "is_latest": 1, "status": "Failed"},
		fields=["reference_doctype", "reference_name"],
	)
	pressed = 0
	for row in rows:
		try:
			sync.retry(row.reference_doctype, row.reference_name)
			pressed += 1
		except frappe.ValidationError:
			pass  # It is cancelled and was never sent, and the accountant gets to read that.
		frappe.db.commit()
	return pressed


def state() -> list[dict[str, object]]:
	"""Every document of the company that was ever submitted, with its latest row, and those that were deleted since."""
	documents = []
	for doctype in SERIES:
		own = "o.reference_doctype = %(doctype)s and o.reference_name = d.name and o.reference_creation = d.creation"
		documents += frappe.db.sql(
			f"""select %(doctype)s doctype, d.name, d.docstatus, d.is_return, d.return_against,
				d.update_outstanding_for_self own_balance, abs(d.grand_total) total, l.status, l.error_class, l.message,
				l.xero_id, i.description token, (select count(*) from `tab{LOG}` o where {own}) row_count,
				(select group_concat(left(x.tenant_id, 8), ' ', ifnull(x.xero_id, '-'), ' in doubt until ',
					ifnull(x.unconfirmed_until, '-') separator '; ') from `tabXero Document` x
					where x.document_key = substring_index(l.name, '-', 1)) known,
				(select count(*) from `tab{LOG}` o where {own} and o.due_at is not null) open_rows
			from `tab{doctype}` d
			join `tab{doctype} Item` i on i.parent = d.name and i.idx = 1
			left join `tab{LOG}` l on l.reference_doctype = %(doctype)s and l.reference_name = d.name
				and l.reference_creation = d.creation and l.is_latest = 1
			where d.company = %(company)s and d.docstatus > 0""",
			{"doctype": doctype, "company": COMPANY},
			as_dict=True,
		)
		documents += frappe.db.sql(
			f"""select %(doctype)s doctype, l.reference_name name, 'deleted' docstatus, l.status, l.error_class,
				l.message, l.xero_id, l.due_at is not null open_rows
			from `tab{LOG}` l left join `tab{doctype}` d on d.name = l.reference_name
				and d.creation = l.reference_creation
			where l.company = %(company)s and l.reference_doctype = %(doctype)s and l.is_latest = 1
				and d.name is null""",
			{"doctype": doctype, "company": COMPANY},
			as_dict=True,
		)
	return documents


if __name__ == "__main__":
	serve(prepare, consent, choose_organisation, user, sweep, pass_time, waiting, press_buttons, state)
