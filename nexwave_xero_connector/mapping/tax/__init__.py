"""Which Xero tax rate a line has, and that it is the tax that ERPNext charged."""
