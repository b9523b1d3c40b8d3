"""The ports of sync/ on Frappe and ERPNext: documents, the Xero Sync Log as an outbox, worker jobs, tokens, setup."""
