"""The ports of sync/ on Frappe and ERPNext: documents, the Xero Sync Log as outbox, waking workers,
tokens."""
