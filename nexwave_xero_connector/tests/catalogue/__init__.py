"""Documents as accountants make them, built through ERPNext, pushed to the Xero sandbox and compared with it."""
