"""/Contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.contact_rendering import full_contact
from ..ledger.contact_rules import ContactRules
from ..ledger.contact_store import ContactRecord, contact_from_row
from ..ledger.incoming import Element, read_elements
from ..problems import not_found, validation
from ..wire import ZERO_GUID, Answer, dumps, envelope, is_guid
from .documents import actor_of
from .listing import (
	CONTACT_FIELDS,
	UNPAGED_CAP,
	Query,
	apply_modified_since,
	apply_search,
	apply_where,
	order_of,
	page_of,
)

if TYPE_CHECKING:
	from ..world import World


def list_contacts(world: World, call: Call, found: list[str]) -> Answer:
	"""Archived contacts only with includeArchived=true."""
	query = Query("contacts c", "c.*")
	query.add("c.tenant = ?", call.tenant)
	query.add_list("c.id", call.query.get("ids"), str.lower)
	if not call.flag("includearchived"):
		query.add("c.status = 'ACTIVE'")
	apply_search(query, call, ("c.search_key",), names=True)
	apply_where(query, call, CONTACT_FIELDS)
	apply_modified_since(query, call, "c.updated")
	sql, parameters = query.sql()
	page, more = page_of(call), {}
	if page:
		count_sql, _ = query.sql("count(*)")
		more["pagination"] = page.pagination(world.storage.execute(count_sql, parameters).fetchone()[0])
		limit = f"LIMIT {page.size} OFFSET {(page.number - 1) * page.size}"
	else:
		limit = f"LIMIT {UNPAGED_CAP}" if world.switches.get("unpaged_lists") == "capped" else ""
	order = order_of(call, CONTACT_FIELDS, "c")
	rows = world.storage.execute(f"{sql} ORDER BY {order} {limit}", parameters).fetchall()
	contacts = [full_contact(contact_from_row(row)) for row in rows]
	return envelope(world.clock.milliseconds(), **more, Contacts=contacts)


def get(world: World, call: Call, found: list[str]) -> Answer:
	"""By id or contact number; archived ones too."""
	contact = _find(world, call, found[0])
	return envelope(world.clock.milliseconds(), Contacts=[{**full_contact(contact), "HasAttachments": False}])


def write(world: World, call: Call, found: list[str]) -> Answer:
	"""PUT creates.

	POST updates by id, by number, or by name - and then overwrites the contact of that name.
	"""
	assert call.tenant
	rules = ContactRules(world.contacts, world.switches)
	target = _find(world, call, found[0]) if found else None
	atomic = call.flag("summarizeerrors") is not False
	answers: list[dict[str, Any]] = []
	failing: list[dict[str, Any]] = []
	for raw in read_elements(call.body, "Contacts", "Contact"):
		element, errors = Element(raw), []
		existing = target or (None if call.method == "PUT" else _match(world, call.tenant, element))
		if existing:
			contact = rules.update(existing, element, errors)
		else:
			contact = rules.create(call.tenant, element, errors)
		errors += [message for text, message in call.forced_errors if text in dumps(raw)]
		if errors:
			echo = {
				**raw,
				"ContactID": existing.id if existing else ZERO_GUID,
				"HasValidationErrors": True,
				"ValidationErrors": [{"Message": message} for message in dict.fromkeys(errors)],
			}
			failing.append(echo if atomic else {**echo, "StatusAttributeString": "ERROR"})
			answers.append(failing[-1])
			continue
		contact.updated = world.clock.milliseconds()
		world.contacts.save(contact)
		change = "Edited" if existing else "Created"
		world.history.note(call.tenant, contact.id, contact.updated, actor_of(call), change, contact.name)
		rendered = full_contact(contact)
		answers.append(rendered if atomic else {**rendered, "StatusAttributeString": "OK"})
	if failing and atomic:
		raise validation(failing)
	return envelope(world.clock.milliseconds(), Contacts=answers)


def _find(world: World, call: Call, key: str) -> ContactRecord:
	assert call.tenant
	contact = (
		world.contacts.get(call.tenant, key) if is_guid(key) else world.contacts.by_number(call.tenant, key)
	)
	if contact is None:
		raise not_found()
	return contact


def _match(world: World, tenant: str, element: Element) -> ContactRecord | None:
	if contact_id := element.guid("ContactID"):
		contact = world.contacts.get(tenant, contact_id)
		if contact is None:
			raise not_found()
		return contact
	number, name = element.text("ContactNumber"), element.text("Name")
	contact = world.contacts.by_number(tenant, number) if number else None
	return contact or (world.contacts.by_name(tenant, name) if name else None)
