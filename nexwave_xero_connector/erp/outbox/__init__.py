"""The Xero Sync Log as an outbox: a document's transaction adds rows, and workers claim them."""
