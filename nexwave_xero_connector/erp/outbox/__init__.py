"""The Xero Sync Log as an outbox: rows come in with the document, and into a worker's hands."""
