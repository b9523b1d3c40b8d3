"""Doc events, one function each: they hand over to erp.outbox.document_events."""
