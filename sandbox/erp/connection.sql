CREATE TABLE IF NOT EXISTS connection (
	company TEXT PRIMARY KEY, client_id TEXT NOT NULL, client_secret TEXT NOT NULL, tenant_id TEXT NOT NULL,
	access_token TEXT NOT NULL, refresh_token TEXT NOT NULL, expires_at TEXT NOT NULL, scope TEXT NOT NULL
);
