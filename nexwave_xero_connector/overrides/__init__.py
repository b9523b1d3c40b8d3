"""Doc events, one function each, which call erp.outbox.document_events."""
