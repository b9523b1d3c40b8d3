"""The protocol: what is sent to Xero, when, and what is believed of the answer. No frappe in here."""
