"""The stable names: queued jobs, buttons and other apps know push_invoice, retry and void by these paths.

The job is in jobs/push.py; what a person may ask of one document is in api/retry.py.
"""

from nexwave_xero_connector.api.retry import retry, void
from nexwave_xero_connector.jobs.push import push_invoice

__all__ = ["push_invoice", "retry", "void"]
