"""The scenarios of the bad day: what users do, what goes wrong, and how both sides must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.stage import Stage, Told

POLICY = Policy()
MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Scenario:
	title: str
	went_wrong: str
	play: Callable[[Stage], Told]


SCENARIOS: list[Scenario] = []


def scenario(title: str, went_wrong: str) -> Callable[[Callable[[Stage], Told]], Callable[[Stage], Told]]:
	def add(play: Callable[[Stage], Told]) -> Callable[[Stage], Told]:
		SCENARIOS.append(Scenario(title, went_wrong, play))
		return play

	return add


@scenario("Sales invoice with freight", "Nothing")
def sales_invoice(stage: Stage) -> Told:
	invoice = samples.sales_invoice_with_freight(stage.erp)
	stage.push(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"])


@scenario("Credit note for one of two benches", "Nothing; it is allocated to its invoice")
def credit_note(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	credit_note = stage.erp.drafts.return_of(invoice, Decimal(1), keeps_balance=False)
	stage.push(credit_note)
	return stage.compare(credit_note, "Success", ["PAID"])


@scenario("Bill", "Nothing")
def bill(stage: Stage) -> Told:
	bill = samples.bill(stage.erp)
	stage.push(bill)
	return stage.compare(bill, "Success", ["AUTHORISED"])


@scenario("Supplier's credit note", "Nothing")
def supplier_credit_note(stage: Stage) -> Told:
	bill = samples.bill(stage.erp, "Southern Couriers")
	stage.push(bill)
	credit_note = stage.erp.drafts.return_of(bill)
	stage.push(credit_note)
	return stage.compare(credit_note, "Success", ["PAID"], says="is allocated to")


@scenario("Export invoice in US dollars", "Nothing")
def export_invoice(stage: Stage) -> Told:
	invoice = samples.export_invoice(stage.erp)
	stage.push(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"])


@scenario(
	"Worker killed while sending", "SIGKILL after Xero had saved the invoice, before the response arrived"
)
def worker_killed(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	with stage.answer_held(invoice):
		stage.worker.kill()
	stage.worker.start()
	stage.put_forward(POLICY.lease + MOMENT)
	stage.settled(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"], writes=1)


@scenario("Cancelled while being sent", "A colleague cancelled before Xero's response arrived")
def cancelled_in_flight(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	with stage.answer_held(invoice):
		stage.erp.desk.cancel(invoice)
	stage.settled(invoice)
	return stage.compare(invoice, "Voided", ["VOIDED"])


@scenario("Cancelled before being sent", "The worker was down when it was submitted and cancelled")
def cancelled_before(stage: Stage) -> Told:
	stage.worker.kill()
	invoice = samples.sales_invoice(stage.erp)
	stage.submit(invoice)
	stage.erp.desk.cancel(invoice)
	stage.worker.start()
	stage.settled(invoice)
	return stage.compare(invoice, "Skipped", [], writes=0)


@scenario(
	"Response lost for a bill",
	"Connection dropped after Xero had saved it; Xero would accept the same bill twice",
)
def answer_lost(stage: Stage) -> Told:
	bill = samples.bill(stage.erp)
	stage.admin.fault("drop_after", method="PUT", contains=bill.name)
	stage.push(bill)
	return stage.compare(bill, "Success", ["AUTHORISED"], writes=1)


@scenario("Bill arrives late", "Connection dropped; Xero saved the bill two minutes later")
def arrives_late(stage: Stage) -> Told:
	bill = samples.bill(stage.erp)
	stage.admin.fault("late_write", method="PUT", contains=bill.name, mode="drop", seconds=120)
	stage.submit(bill)
	stage.put_off(bill)
	stage.put_forward(POLICY.late_write_window + MOMENT)
	stage.settled(bill)
	return stage.compare(bill, "Success", ["AUTHORISED"], writes=1)


@scenario("Invoice arrives after its cancel", "The same, and it was cancelled before it appeared in Xero")
def arrives_after_cancel(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.admin.fault("late_write", method="PUT", contains=invoice.name, mode="drop", seconds=120)
	stage.submit(invoice)
	stage.put_off(invoice)
	stage.erp.desk.cancel(invoice)
	stage.put_off(invoice)
	unseen = stage.compare(invoice, "Queued", [])
	stage.put_forward(POLICY.late_write_window + MOMENT)
	stage.settled(invoice)
	return unseen.then(stage.compare(invoice, "Voided", ["VOIDED"]))


@scenario(
	"Worker frozen while sending a bill",
	"Its lease ended, another worker took over, then the first one woke up and sent the bill",
)
def worker_frozen(stage: Stage) -> Told:
	bill = samples.bill(stage.erp)
	stage.admin.fault("hold_before", method="PUT", contains=bill.name)
	stage.submit(bill)
	stage.admin.wait_for_hold()
	with stage.second_worker():
		stage.put_forward(POLICY.lease + MOMENT)
		stage.put_off(bill)
		stage.admin.release()
		stage.arrived(bill)
		stage.put_forward(POLICY.lease + POLICY.late_write_window)
		stage.settled(bill)
	return stage.compare(bill, "Success", ["AUTHORISED"], writes=1)


@scenario("Fifty invoices at once", "They had piled up while the worker was down; they go in one call")
def fifty_at_once(stage: Stage) -> Told:
	stage.worker.kill()
	invoices = [samples.sales_invoice(stage.erp, rate=f"{number}.95") for number in range(1, 51)]
	for invoice in invoices:
		stage.submit(invoice)
	stage.worker.start()
	for invoice in invoices:
		stage.settled(invoice)
	told = [stage.compare(invoice, "Success", ["AUTHORISED"]) for invoice in invoices]
	good = sum(each.as_it_should for each in told)
	creates = len(stage.calls(method="PUT"))
	return Told(
		f"Success for {good} of 50",
		f"{good} documents, created in {creates} call",
		good == 50 and creates == 1,
	)


@scenario("Item without a tax mapping", "Its template was not mapped; then it was, and Retry was pressed")
def no_tax_mapping(stage: Stage) -> Told:
	invoice = samples.invoice_without_tax_mapping(stage.erp)
	stage.push(invoice)
	unmapped = stage.compare(invoice, "Failed", [], says="No tax mapping for item RENT: ")
	stage.erp.desk.map_tax(samples.COMPANY, "Item Tax Template", samples.EXEMPT, "NONE", "NONE")
	stage.erp.desk.retry(invoice)
	stage.settled(invoice)
	return unmapped.then(stage.compare(invoice, "Success", ["AUTHORISED"]))


@scenario("Xero is down", "Connections refused, until it was back a minute later")
def xero_down(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.sandbox.kill()
	stage.submit(invoice)
	stage.put_off(invoice)
	stage.sandbox.start()
	stage.put_forward(POLICY.retry_delays[0] + MOMENT)
	stage.settled(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"])


@scenario("Too many calls", "Xero responded 429: try again in 20 seconds")
def too_many_calls(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.admin.fault("rate_limit", contains=invoice.name, problem="minute", retry_after=20)
	stage.submit(invoice)
	stage.put_off(invoice)
	stage.put_forward(timedelta(minutes=1))
	stage.settled(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"])


@scenario("Access token expired early", "Xero responded 401; the token was renewed and the call repeated")
def token_expired(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.admin.fault("token_expired", method="PUT", contains=invoice.name)
	stage.push(invoice)
	told = stage.compare(invoice, "Success", ["AUTHORISED"])
	return replace(told, as_it_should=told.as_it_should and len(stage.calls(path="/connect/token")) == 1)


@scenario("Organisation disconnected", "Somebody disconnected the app in Xero, and later connected it again")
def disconnected(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.admin.disconnect(stage.tenant)
	stage.submit(invoice)
	stage.put_off(invoice)
	waiting = stage.compare(invoice, "Queued", [], says="Connect it again in Xero Sync Settings")
	stage.connect()
	stage.settled(invoice)
	return waiting.then(stage.compare(invoice, "Success", ["AUTHORISED"]))


@scenario("Retry pressed five times", "It was already in Xero")
def retry_pressed(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	stage.mark()
	for _press in range(5):
		stage.erp.desk.retry(invoice)
		stage.settled(invoice)
	return stage.compare(invoice, "Success", ["AUTHORISED"], says="nothing was sent", writes=0)


@scenario(
	"Cancelled, but live in Xero",
	"The connector missed the cancel; the orphan check found it, and Void was pressed",
)
def orphan(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	stage.erp.desk.cancel_unnoticed(invoice)
	live = stage.compare(invoice, "Success", ["AUTHORISED"])
	for found in stage.erp.desk.orphans(samples.COMPANY):
		stage.erp.desk.retry(found)
	stage.settled(invoice)
	return live.then(stage.compare(invoice, "Voided", ["VOIDED"]))


@scenario(
	"Paid in Xero, then cancelled",
	"Xero does not void a paid invoice; the payment was removed, and Void pressed again",
)
def paid_then_cancelled(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	payment = stage.admin.act(stage.tenant, "pay", number=invoice.name)
	stage.erp.desk.cancel(invoice)
	stage.settled(invoice)
	refused = stage.compare(invoice, "Failed", ["PAID"], says="Remove that in Xero, then press Void in Xero.")
	stage.admin.act(stage.tenant, "remove_payment", payment_id=payment["payment_id"])
	stage.erp.desk.retry(invoice)
	stage.settled(invoice)
	return refused.then(stage.compare(invoice, "Voided", ["VOIDED"]))


@scenario("Number already used in Xero", "Somebody gave another document this number; it must not be changed")
def number_taken(stage: Stage) -> Told:
	other = samples.sales_invoice(stage.erp, "Kowhai Gardens", qty=1)
	stage.push(other)
	invoice = samples.sales_invoice(stage.erp)
	stage.admin.act(stage.tenant, "rename", number=other.name, new_number=invoice.name)
	stage.push(invoice)
	return stage.compare(invoice, "Failed", ["AUTHORISED"], says="Kowhai Gardens, 171.92 NZD", writes=0)


@scenario("Amended", "The price was wrong: cancelled, corrected and submitted again")
def amended(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	stage.erp.desk.cancel(invoice)
	stage.settled(invoice)
	cancelled = stage.compare(invoice, "Voided", ["VOIDED"])
	amendment = stage.erp.drafts.amendment_of(invoice)
	stage.push(amendment)
	return cancelled.then(stage.compare(amendment, "Success", ["AUTHORISED"]))


@scenario(
	"Invoice and credit note cancelled",
	"The credit note was allocated to the invoice, and Xero does not void either of them like that",
)
def both_cancelled(stage: Stage) -> Told:
	invoice = samples.sales_invoice(stage.erp)
	stage.push(invoice)
	credit_note = stage.erp.drafts.return_of(invoice, keeps_balance=False)
	stage.push(credit_note)
	stage.worker.kill()
	stage.erp.desk.cancel(credit_note)
	stage.erp.desk.cancel(invoice)
	stage.worker.start()
	stage.settled(credit_note)
	stage.put_forward(POLICY.retry_delays[0] + MOMENT)
	stage.settled(invoice)
	return stage.compare(invoice, "Voided", ["VOIDED"]).then(stage.compare(credit_note, "Voided", ["VOIDED"]))
