"""NexWave Xero Connector: ERPNext invoices, bills and credit notes into Xero, right on a bad day."""

__version__ = "1.0.0"
