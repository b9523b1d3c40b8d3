-- Times are UTC as ISO text, always of the same width, so that they sort as text. Amounts are decimal text.

CREATE TABLE IF NOT EXISTS clock (ahead_by_seconds REAL NOT NULL);

CREATE TABLE IF NOT EXISTS company (
	name TEXT PRIMARY KEY, currency TEXT NOT NULL, abbr TEXT NOT NULL, sales_taxes TEXT NOT NULL DEFAULT '',
	purchase_taxes TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS party (
	doctype TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (doctype, name)
);
CREATE TABLE IF NOT EXISTS item (
	code TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, tax_template TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS item_tax_template (
	name TEXT NOT NULL, account TEXT NOT NULL, rate TEXT NOT NULL, PRIMARY KEY (name, account)
);
CREATE TABLE IF NOT EXISTS taxes_template (doctype TEXT NOT NULL, name TEXT NOT NULL, rows TEXT NOT NULL,
	PRIMARY KEY (doctype, name)
);
CREATE TABLE IF NOT EXISTS naming_series (prefix TEXT PRIMARY KEY, current INTEGER NOT NULL);

-- docstatus as in Frappe: 0 draft, 1 submitted, 2 cancelled; body is the document as the mapping receives it.
CREATE TABLE IF NOT EXISTS invoice (
	doctype TEXT NOT NULL, name TEXT NOT NULL, company TEXT NOT NULL REFERENCES company (name),
	docstatus INTEGER NOT NULL DEFAULT 0, return_against TEXT NOT NULL, body TEXT NOT NULL, created TEXT NOT NULL,
	PRIMARY KEY (doctype, name)
);

CREATE TABLE IF NOT EXISTS xero_settings (
	company TEXT PRIMARY KEY REFERENCES company (name), enabled INTEGER NOT NULL DEFAULT 1, start_date TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'AUTHORISED', default_sales_account TEXT NOT NULL DEFAULT '',
	default_purchase_account TEXT NOT NULL DEFAULT '', rounding_account TEXT NOT NULL DEFAULT '',
	bill_number_source TEXT NOT NULL DEFAULT 'ERPNext Name', discount_account TEXT NOT NULL DEFAULT '', base_currency TEXT NOT NULL DEFAULT '',
	allocates_only_as_erpnext INTEGER NOT NULL DEFAULT 0, lock_date TEXT NOT NULL DEFAULT '',
	paused INTEGER NOT NULL DEFAULT 0, paused_until TEXT, paused_because TEXT NOT NULL DEFAULT '', outage_since TEXT
);
CREATE TABLE IF NOT EXISTS xero_account (
	company TEXT NOT NULL, code TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (company, code)
);
CREATE TABLE IF NOT EXISTS xero_tax_rate (
	company TEXT NOT NULL, tax_type TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (company, tax_type)
);
CREATE TABLE IF NOT EXISTS account_mapping (
	company TEXT NOT NULL, account TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (company, account)
);
CREATE TABLE IF NOT EXISTS tax_mapping (
	company TEXT NOT NULL, template_doctype TEXT NOT NULL, template TEXT NOT NULL,
	tax_type TEXT NOT NULL, purchase_tax_type TEXT NOT NULL, PRIMARY KEY (company, template_doctype, template)
);
CREATE TABLE IF NOT EXISTS charge_account (
	company TEXT NOT NULL, account TEXT NOT NULL, tax_type TEXT NOT NULL, PRIMARY KEY (company, account)
);
CREATE TABLE IF NOT EXISTS xero_contact (
	company TEXT NOT NULL, party_doctype TEXT NOT NULL, party TEXT NOT NULL, contact_id TEXT NOT NULL,
	contact_name TEXT NOT NULL, PRIMARY KEY (company, party_doctype, party)
);

-- What Xero has, or may have, of a document: one record for each key, see sync/identity.py.
CREATE TABLE IF NOT EXISTS xero_document (
	key TEXT PRIMARY KEY, doctype TEXT NOT NULL, document TEXT NOT NULL, xero_type TEXT NOT NULL, number TEXT NOT NULL,
	link TEXT NOT NULL DEFAULT '', figures TEXT, xero_id TEXT UNIQUE, origin TEXT NOT NULL DEFAULT 'Made by us',
	unconfirmed_until TEXT, allocations TEXT NOT NULL DEFAULT '[]'
);

-- The Xero Sync Log. key is the document's, created says when it was inserted. open_key is the key while the row is open: its index ensures that at most one row is. due_at
-- says when the row may be claimed: for a Queued row when it falls due, for one In Progress when its lease ends.
CREATE TABLE IF NOT EXISTS sync_log (
	name INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, created TEXT NOT NULL, doctype TEXT NOT NULL,
	document TEXT NOT NULL, company TEXT NOT NULL, operation TEXT NOT NULL, status TEXT NOT NULL, trigger TEXT NOT NULL, priority INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	times_claimed INTEGER NOT NULL DEFAULT 0, is_latest INTEGER NOT NULL DEFAULT 1, open_key TEXT UNIQUE, due_at TEXT,
	queued_at TEXT NOT NULL, started_at TEXT, finished_at TEXT, xero_type TEXT, number TEXT NOT NULL DEFAULT '',
	xero_id TEXT NOT NULL DEFAULT '', unconfirmed_until TEXT, error_class TEXT, sentence TEXT NOT NULL DEFAULT '',
	is_unallocated INTEGER NOT NULL DEFAULT 0,
	decisions TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS sync_log_due ON sync_log (company, priority, due_at) WHERE open_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS sync_log_of_document ON sync_log (doctype, document, name);
