"""Xero's `where` and `order` expressions, translated to SQL over indexed columns.

Documented by Xero: == and =, != < <= > >=, AND and &&, OR and ||, Guid("..."), DateTime(y,m,d), and the string methods
Contains, StartsWith and EndsWith. Observed: comparison ignores case; a quote inside a value is doubled; anything else
is a QueryParseException; a method on a field that may be null needs a guard before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyparsing as pp

from .ledger.folding import fold, fold_name
from .money import cents
from .problems import query_parse

pp.ParserElement.enable_packrat()


@dataclass(frozen=True)
class Field:
	"""A field of `where` or `order`: its column, the column's kind, and whether it may be null."""

	column: str
	kind: str = "text"
	nullable: bool = False


@dataclass(frozen=True)
class Condition:
	sql: str
	parameters: tuple[Any, ...] = ()


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
	"text": lambda value: fold(_text(value)),
	"name": lambda value: fold_name(_text(value)),
	"exact": lambda value: _text(value),
	"guid": lambda value: _text(value).strip("{}").lower(),
	"money": lambda value: cents(_number(value)),
	"boolean": lambda value: int(_boolean(value)),
	"date": lambda value: _day(value),
	"instant": lambda value: _milliseconds(value),
}
_METHODS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}


def where_condition(expression: str, fields: dict[str, Field]) -> Condition:
	"""SQL for `expression`; Problem 400 QueryParseException if it cannot be parsed."""
	try:
		tree = _GRAMMAR.parse_string(expression, parse_all=True)[0]
		return _compile(tree, fields, frozenset())
	except (pp.ParseException, _NotUnderstood, RecursionError) as error:
		raise query_parse(f"Query could not be parsed: {error}") from None


def order_clause(expression: str, fields: dict[str, Field], last: str) -> str:
	"""SQL for an `order` parameter; ties fall back to `last`."""
	parts = []
	for part in expression.replace("+", " ").split(","):
		words = part.split()
		direction = words[1].upper() if len(words) == 2 else "ASC"
		name = words[0].lower() if words else ""
		if len(words) not in (1, 2) or direction not in ("ASC", "DESC") or name not in fields:
			raise query_parse(f"Order could not be parsed: {part}")
		parts.append(f"{fields[name].column} {direction}")
	return ", ".join([*parts, last])


def is_optimised(expression: str, optimised: frozenset[str], optimised_by_or: str, *, wholly: bool) -> bool:
	"""Whether Xero can find quickly what `expression` asks for.

	Documented: equality on the `optimised` fields, joined by AND; by OR only for `optimised_by_or`. Without `wholly`
	one such condition is enough. An expression that cannot be parsed counts as optimised, because it is refused anyway.
	"""
	try:
		tree = _GRAMMAR.parse_string(expression, parse_all=True)[0]
	except (pp.ParseException, _NotUnderstood, RecursionError):
		return True

	def quick(node: Any) -> bool:
		if isinstance(node, _Joined) and node.operator == "AND":
			return (all if wholly else any)(quick(part) for part in node.parts)
		if isinstance(node, _Joined):
			return all(
				isinstance(part, _Comparison) and quick(part) and part.field.lower() == optimised_by_or
				for part in node.parts
			)
		return (
			isinstance(node, _Comparison) and node.operator in ("=", "==") and node.field.lower() in optimised
		)

	return quick(tree)


class _NotUnderstood(Exception):
	pass


@dataclass(frozen=True)
class _Literal:
	value: Any


@dataclass(frozen=True)
class _Comparison:
	field: str
	operator: str
	literal: _Literal


@dataclass(frozen=True)
class _Method:
	field: str
	name: str
	text: str


@dataclass(frozen=True)
class _Joined:
	operator: str
	parts: tuple[Any, ...]


def _compile(node: Any, fields: dict[str, Field], guarded: frozenset[str]) -> Condition:
	if isinstance(node, _Joined):
		compiled = []
		for part in node.parts:
			compiled.append(_compile(part, fields, guarded))
			if node.operator == "AND" and _is_guard(part):
				guarded |= {part.field.lower()}
		sql = f" {node.operator} ".join(f"({part.sql})" for part in compiled)
		return Condition(sql, tuple(value for part in compiled for value in part.parameters))
	field = fields.get(node.field.lower())
	if field is None:
		raise _NotUnderstood(f"No property or field '{node.field}' exists")
	if isinstance(node, _Method):
		return _compile_method(node, field, guarded)
	return _compile_comparison(node, field)


def _is_guard(node: Any) -> bool:
	return isinstance(node, _Comparison) and node.operator == "!=" and node.literal.value is None


def _compile_method(node: _Method, field: Field, guarded: frozenset[str]) -> Condition:
	if field.kind not in ("text", "name", "exact"):
		raise _NotUnderstood(f"{node.name} does not apply to {node.field}")
	if field.nullable and node.field.lower() not in guarded:
		raise _NotUnderstood(f"Object reference not set: {node.field} may be null")
	text = _CONVERSIONS[field.kind](node.text)
	escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
	return Condition(f"{field.column} LIKE ? ESCAPE '\\'", (_METHODS[node.name.lower()].format(escaped),))


def _compile_comparison(node: _Comparison, field: Field) -> Condition:
	operator = "=" if node.operator == "==" else node.operator
	if node.literal.value is None:
		if operator not in ("=", "!="):
			raise _NotUnderstood("null has no order")
		return Condition(f"{field.column} IS {'NOT ' if operator == '!=' else ''}NULL")
	value = _CONVERSIONS[field.kind](node.literal.value)
	if operator == "!=":
		return Condition(f"{field.column} IS NOT ?", (value,))
	return Condition(f"{field.column} {operator} ?", (value,))


def _text(value: Any) -> str:
	if not isinstance(value, str):
		raise _NotUnderstood(f"Operator incompatible with operand {value}")
	return value


def _number(value: Any) -> Decimal:
	if isinstance(value, bool) or not isinstance(value, Decimal):
		raise _NotUnderstood(f"Operator incompatible with operand {value}")
	return value


def _boolean(value: Any) -> bool:
	if not isinstance(value, bool):
		raise _NotUnderstood(f"Operator incompatible with operand {value}")
	return value


def _day(value: Any) -> str:
	if not isinstance(value, date):
		raise _NotUnderstood(f"Operator incompatible with operand {value}")
	return value.isoformat()


def _milliseconds(value: Any) -> int:
	return (date.fromisoformat(_day(value)) - date(1970, 1, 1)).days * 86_400_000


def _grammar() -> pp.ParserElement:
	quoted = pp.QuotedString('"', esc_quote='""', unquote_results=True, convert_whitespace_escapes=False)
	number = pp.Regex(r"-?\d+(\.\d+)?").set_parse_action(lambda found: _Literal(Decimal(found[0])))
	integer = pp.Regex(r"\d+").set_parse_action(lambda found: int(found[0]))
	constants = {"null": None, "true": True, "false": False}
	constant = pp.one_of("null true false", caseless=True, as_keyword=True).set_parse_action(
		lambda found: _Literal(constants[found[0].lower()])
	)
	open_, close = pp.Suppress("("), pp.Suppress(")")
	guid = pp.Suppress(pp.CaselessKeyword("Guid")) + open_ + quoted + close
	parsed_day = pp.Suppress(pp.CaselessLiteral("DateTime.Parse")) + open_ + quoted + close
	parsed_day.set_parse_action(
		lambda found: _Literal(_date(*(int(part) for part in found[0][:10].split("-"))))
	)
	numbers = pp.DelimitedList(integer)
	built_day = pp.Suppress(pp.CaselessKeyword("DateTime")) + open_ + numbers + close
	built_day.set_parse_action(lambda found: _Literal(_date(*found[:3])))
	text = (guid | quoted).set_parse_action(lambda found: _Literal(found[0]))
	literal = parsed_day | built_day | text | number | constant
	name = pp.Regex(r"[A-Za-z]+(\.[A-Za-z]+)?(?!\s*\()(?!\.)")
	method_name = pp.Regex(
		r"[A-Za-z]+(?:\.[A-Za-z]+)?(?=\.(?:Contains|StartsWith|EndsWith)\s*\()", pp.re.IGNORECASE
	)
	method = (
		method_name
		+ pp.Suppress(".")
		+ pp.one_of("Contains StartsWith EndsWith", caseless=True)
		+ open_
		+ quoted
		+ close
	).set_parse_action(lambda found: _Method(*found))
	comparison = (name + pp.one_of("== = != >= <= > <") + literal).set_parse_action(
		lambda found: _Comparison(*found)
	)
	both = pp.CaselessKeyword("AND") | pp.Literal("&&")
	either = pp.CaselessKeyword("OR") | pp.Literal("||")
	return pp.infix_notation(
		method | comparison,
		[
			(pp.Suppress(both), 2, pp.OpAssoc.LEFT, lambda found: _Joined("AND", tuple(found[0]))),
			(pp.Suppress(either), 2, pp.OpAssoc.LEFT, lambda found: _Joined("OR", tuple(found[0]))),
		],
	)


def _date(year: int, month: int = 1, day: int = 1) -> date:
	try:
		return date(year, month, day)
	except ValueError as error:
		raise _NotUnderstood(str(error)) from None


_GRAMMAR = _grammar()
