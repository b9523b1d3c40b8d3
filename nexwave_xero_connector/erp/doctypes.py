"""Names that are written once: our DocTypes, and the role that looks after the log."""

CONNECTION = "Xero Connection"
CONTACT = "Xero Contact"
LOG = "Xero Sync Log"
SETTINGS = "Xero Sync Settings"
MANAGER = "Accounts Manager"
