"""The books: documents, contacts, balances and the rules Xero holds them to."""
