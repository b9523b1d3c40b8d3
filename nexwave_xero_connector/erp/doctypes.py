"""The names of our DocTypes, of Frappe's record for the Xero app, and of the role that looks after the log."""

ACCOUNT = "Xero Account"
ATTACHMENT = "Xero Attachment"
CONNECTION = "Xero Connection"
CONTACT = "Xero Contact"
LEFT_OUT_PARTY = "Xero Left Out Party"
LOG = "Xero Sync Log"
SETTINGS = "Xero Sync Settings"
TAX_RATE = "Xero Tax Rate"
TRACKING_OPTION = "Xero Tracking Option"
XERO_DOCUMENT = "Xero Document"

XERO_RECORDS = (ACCOUNT, TAX_RATE, TRACKING_OPTION)
"""Fetched from the organisation, for the mapping to choose from."""

CONNECTED_APP = "Connected App"
MANAGER = "Accounts Manager"
