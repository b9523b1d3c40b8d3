"""Every whitelisted method, for every role, against a table of expected results."""

import importlib
import pkgutil
import typing

import frappe
from frappe.utils import add_days, nowdate

import nexwave_xero_connector
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.left_out import left_out_now
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import Outcome, Status
from nexwave_xero_connector.tests.bench_world import (
	COMPANY,
	LOG,
	PARTY,
	BenchWorld,
	clear,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company
from nexwave_xero_connector.tests.test_api import LEASE

YES, NO, NOTHING = "yes", "no", "nothing"
"""The user may; PermissionError; a result with nothing in it, or a refusal of each document."""

ELSEWHERE = "Xero Elsewhere Ltd"
ROLES = {
	"nobody": ("Sales User",),
	"clerk": ("Accounts User",),
	"manager": ("Accounts Manager",),
	"admin": ("System Manager",),
	"stranger": ("Accounts User", "Accounts Manager", "System Manager"),
}
"""The stranger has every role, for another company."""

SETUP = (NO, NO, NO, YES, NO)
MAPPING = (NO, NO, YES, YES, NO)
ANYBODY = (YES,) * 5
API = "nexwave_xero_connector.api"
CHART = "nexwave_xero_connector.xero_connector.dashboard_chart_source.xero_pushes_a_day.xero_pushes_a_day.get"
#                               nobody, clerk, manager, admin, stranger
TABLE: dict[str, tuple[str, ...]] = {
	f"{API}.attachments.count_earlier": (NO, NO, YES, NO, NO),
	f"{API}.attachments.retry": (NO, YES, YES, NO, NO),
	f"{API}.attachments.send_earlier": (NO, NO, YES, NO, NO),
	f"{API}.backfill.check": (NO, NO, YES, NO, NO),
	f"{API}.backfill.count": (NO, NO, YES, NO, NO),
	f"{API}.backfill.queue": (NO, NO, YES, NO, NO),
	f"{API}.bulk.leave_out": (NO, NO, YES, NO, NOTHING),
	f"{API}.bulk.mark_handled": (NO, NO, YES, NO, NOTHING),
	f"{API}.bulk.retry": (NO, YES, YES, NOTHING, NOTHING),
	f"{API}.bulk.take_back": (NO, NO, YES, NO, NOTHING),
	f"{API}.bulk.void": (NO, NO, YES, NO, NOTHING),
	f"{API}.connection.app": SETUP,
	# Xero sends the browser here; without a sign-in that the same user started, it only says so.
	f"{API}.connection.callback": ANYBODY,
	f"{API}.connection.choose_organisation": SETUP,
	f"{API}.connection.connect": SETUP,
	f"{API}.connection.confirm_installation": SETUP,
	f"{API}.connection.disconnect": SETUP,
	f"{API}.connection.organisations": SETUP,
	f"{API}.connection.save_app": SETUP,
	f"{API}.diagnosis.diagnose": SETUP,
	f"{API}.invoice.names_by_state": (NO, YES, YES, NO, NOTHING),
	f"{API}.invoice.state": (NO, YES, YES, NO, NO),
	f"{API}.invoice.states": (NO, YES, YES, YES, NOTHING),
	f"{API}.leave_out.leave_out": (NO, NO, YES, NO, NO),
	f"{API}.leave_out.leave_out_with_party": (NO, NO, YES, NO, NO),
	f"{API}.leave_out.party_state": (NO, YES, YES, NO, NOTHING),
	f"{API}.leave_out.take_back": (NO, NO, YES, NO, NO),
	f"{API}.leave_out.take_back_with_party": (NO, NO, YES, NO, NO),
	f"{API}.mapping.before_enabling": MAPPING,
	f"{API}.mapping.check": MAPPING,
	f"{API}.mapping.copy_from": MAPPING,
	f"{API}.mapping.suggest": MAPPING,
	f"{API}.organisation.fetch": MAPPING,
	f"{API}.orphans.check": (NO, YES, YES, YES, NO),
	f"{API}.orphans.check_company": (NO, YES, YES, YES, NO),
	f"{API}.orphans.compare_period": (NO, YES, YES, YES, NO),
	f"{API}.preview.preview": (NO, YES, YES, NO, NO),
	f"{API}.retry.retry": (NO, YES, YES, NO, NO),
	f"{API}.retry.void": (NO, NO, YES, NO, NO),
	f"{API}.use_this_one.candidates": (NO, NO, YES, NO, NO),
	f"{API}.use_this_one.use_this_one": (NO, NO, YES, NO, NO),
	CHART: (NO, YES, YES, YES, NOTHING),
}
READ_BY_A_BROWSER = {f"{API}.connection.callback"}
"""Xero redirects the browser here, with GET."""


class TestPermissions(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.world = BenchWorld()
		make_company(ELSEWHERE, "XEL")
		for name, roles in ROLES.items():
			make_user(email(name), *roles, company=ELSEWHERE if name == "stranger" else "")

	def test_every_whitelisted_method_is_in_the_table(self) -> None:
		self.assertEqual(set(whitelisted()), set(TABLE))

	def test_the_stable_names_are_the_same_methods(self) -> None:
		for name in ("retry", "void"):
			self.assertIs(frappe.get_attr(f"{API}.sync.{name}"), frappe.get_attr(f"{API}.retry.{name}"))

	def test_nothing_in_jobs_is_whitelisted(self) -> None:
		self.assertEqual(
			[path for path in whitelisted() if path.startswith("nexwave_xero_connector.jobs.")], []
		)

	def test_all_are_for_post_requests_with_types_that_frappe_checks(self) -> None:
		for path, method in whitelisted().items():
			with self.subTest(path):
				methods = ["GET"] if path in READ_BY_A_BROWSER else ["POST"]
				self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[method], methods)
				self.assertNotIn(method, frappe.guest_methods)
				# Frappe does not check annotations that are strings, as with `from __future__ import annotations`.
				annotations = getattr(method, "__wrapped__", method).__annotations__
				self.assertFalse([kind for kind in annotations.values() if isinstance(kind, str)])
				named = set(typing.get_type_hints(method)) - {"return"}
				code = getattr(method, "__wrapped__", method).__code__
				self.assertEqual(named, set(code.co_varnames[: code.co_argcount]))

	def test_each_role_gets_the_result_in_the_table(self) -> None:
		failed, cancelled = self.settled(Status.FAILED), self.settled(Status.SUCCESS)
		frappe.get_doc(cancelled.doctype, cancelled.name).cancel()
		frappe.db.delete(LOG, {"reference_name": cancelled.name, "operation": "Void"})
		frappe.db.set_value(LOG, {"reference_name": cancelled.name}, {"is_latest": 1, "is_orphan": 1})
		frappe.db.commit()
		left_out = new_invoice()
		FrappeEnqueuer().skip(left_out, left_out_now(ref_of(left_out), "By hand"))
		frappe.db.commit()
		arguments = self.arguments(failed, cancelled, left_out)
		for path, expected in TABLE.items():
			for name, answer in zip(ROLES, expected, strict=True):
				with self.subTest(method=path, role=name):
					self.assertEqual(self.ask(name, path, arguments[path]), answer)

	def arguments(self, failed, cancelled, left_out) -> dict[str, dict[str, object]]:
		company = {"company": COMPANY}
		document = {"doctype": failed.doctype, "name": failed.name}
		selection = {"doctype": failed.doctype, "names": [failed.name]}
		row = self.world.rows(failed)[0].name
		party = {"party_type": "Customer", "party": PARTY}
		since = company | {"since": add_days(nowdate(), -30)}
		setup = {path: company for path, answers in TABLE.items() if answers in (SETUP, MAPPING)}
		return setup | {
			f"{API}.attachments.count_earlier": since,
			f"{API}.attachments.retry": {"names": [attachment_of(failed)]},
			f"{API}.attachments.send_earlier": since,
			f"{API}.backfill.check": since,
			f"{API}.backfill.count": since,
			f"{API}.backfill.queue": since,
			f"{API}.bulk.leave_out": selection | {"reason": "By hand"},
			f"{API}.bulk.take_back": {"doctype": left_out.doctype, "names": [left_out.name]},
			f"{API}.bulk.mark_handled": {"names": [row], "reason": "By hand"},
			f"{API}.bulk.retry": selection,
			f"{API}.bulk.void": {"doctype": cancelled.doctype, "names": [cancelled.name]},
			f"{API}.connection.callback": {},
			f"{API}.connection.choose_organisation": company | {"tenant_id": "x"},
			f"{API}.connection.save_app": company | {"client_id": "x", "client_secret": "y"},
			f"{API}.invoice.names_by_state": {"doctype": failed.doctype, "state": "Failed"},
			f"{API}.invoice.state": document,
			f"{API}.invoice.states": selection,
			f"{API}.leave_out.leave_out": document | {"reason": "By hand"},
			f"{API}.leave_out.leave_out_with_party": company | party | {"reason": "By hand"},
			f"{API}.leave_out.party_state": party,
			f"{API}.leave_out.take_back": {"doctype": left_out.doctype, "name": left_out.name},
			f"{API}.leave_out.take_back_with_party": company | party,
			f"{API}.mapping.before_enabling": company | {"start_date": "2026-01-01"},
			f"{API}.mapping.copy_from": company | {"source": COMPANY},
			f"{API}.orphans.check": {"names": [row]},
			f"{API}.orphans.check_company": company,
			f"{API}.orphans.compare_period": company | {"from_date": nowdate(), "to_date": nowdate()},
			f"{API}.preview.preview": document,
			f"{API}.retry.retry": document,
			f"{API}.retry.void": {"doctype": cancelled.doctype, "name": cancelled.name},
			f"{API}.use_this_one.candidates": document,
			f"{API}.use_this_one.use_this_one": document | {"xero_id": "x"},
			CHART: {},
		}

	def ask(self, name: str, path: str, arguments: dict[str, object]) -> str:
		"""Call the method as that user, then roll back."""
		frappe.db.savepoint("rights")
		frappe.set_user(email(name))
		try:
			answer = frappe.get_attr(path)(**arguments)
		except frappe.PermissionError:
			return NO
		except frappe.ValidationError:
			return YES  # The check has passed: only Xero cannot be reached from here.
		finally:
			frappe.set_user("Administrator")
			frappe.clear_messages()
			_roll_back()
		return NOTHING if _is_nothing(answer) else YES

	def settled(self, status: Status):
		document = ref_of(new_invoice().submit())
		frappe.db.commit()
		outbox = self.world.ports.outbox
		(claim,) = outbox.claim(COMPANY, 1, outbox.now() + LEASE)
		with outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, outbox.now())
			rows.settle(claim, Outcome(status, Sentence("Done.")))
		return document


def attachment_of(document: DocumentRef) -> str:
	record = {"reference_doctype": document.doctype, "reference_name": document.name, "status": "Failed"}
	about = {"company": COMPANY, "tenant_id": "x", "document_key": "x", "xero_type": XeroType.ACCREC.value}
	return frappe.get_doc({"doctype": "Xero Attachment", **record, **about}).insert().name


def _roll_back() -> None:
	"""Undo the call. A method that has committed, as those that read documents do, had changed nothing until then."""
	try:
		frappe.db.rollback(save_point="rights")
	except frappe.db.OperationalError:
		frappe.db.rollback()


def _is_nothing(answer: object) -> bool:
	if isinstance(answer, dict) and "datasets" in answer:
		return not any(sum(dataset["values"]) for dataset in answer["datasets"])
	if isinstance(answer, list) and answer and "done" in answer[0]:
		return not any(one["done"] for one in answer)
	return answer == []


def email(name: str) -> str:
	return f"xero-rights-{name}@example.com"


def whitelisted() -> dict[str, object]:
	"""All methods of the app that a browser can call, by dotted path."""
	for module in pkgutil.walk_packages(nexwave_xero_connector.__path__, "nexwave_xero_connector."):
		if ".tests" not in module.name:
			importlib.import_module(module.name)
	return {
		f"{method.__module__}.{method.__qualname__}": method
		for method in frappe.whitelisted
		if method.__module__.startswith("nexwave_xero_connector.")
	}
