"""A stand-in for Xero: OAuth, the Accounting API and a strict ledger behind it, over real HTTP."""
