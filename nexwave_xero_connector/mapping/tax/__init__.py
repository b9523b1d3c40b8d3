"""The Xero tax rate of each line, and the check that it is the tax that ERPNext charged."""
