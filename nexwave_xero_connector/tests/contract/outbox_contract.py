"""What the protocol may rely on, whichever ERP implements the ports of sync/ports.py.

Mix OutboxContract into a unittest.TestCase (pytest runs it too) and give it `make()`, which returns a World (world.py):
one company that is set up to push, with no rows in the outbox. The tests use nothing but the World, so each ERP may do
things in its own way. Conventions for both sides:

* Times are timezone-aware UTC, exact to the microsecond.
* A document queued by Submit, Cancel or Retry starts at attempt 1; an Automatic attempt is one more than its
  predecessor.
* Row names are opaque; `rows()` returns a document's rows, oldest first.
"""

from __future__ import annotations

from .claim_contract import ClaimContract
from .enqueue_contract import EnqueueContract
from .settle_contract import SettleContract


class OutboxContract(ClaimContract, SettleContract, EnqueueContract):
	"""The whole contract: each test guards against one way to lose a document, send it twice or leave it behind."""
