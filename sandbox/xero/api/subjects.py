"""The document or contact that a history or attachment path refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calls import Call
from ..ledger.model import CREDIT_NOTE, INVOICE
from ..problems import not_found, resource_not_found
from ..wire import is_guid
from .documents import find_document

if TYPE_CHECKING:
	from ..world import World


def subject_id(world: World, call: Call, collection: str, key: str) -> str:
	"""Its id; 404 if it does not exist."""
	kinds = {"invoices": INVOICE, "creditnotes": CREDIT_NOTE}
	if collection.lower() in kinds:
		return find_document(world, call, kinds[collection.lower()], key).id
	if collection.lower() != "contacts":
		raise resource_not_found()
	contact = world.contacts.get(call.tenant or "", key) if is_guid(key) else None
	if contact is None:
		raise not_found()
	return contact.id
