"""The endpoints of the Accounting API: what each path does, and which scope it needs."""
