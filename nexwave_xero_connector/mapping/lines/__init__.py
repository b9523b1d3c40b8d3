"""The lines of the Xero document: where each comes from, its account, quantity, description and tracking."""
