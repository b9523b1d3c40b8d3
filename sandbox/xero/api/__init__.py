"""The Accounting API's endpoints: which path does what, and which scope it wants."""
