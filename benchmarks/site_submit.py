"""What the user waits for after pressing Submit. Runs on the site, see site_commands."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from decimal import Decimal

import frappe
from frappe.model.document import Document
from frappe.utils import getdate

from benchmarks.site_books import new_invoice

ON, OFF, TUTORIAL = "on", "off", "tutorial"
WARM_UP = 3


def submit_times(
	company: str, count: int, tutorial_count: int, xero: dict
) -> dict[str, dict[str, list[list[float]]]]:
	"""Seconds and database statements of each Submit and Cancel, with the connector on and off.

	Also of each Submit with the tutorial's connector instead. On and off are measured in pairs, in random order: a
	Submit takes longer the more invoices there are, and anything else that the machine is doing affects both. No worker
	runs: that is work which the connector does afterwards, and the user does not wait for it.
	"""
	send = _tutorial(xero)
	draw = random.Random(1)
	order = [way for _ in range(count) for way in draw.sample([ON, OFF], 2)] + [TUTORIAL] * tutorial_count
	submits: dict[str, list[list[float]]] = {ON: [], OFF: [], TUTORIAL: []}
	cancels: dict[str, list[list[float]]] = {ON: [], OFF: []}
	for number, way in enumerate([ON, OFF, TUTORIAL] * WARM_UP + order):
		frappe.db.set_value("Xero Sync Settings", company, "enabled", int(way == ON))
		invoice = new_invoice(company).insert()
		frappe.db.commit()
		frappe.get_cached_doc("Xero Sync Settings", company)  # cached, as in normal use
		gc.collect()  # do not measure what earlier runs left behind
		submit = _measure(
			lambda invoice=invoice, way=way: _submit(invoice, send if way == TUTORIAL else None)
		)
		if way != TUTORIAL:
			cancel = _measure(lambda name=invoice.name: _cancel(name))
		if number >= 3 * WARM_UP:
			submits[way].append(submit)
			if way != TUTORIAL:
				cancels[way].append(cancel)
	frappe.db.set_value("Xero Sync Settings", company, "enabled", 1)
	frappe.db.commit()
	return {"submits": submits, "cancels": cancels}


def submit_one(company: str) -> str:
	invoice = new_invoice(company).insert()
	invoice.submit()
	frappe.db.commit()
	return invoice.name


def _submit(invoice: Document, send: Callable[[Document], None] | None) -> None:
	invoice.submit()
	if send:
		send(invoice)
	frappe.db.commit()


def _cancel(name: str) -> None:
	frappe.get_doc("Sales Invoice", name).cancel()
	frappe.db.commit()


def _tutorial(xero: dict) -> Callable[[Document], None]:
	from benchmarks.tutorial_connector import Line, TutorialConnector

	connector = TutorialConnector(**xero)

	def send(invoice: Document) -> None:
		lines = [
			# ERPNext 16 leaves the description empty where the item has none.
			Line(
				row.description or row.item_name,
				Decimal(str(row.qty)),
				Decimal(str(row.rate)),
				"200",
				"OUTPUT2",
			)
			for row in invoice.items
		]
		connector.send("ACCREC", invoice.name, invoice.customer, getdate(invoice.posting_date), lines)

	return send


def _measure(act: Callable[[], None]) -> list[float]:
	before, began = _statements(), time.perf_counter()
	act()
	seconds = time.perf_counter() - began
	return [seconds, _statements() - before - 1]


def _statements() -> int:
	return int(frappe.db.sql("show session status like 'Questions'")[0][1])
