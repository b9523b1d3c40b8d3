"""A stand-in for Xero over real HTTP: OAuth, the Accounting API, and a strict ledger behind it."""
