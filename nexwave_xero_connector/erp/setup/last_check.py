"""The result of a company's last check, stored with a fingerprint: it no longer counts once the mapping has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import frappe
from frappe.model.document import Document
from frappe.utils import now

from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings


def keep_check(settings: Document, outcome: Mapping[str, object]) -> None:
	kept = {**outcome, "at": now(), "made_of": _fingerprint(settings)}
	settings.db_set("last_check", json.dumps(kept), update_modified=False)


def last_check(settings: Document) -> frappe._dict:
	"""The stored result, or an empty one. `is_current`: neither the mapping nor what it maps to has changed since."""
	kept = frappe._dict(json.loads(settings.last_check or "{}"))
	if kept:
		kept.is_current = kept.made_of == _fingerprint(settings)
	return kept


def _fingerprint(settings: Document) -> str:
	"""A fingerprint of all that decides how an invoice is sent: the mapping, the organisation, and what to send."""
	switches = {df.fieldname: settings.get(df.fieldname) for df in settings.meta.fields if _is_switch(df)}
	content = json.dumps([_plain(read_mapping_settings(settings.company)), _plain(switches)])
	return hashlib.sha256(content.encode()).hexdigest()


def _is_switch(df: Document) -> bool:
	return df.fieldtype == "Check" and df.fieldname.startswith("push_")


def _plain(value: object) -> object:
	"""The same result for equal values, in whatever order they were read."""
	if is_dataclass(value):
		return [_plain(getattr(value, field.name)) for field in fields(value)]
	if isinstance(value, Mapping):
		return sorted([str(key), _plain(one)] for key, one in value.items())
	if isinstance(value, frozenset):
		return sorted([str(one) for one in value])
	return str(value)
