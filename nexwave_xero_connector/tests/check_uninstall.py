"""Install the app on a site that is kept for this, use it, uninstall it, and look for anything left behind.

Not part of the test run, because it needs a site of its own (with ERPNext, without this app):

	cd ~/frappe-bench
	bench new-site uninstall.test --install-app erpnext
	cd sites && ../env/bin/python -m nexwave_xero_connector.tests.check_uninstall uninstall.test

Exit status 0 only if every table, column, index and the site's configuration are as before and no row of any table
mentions Xero any more, but for the histories that Frappe keeps of what people did (HISTORIES).
"""

import subprocess
import sys

import frappe

from nexwave_xero_connector.erp.connection.installation import in_config

APP = "nexwave_xero_connector"

INSTALLED_APPS_HISTORY = " and ref_doctype != 'Installed Applications'"
HISTORIES = ("tabAccess Log", "tabActivity Log", "tabError Log", "tabPermission Log", "tabRoute History")


def main(site: str) -> int:
	frappe.init(site=site)
	frappe.connect()
	if APP in frappe.get_installed_apps():
		print(f"{APP} is installed on {site}: this check needs a site without it.")
		return 2
	columns_before, indexes_before, mentions_before = columns(), indexes(), mentions()

	bench(site, "install-app", APP)
	bench(site, "execute", "nexwave_xero_connector.tests.uninstall_traces.leave_traces")
	used = mentions()
	print(f"In use: {sum(used.values())} rows in {len(used)} tables mention Xero.")
	bench(site, "uninstall-app", APP, "--yes", "--no-backup")

	left = {table: count for table, count in mentions().items() if count > mentions_before.get(table, 0)}
	changed_columns = columns() ^ columns_before
	changed_indexes = indexes() ^ indexes_before
	for table, count in left.items():
		print(f"LEFT: {count} rows in {table}")
	for table, column in sorted(changed_columns):
		print(f"LEFT: column {column} of {table}")
	for table, index in sorted(changed_indexes):
		print(f"LEFT: index {index} of {table}")
	if installation := in_config():
		print(f"LEFT: {installation} in site_config.json")
	anything = left or changed_columns or changed_indexes or installation
	if not anything:
		print("Nothing is left.")
	return 1 if anything else 0


def bench(site: str, *command: str) -> None:
	helper = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", site]
	done = subprocess.run([*helper, *command], capture_output=True, text=True)
	if done.returncode:
		sys.exit(f"bench {' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")


def columns() -> set[tuple[str, str]]:
	return set(
		frappe.db.sql(
			"select table_name, column_name from information_schema.columns where table_schema = database()"
		)
	)


def indexes() -> set[tuple[str, str]]:
	return set(
		frappe.db.sql(
			"select table_name, index_name from information_schema.statistics where table_schema = database()"
		)
	)


def mentions() -> dict[str, int]:
	"""Rows that mention Xero in any text column, by table."""
	text_columns: dict[str, list[str]] = {}
	for table, column in frappe.db.sql(
		"""select table_name, column_name from information_schema.columns
		where table_schema = database() and data_type in ('varchar', 'text', 'mediumtext', 'longtext')"""
	):
		text_columns.setdefault(table, []).append(f"`{column}`")
	found = {}
	for table, names in text_columns.items():
		if table in HISTORIES:
			continue
		count = frappe.db.sql(
			f"select count(*) from `{table}` where concat_ws(' ', {', '.join(names)}) like '%%xero%%'"
			+ (INSTALLED_APPS_HISTORY if table == "tabVersion" else "")
		)[0][0]
		if count:
			found[table] = count
	frappe.db.rollback()  # a transaction that has read a table keeps others from dropping it
	return found


if __name__ == "__main__":
	sys.exit(main(sys.argv[1]))
