"""The Xero account of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nexwave_xero_connector.mapping.errors import LineReason
from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.settings import GONE, MappingSettings, XeroAccount
from nexwave_xero_connector.sentence import DocLink, Sentence, _

CONTROL_ACCOUNTS = ("DEBTORS", "CREDITORS")
BY_NUMBER = _("the account number of {account}")
CODE_CHANGED_HANDS = _(
	"Xero account code {code} was {former} and is {name} now. {account} has that number, so it is not clear which of"
	" the two it belongs to. Map {account} in {settings}."
)


@dataclass(frozen=True, slots=True)
class AccountChoice:
	"""A Xero account, and why it was chosen. is_default: because nothing was mapped for the line."""

	account: XeroAccount
	reason: Sentence
	is_default: bool = False


def choose_account(line: Line, settings: MappingSettings) -> AccountChoice | LineReason:
	"""The mapped account, else the Xero account whose code is the ERPNext account's number, else the default.

	A LineReason says why there is none, or why Xero would reject it. An unusable account is not skipped for the next
	one, because the amount would then be booked where nobody expects it.
	"""
	key, reason, field = _key(line, settings)
	if not key:
		return _no_account(line, settings)
	account = settings.accounts.get(key)
	problem = _problem(account)
	if account is not None and account.code_was_of and reason.template == BY_NUMBER:
		problem = CODE_CHANGED_HANDS
	if account is not None and problem is None:
		return AccountChoice(account, reason, is_default=field == line.default_field)
	return LineReason(
		Sentence(
			problem or "",
			code=account.code if account else key,
			name=account.name if account else "",
			former=account.code_was_of if account else "",
			account=_erp_account(line),
			settings=link_to_settings(settings, field),
		),
		line.subject,
	)


def by_default(lines: Iterable[Line], settings: MappingSettings) -> Iterator[tuple[Line, XeroAccount]]:
	"""The lines whose own account is not mapped, each with the default account that it is booked to."""
	for line in lines:
		choice = choose_account(line, settings) if line.account else None
		if isinstance(choice, AccountChoice) and choice.is_default:
			yield line, choice.account


def _key(line: Line, settings: MappingSettings) -> tuple[str, Sentence, str]:
	"""The Xero account's key, why it was chosen, and the settings field that it comes from."""
	mapped = settings.account_keys.get(line.account, "")
	if mapped:
		reason = Sentence(_("the mapping of {account}"), account=_erp_account(line))
		return mapped, reason, _mapping_field(line)
	number = settings.account_numbers.get(line.account, "")
	numbered = _with_code(number, settings) if number else None
	if numbered:
		reason = Sentence(BY_NUMBER, account=_erp_account(line))
		return numbered.key, reason, _mapping_field(line)
	reason = Sentence(_("the default in {settings}"), settings=link_to_settings(settings, line.default_field))
	return line.default_account, reason, line.default_field


def _with_code(code: str, settings: MappingSettings) -> XeroAccount | None:
	"""The account with this code. One that Xero no longer has may have had it before."""
	found = [account for account in settings.accounts.values() if account.code == code]
	return next((account for account in found if account.status == "ACTIVE"), found[0] if found else None)


def _mapping_field(line: Line) -> str:
	"""Charges are mapped in a table of their own, account and tax together."""
	return "charge_mapping" if line.source is Source.CHARGE else "account_mapping"


def _problem(account: XeroAccount | None) -> str | None:
	if account is None:
		return _(
			"Xero account {code} for {lines} does not exist in the organisation. Choose another in"
			" {settings}."
		)
	if account.status == GONE:
		return _(
			"Xero account {code} {name} for {lines} does not exist in the organisation. Press Suggest Mapping in"
			" {settings}, or choose another there."
		)
	if account.status != "ACTIVE":
		return _(
			"Xero account {code} {name} for {lines} is archived. Restore it in Xero and press Fetch in {settings}, or"
			" choose another there."
		)
	if account.account_type == "BANK" or account.system_account in CONTROL_ACCOUNTS:
		return _(
			"Xero account {code} {name} for {lines} is a bank or control account, which Xero does not accept"
			" on a line. Choose another in {settings}."
		)
	return None


def _no_account(line: Line, settings: MappingSettings) -> LineReason:
	if not line.account:
		return LineReason(
			Sentence(
				_("No Xero account for {lines}. Choose one in {settings}."),
				settings=link_to_settings(settings, line.default_field),
			),
			line.subject,
		)
	return LineReason(
		Sentence(
			_(
				"No Xero account for {lines}: {account} is not mapped, no Xero account has its number, and"
				" there is no default. Map it in {settings}."
			),
			account=_erp_account(line),
			settings=link_to_settings(settings, _mapping_field(line)),
		),
		line.subject,
	)


def _erp_account(line: Line) -> DocLink | str:
	return DocLink("Account", line.account) if line.account else ""
