"""What this app adds to `bench`, which imports this with every command."""

import sys

import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("xero-doctor")
@click.option("--company", help="Only this company; otherwise all that have Xero Sync Settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@pass_context
def xero_doctor(context: object, company: str | None, as_json: bool) -> None:
	"""Print what support asks for about the connection to Xero. Without secrets; nothing is changed or sent."""
	from nexwave_xero_connector.erp import diagnosis

	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		facts = diagnosis.diagnose([company] if company else None)
		click.echo(diagnosis.as_json(facts) if as_json else diagnosis.as_text(facts))
	finally:
		frappe.destroy()


commands = [xero_doctor]

if {"worker", "worker-pool"} & set(sys.argv):
	from nexwave_xero_connector.jobs.preload import preload

	preload()
