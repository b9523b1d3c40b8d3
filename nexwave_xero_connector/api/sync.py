"""The stable names: queued jobs, buttons and other apps use these paths of push_invoice, retry and void.

The job is in jobs/push.py, Retry and Void are in api/retry.py.
"""

from nexwave_xero_connector.api.retry import retry, void
from nexwave_xero_connector.jobs.push import push_invoice

__all__ = ["push_invoice", "retry", "void"]
