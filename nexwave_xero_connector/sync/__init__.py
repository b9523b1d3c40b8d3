"""The protocol: what is sent to Xero, when, and what each response proves. Nothing here imports frappe."""
