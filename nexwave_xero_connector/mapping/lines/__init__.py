"""The lines of the Xero document: what each is made from, its account, quantity and tracking."""
