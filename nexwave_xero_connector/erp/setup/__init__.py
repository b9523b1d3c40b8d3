"""The guided setup in Xero Sync Settings: its steps, mapping suggestions and the mapping check."""
