"""An ERPNext document as a Xero payload, or every reason why it cannot be one. No Frappe."""
