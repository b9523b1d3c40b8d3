"""What a person does in Xero's own pages, at a test's request.

Documents are in person_documents; here are payments, contacts, settings and users.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .identity.tokens import DEMO_USER
from .ledger.incoming import Element
from .ledger.model import CREDIT_NOTE, INVOICE
from .money import half_up
from .person_documents import (
	PERSON,
	CannotDo,
	copy_to,
	document_named,
	edit,
	enter,
	recode,
	renumber,
	set_status,
)
from .seed.organisations import CURRENCY_NAMES, ORGANISATIONS, sow_organisation
from .world import World


def act(world: World, tenant: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
	"""Carries out one of ACTIONS in one organisation, as a person would, and returns what changed."""
	if action not in ACTIONS:
		raise CannotDo(f"action is one of {', '.join(ACTIONS)}")
	if tenant not in world.tenants():
		raise CannotDo(f"There is no organisation {tenant}")
	with world.storage.transaction():
		result = ACTIONS[action](world, tenant, Element(arguments))
	world.forget_books(tenant)
	return result


def _pay(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	document = document_named(world, tenant, arguments)
	amount = arguments.number("amount") or document.amount_due
	books = world.books(tenant)
	account = books.account(arguments.text("account") or "090", None)
	if account is None:
		raise CannotDo("There is no such bank account")
	date = arguments.date("date") or world.clock.today(books.zone)
	payment_id, errors = world.settlement.pay(
		document, half_up(Decimal(amount)), date, account["AccountID"], PERSON
	)
	if errors:
		raise CannotDo("; ".join(errors))
	return {"payment_id": payment_id, "id": document.id, "status": document.status}


def _unpay(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	payment_id = arguments.text("payment_id") or ""
	if not world.settlement.remove_payment(tenant, payment_id, PERSON):
		raise CannotDo("There is no such payment")
	return {"payment_id": payment_id}


def _apply_money_ahead(kind: str) -> Callable[..., dict[str, Any]]:
	def action(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
		"""Applies a prepayment or an overpayment to the invoice."""
		document = document_named(world, tenant, arguments)
		amount = half_up(arguments.number("amount") or document.amount_due)
		reference = arguments.text("reference") or ""
		id_, errors = world.settlement.apply_money_ahead(
			document, kind, amount, document.date, reference, PERSON
		)
		if errors:
			raise CannotDo("; ".join(errors))
		return {f"{kind}_id": id_, "id": document.id}

	return action


def _remove_money_ahead(kind: str) -> Callable[..., dict[str, Any]]:
	def action(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
		id_ = arguments.text(f"{kind}_id") or ""
		if not world.settlement.remove_money_ahead(tenant, id_, PERSON):
			raise CannotDo(f"There is no such {kind}")
		return {f"{kind}_id": id_}

	return action


def _allocate(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	credit_note = world.documents.get(tenant, arguments.text("credit_note_id") or "", CREDIT_NOTE)
	invoice = world.documents.get(tenant, arguments.text("invoice_id") or "", INVOICE)
	if credit_note is None or invoice is None:
		raise CannotDo("credit_note_id and invoice_id name the two documents")
	amount = half_up(arguments.number("amount") or min(credit_note.amount_due, invoice.amount_due))
	date = max(credit_note.date, invoice.date)
	allocation_id, errors = world.settlement.allocate(credit_note, invoice, amount, date, PERSON)
	if errors:
		raise CannotDo("; ".join(errors))
	return {"allocation_id": allocation_id}


def _remove_allocation(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	allocation_id = arguments.text("allocation_id") or ""
	credit_note_id = arguments.text("credit_note_id") or ""
	if not world.settlement.remove_allocation(tenant, credit_note_id, allocation_id, PERSON):
		raise CannotDo("There is no such allocation")
	return {"allocation_id": allocation_id}


def _contact(world: World, tenant: str, arguments: Element) -> Any:
	contact_id, name = arguments.text("contact_id"), arguments.text("name") or ""
	contact = (
		world.contacts.get(tenant, contact_id)
		if contact_id
		else world.contacts.by_name(tenant, name) or world.contacts.by_name(tenant, name, archived=True)
	)
	if contact is None:
		raise CannotDo("There is no contact with that id or name")
	return copy.deepcopy(contact)


def _change_contact(world: World, contact: Any, change: str, details: str = "") -> dict[str, Any]:
	contact.updated = world.clock.milliseconds()
	world.contacts.save(contact)
	world.history.note(contact.tenant, contact.id, contact.updated, PERSON, change, details)
	return {"contact_id": contact.id, "name": contact.name, "status": contact.status}


def _archive_contact(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	contact = _contact(world, tenant, arguments)
	contact.status = "ACTIVE" if arguments.boolean("undo") else "ARCHIVED"
	return _change_contact(world, contact, "Restored" if arguments.boolean("undo") else "Archived")


def _rename_contact(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	contact = _contact(world, tenant, arguments)
	old, contact.name = contact.name, arguments.text("new_name") or contact.name
	return _change_contact(world, contact, "Edited", f"Name changed from {old}")


def _merge_contact(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Archives the contact and moves its documents to another one."""
	contact = _contact(world, tenant, arguments)
	into = world.contacts.get(tenant, arguments.text("into") or "")
	if into is None or into.id == contact.id:
		raise CannotDo("into names the contact to merge into")
	contact.status, contact.fields["MergedToContactID"] = "ARCHIVED", into.id
	for row in world.storage.rows(
		"SELECT id FROM documents WHERE tenant = ? AND contact_id = ?", tenant, contact.id
	):
		document = world.documents.get(tenant, row["id"])
		assert document
		document.contact_id = into.id
		world.documents.save(document)
	return _change_contact(world, contact, "Merged", f"Into {into.name}")


def _change_setting(
	world: World, tenant: str, kind: str, key: str, row: dict[str, Any] | None, **changes: Any
) -> dict[str, Any]:
	if row is None:
		raise CannotDo("There is no such entry")
	world.books(tenant).save(kind, key, {**row, **changes})
	return {"key": key, **changes}


def _archive_account(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	row = world.books(tenant).account(arguments.text("code"), None)
	status = "ACTIVE" if arguments.boolean("undo") else "ARCHIVED"
	return _change_setting(world, tenant, "account", row["AccountID"] if row else "", row, Status=status)


def _swap_accounts(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Exchanges the codes of two accounts."""
	books = world.books(tenant)
	one, two = books.account(arguments.text("code"), None), books.account(arguments.text("other"), None)
	if one is None or two is None:
		raise CannotDo("code and other name two accounts")
	books.save("account", one["AccountID"], {**one, "Code": two["Code"]})
	books.save("account", two["AccountID"], {**two, "Code": one["Code"]})
	return {one["Name"]: two["Code"], two["Name"]: one["Code"]}


def _add_account(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Adds an account like the one with the code `like`."""
	row = world.books(tenant).account(arguments.text("like"), None)
	key = str(uuid.uuid4())
	changes = {"AccountID": key, "Code": arguments.text("code"), "Name": arguments.text("name")}
	return _change_setting(world, tenant, "account", key, row, **changes)


def _delete_account(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	row = world.books(tenant).account(arguments.text("code"), None)
	if row is None:
		raise CannotDo("There is no such account")
	world.books(tenant).remove("account", row["AccountID"])
	return {"key": row["AccountID"]}


def _delete_tax_rate(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""`status` may be ARCHIVED or PENDING instead."""
	tax_type = arguments.text("tax_type") or ""
	status = "ACTIVE" if arguments.boolean("undo") else arguments.text("status") or "DELETED"
	if status not in ("ACTIVE", "DELETED", "ARCHIVED", "PENDING"):
		raise CannotDo("status is one of DELETED, ARCHIVED, PENDING")
	return _change_setting(
		world, tenant, "tax_rate", tax_type, world.books(tenant).tax_rate(tax_type), Status=status
	)


def _add_tax_rate(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Adds a custom tax rate for every class of account; `components` are name, rate and compound."""
	components = [
		{
			"Name": part.text("name") or "",
			"Rate": part.number("rate") or Decimal(0),
			"IsCompound": bool(part.boolean("compound")),
			"IsNonRecoverable": False,
		}
		for part in arguments.objects("components") or []
	]
	if not components:
		raise CannotDo("components name the parts of the rate")
	plain = sum((part["Rate"] for part in components if not part["IsCompound"]), Decimal(0))
	compound = sum((part["Rate"] for part in components if part["IsCompound"]), Decimal(0))
	rate = plain + compound * (100 + plain) / 100
	tax_type = arguments.text("tax_type") or ""
	applies = {
		f"CanApplyTo{name}": True for name in ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")
	}
	row = {
		"Name": arguments.text("name") or tax_type,
		"TaxType": tax_type,
		"ReportTaxType": "OUTPUT",
		**applies,
		"DisplayTaxRate": rate,
		"EffectiveRate": rate,
		"Status": "ACTIVE",
		"TaxComponents": components,
	}
	world.books(tenant).save("tax_rate", tax_type, row)
	return {"tax_type": tax_type}


def _archive_tracking(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	row = world.books(tenant).tracking_category(arguments.text("name"), None)
	return _change_setting(
		world, tenant, "tracking_category", row["TrackingCategoryID"] if row else "", row, Status="ARCHIVED"
	)


def _subscribe(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	code = arguments.text("currency") or ""
	if code not in CURRENCY_NAMES:
		raise CannotDo(f"currency is one of {', '.join(CURRENCY_NAMES)}")
	world.books(tenant).save("currency", code, {"Code": code, "Description": CURRENCY_NAMES[code]})
	return {"currency": code}


def _unsubscribe(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	code = arguments.text("currency") or ""
	world.books(tenant).remove("currency", code)
	return {"currency": code}


def _set_role(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""A user's role: standard, or read_only."""
	role = arguments.text("role")
	if role not in ("standard", "read_only"):
		raise CannotDo("role is standard or read_only")
	user = arguments.text("user") or DEMO_USER
	world.identity.set_role(user, tenant, reads_only=role == "read_only")
	return {"user": user, "role": role}


def _lock(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Sets or, without a date, removes the lock dates."""
	organisation = world.books(tenant).organisation
	changes = {
		"_period_lock_date": arguments.date("period"),
		"_end_of_year_lock_date": arguments.date("end_of_year"),
	}
	return _change_setting(world, tenant, "organisation", tenant, organisation, **changes)


def _rename_organisation(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	changes = {"Name": arguments.text("name"), "ShortCode": arguments.text("short_code")}
	given = {field: text for field, text in changes.items() if text}
	return _change_setting(world, tenant, "organisation", tenant, world.books(tenant).organisation, **given)


def _rename_account(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	row = world.books(tenant).account(arguments.text("code"), None)
	changes = {"Name": arguments.text("name"), "Code": arguments.text("new_code")}
	given = {field: text for field, text in changes.items() if text}
	return _change_setting(world, tenant, "account", row["AccountID"] if row else "", row, **given)


def _rename_tracking(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Renames a category (`new_name`), or renames or archives one of its options. The ids stay."""
	row = world.books(tenant).tracking_category(arguments.text("name"), None)
	options = copy.deepcopy((row or {}).get("Options", []))
	for option in options:
		if option["Name"] == arguments.text("option"):
			option["Name"] = arguments.text("new_option") or option["Name"]
			option["Status"] = "ARCHIVED" if arguments.boolean("archive") else option["Status"]
			break
	key = row["TrackingCategoryID"] if row else ""
	name = arguments.text("new_name") or arguments.text("name")
	return _change_setting(world, tenant, "tracking_category", key, row, Name=name, Options=options)


def _add_item(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	code, is_tracked = arguments.text("code") or "", bool(arguments.boolean("tracked"))
	item = {"ItemID": str(uuid.uuid4()), "Code": code, "IsTrackedAsInventory": is_tracked}
	world.books(tenant).save("item", code, item)
	world.forget_books(tenant)
	return item


def _add_theme(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	theme = {"BrandingThemeID": str(uuid.uuid4()), "Name": arguments.text("name")}
	world.books(tenant).save("branding_theme", theme["BrandingThemeID"], theme)
	world.forget_books(tenant)
	return theme


def _add_organisation(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Another organisation of the same country and currency, as `name`, with a chart of accounts of its own."""
	key = world.books(tenant).organisation["_key"]
	like = next(organisation for organisation in ORGANISATIONS if organisation.key == key)
	new_tenant = str(uuid.uuid4())
	name = arguments.text("name") or like.name
	sow_organisation(
		world.storage, replace(like, name=name, short_code=f"!{new_tenant[:5]}"), tenant=new_tenant
	)
	return {"tenant": new_tenant}


def _reset_demo(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""What Xero does to demo companies every four weeks: all data gone, a new tenant id, no valid connections."""
	key = world.books(tenant).organisation["_key"]
	organisation = next(organisation for organisation in ORGANISATIONS if organisation.key == key)
	tables = "settings documents contacts allocations money_ahead payments attachments history"
	for table in tables.split():
		world.storage.execute(f"DELETE FROM {table} WHERE tenant = ?", (tenant,))
	world.identity.disconnect(tenant=tenant)
	new_tenant = str(uuid.uuid4())
	sow_organisation(world.storage, organisation, new_tenant)
	return {"tenant": new_tenant}


ACTIONS: dict[str, Callable[[World, str, Element], dict[str, Any]]] = {
	"pay": _pay,
	"remove_payment": _unpay,
	"apply_prepayment": _apply_money_ahead("prepayment"),
	"remove_prepayment": _remove_money_ahead("prepayment"),
	"apply_overpayment": _apply_money_ahead("overpayment"),
	"remove_overpayment": _remove_money_ahead("overpayment"),
	"allocate": _allocate,
	"remove_allocation": _remove_allocation,
	"approve": set_status("AUTHORISED", ("DRAFT", "SUBMITTED"), "Approved"),
	"void": set_status("VOIDED", ("AUTHORISED",), "Voided"),
	"delete": set_status("DELETED", ("DRAFT", "SUBMITTED"), "Deleted"),
	"enter": enter,
	"edit": edit,
	"rename": renumber,
	"recode": recode,
	"copy": copy_to,
	"set_role": _set_role,
	"archive_contact": _archive_contact,
	"rename_contact": _rename_contact,
	"merge_contact": _merge_contact,
	"archive_account": _archive_account,
	"swap_accounts": _swap_accounts,
	"add_account": _add_account,
	"add_item": _add_item,
	"add_theme": _add_theme,
	"delete_account": _delete_account,
	"rename_account": _rename_account,
	"rename_organisation": _rename_organisation,
	"rename_tracking": _rename_tracking,
	"add_tax_rate": _add_tax_rate,
	"delete_tax_rate": _delete_tax_rate,
	"archive_tracking": _archive_tracking,
	"subscribe_currency": _subscribe,
	"unsubscribe_currency": _unsubscribe,
	"lock": _lock,
	"add_organisation": _add_organisation,
	"reset_demo": _reset_demo,
}
