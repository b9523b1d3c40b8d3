"""Doc events, one function each: they hand over to erp.document_events."""
