"""The ledger: documents, contacts, balances, and the rules that Xero applies to them."""
