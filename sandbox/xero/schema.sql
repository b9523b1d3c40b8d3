-- The columns beside the JSON are for lists to filter and sort by. Money columns are whole cents, times are milliseconds
-- by the sandbox's clock (seconds if the name ends in _at), *_key columns are folded for case-insensitive comparison.

CREATE TABLE IF NOT EXISTS remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS settings (
	tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, json TEXT NOT NULL,
	PRIMARY KEY (tenant, kind, key)
);

CREATE TABLE IF NOT EXISTS documents (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL, sequence INTEGER NOT NULL,
	number TEXT, number_key TEXT, reference_key TEXT, contact_id TEXT NOT NULL, status TEXT NOT NULL,
	date TEXT, due_date TEXT, currency TEXT, url TEXT, sub_total INTEGER, total_tax INTEGER, total INTEGER,
	amount_due INTEGER, amount_paid INTEGER, amount_credited INTEGER, app TEXT, updated INTEGER NOT NULL,
	json TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_by_number ON documents (tenant, kind, number_key);
CREATE INDEX IF NOT EXISTS documents_by_update ON documents (tenant, kind, updated, id);
CREATE INDEX IF NOT EXISTS documents_by_contact ON documents (tenant, contact_id);
CREATE INDEX IF NOT EXISTS documents_by_reference ON documents (tenant, kind, reference_key);
CREATE INDEX IF NOT EXISTS documents_by_sequence ON documents (tenant, sequence);

CREATE TABLE IF NOT EXISTS contacts (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, sequence INTEGER NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
	number TEXT, number_key TEXT, account_number TEXT, email_key TEXT, status TEXT NOT NULL,
	is_customer INTEGER NOT NULL DEFAULT 0, is_supplier INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL,
	search_key TEXT NOT NULL, json TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS contacts_by_name ON contacts (tenant, name_key);
CREATE INDEX IF NOT EXISTS contacts_by_number ON contacts (tenant, number_key);
CREATE INDEX IF NOT EXISTS contacts_by_update ON contacts (tenant, updated, id);
CREATE INDEX IF NOT EXISTS contacts_by_sequence ON contacts (sequence);

CREATE TABLE IF NOT EXISTS allocations (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, credit_note_id TEXT NOT NULL, invoice_id TEXT NOT NULL,
	amount INTEGER NOT NULL, date TEXT NOT NULL, sequence INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS allocations_by_credit_note ON allocations (credit_note_id);
CREATE INDEX IF NOT EXISTS allocations_by_invoice ON allocations (invoice_id);

CREATE TABLE IF NOT EXISTS money_ahead (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, document_id TEXT NOT NULL, kind TEXT NOT NULL, amount INTEGER NOT NULL,
	date TEXT NOT NULL, reference TEXT NOT NULL, sequence INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS money_ahead_by_document ON money_ahead (document_id);

CREATE TABLE IF NOT EXISTS payments (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, document_id TEXT NOT NULL, account_id TEXT NOT NULL,
	amount INTEGER NOT NULL, date TEXT NOT NULL, reference TEXT, currency_rate TEXT NOT NULL, status TEXT NOT NULL,
	updated INTEGER NOT NULL, sequence INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS payments_by_document ON payments (document_id);
CREATE INDEX IF NOT EXISTS payments_by_tenant ON payments (tenant, updated, id);

CREATE TABLE IF NOT EXISTS attachments (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, document_id TEXT NOT NULL, name TEXT NOT NULL, mime_type TEXT NOT NULL,
	include_online INTEGER NOT NULL, content BLOB NOT NULL, sequence INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS attachments_by_document ON attachments (document_id);

CREATE TABLE IF NOT EXISTS history (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, subject_id TEXT NOT NULL, at INTEGER NOT NULL,
	actor TEXT NOT NULL, by_api INTEGER NOT NULL, change TEXT NOT NULL, details TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_by_subject ON history (subject_id, sequence);

CREATE TABLE IF NOT EXISTS apps (
	client_id TEXT PRIMARY KEY, secret TEXT NOT NULL, name TEXT NOT NULL, broad_scopes INTEGER NOT NULL,
	custom_tenant TEXT
);
CREATE TABLE IF NOT EXISTS connections (
	id TEXT PRIMARY KEY, client_id TEXT NOT NULL, user TEXT NOT NULL, tenant TEXT NOT NULL, auth_event TEXT NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS codes (
	code TEXT PRIMARY KEY, client_id TEXT NOT NULL, user TEXT NOT NULL, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL,
	auth_event TEXT NOT NULL, challenge TEXT, challenge_method TEXT, issued_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS access_tokens (
	token TEXT PRIMARY KEY, client_id TEXT NOT NULL, user TEXT NOT NULL, scope TEXT NOT NULL, auth_event TEXT NOT NULL,
	expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS refresh_tokens (
	token TEXT PRIMARY KEY, client_id TEXT NOT NULL, user TEXT NOT NULL, scope TEXT NOT NULL, auth_event TEXT NOT NULL,
	parent TEXT, issued_at REAL NOT NULL, spent_at REAL
);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_parent ON refresh_tokens (parent);

CREATE TABLE IF NOT EXISTS kept_answers (
	client_id TEXT NOT NULL, user TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, tenant TEXT NOT NULL,
	first_at REAL NOT NULL, status INTEGER NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (client_id, user, key)
);
CREATE TABLE IF NOT EXISTS late_writes (
	id INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL, call TEXT NOT NULL, body BLOB NOT NULL,
	applied_at REAL, status INTEGER, answer BLOB
);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS requests (
	id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
	query TEXT NOT NULL, client_id TEXT, tenant TEXT, status INTEGER, milliseconds REAL NOT NULL,
	bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL, faults TEXT NOT NULL, counted INTEGER NOT NULL,
	idempotency_key TEXT, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS requests_by_time ON requests (at);
