"""The rules of rules: what a definition may say in `x-kubernetes-validations`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.rule_paths import normalized

if TYPE_CHECKING:
    from gitopsd.sandbox.kubernetes.rules import Rule

JsonSchema = dict[str, Any]
RULES: Final = "x-kubernetes-validations"
_REASONS: Final = (
    "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
)  # fmt: skip
_UNTYPED: Final = (
    "internal error: failed to construct type information for x-kubernetes-validations rules: "
    "unable to convert structural schema to CEL declarations"
)
_BROKEN: Final = "must not contain line breaks"
_EMPTY: Final = "must be non-empty if specified"


def written_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    """What is wrong with how the rules of one place are written."""
    for index, rule in enumerate(schema.get(RULES) or ()):
        yield from _one(rule, schema, f"{field}.{RULES}[{index}]")


def _one(rule: JsonSchema, schema: JsonSchema, at: str) -> Iterator[FieldProblem]:
    text, message = str(rule.get("rule") or "").strip(), rule.get("message") or ""
    if not text:
        yield required_value(f"{at}.rule", "rule is not specified")
    elif message and not message.strip():
        yield invalid_value(f"{at}.message", message, _EMPTY)
    elif "\n" in message.strip():
        yield invalid_value(f"{at}.message", message, _BROKEN)
    elif "\n" in text and not message.strip():
        why = "message must be specified if rule contains line breaks"
        yield required_value(f"{at}.message", why)
    expression, reason = rule.get("messageExpression") or "", rule.get("reason")
    if expression and not expression.strip():
        why = "messageExpression must be non-empty if specified"
        yield required_value(f"{at}.messageExpression", why)
    if reason is not None and reason not in _REASONS:
        yield unsupported_value(f"{at}.reason", reason, _REASONS)
    path = rule.get("fieldPath") or ""
    if path and not path.strip():
        yield invalid_value(f"{at}.fieldPath", path, _EMPTY)
    if "\n" in path:
        yield invalid_value(f"{at}.fieldPath", path, _BROKEN)
    if path and normalized(path, schema) is None:
        yield invalid_value(f"{at}.fieldPath", path, "must be a valid path")


def compilation_problems(
    schema: JsonSchema, field: str, wrong: list[str], *, root: bool = True, apart: str = ""
) -> Iterator[FieldProblem]:
    """What the compiler says of all rules of a schema.

    Rules of places that `wrong` fields are at or below are left out. `apart` is the place whose
    values cannot be told from those of before.
    """
    items, extra = schema.get("items"), schema.get("additionalProperties")
    if isinstance(extra, dict):
        at = f"{field}.additionalProperties"
        yield from compilation_problems(extra, at, wrong, root=False, apart=apart)
    for name, member in (schema.get("properties") or {}).items():
        at = f"{field}.properties[{name}]"
        yield from compilation_problems(member, at, wrong, root=False, apart=apart)
    if isinstance(items, dict):
        keyed = schema.get("x-kubernetes-list-type") == "map"
        below = apart if keyed else apart or field
        yield from compilation_problems(items, f"{field}.items", wrong, root=False, apart=below)
    if schema.get(RULES) and not any(one.startswith(field) for one in wrong):
        yield from _compiled(schema, field, root=root, apart=apart)


def _compiled(schema: JsonSchema, field: str, *, root: bool, apart: str) -> Iterator[FieldProblem]:
    # Only a definition with rules pays for their compiler.
    from gitopsd.sandbox.cel import CompilationError
    from gitopsd.sandbox.kubernetes.rules import Rule, rule_type

    type_ = rule_type(schema, root=root)
    if type_ is None:
        yield FieldProblem("InternalError", f"{field}.{RULES}", detail=_UNTYPED)
        return
    for index, written in enumerate(schema[RULES]):
        at, rule = f"{field}.{RULES}[{index}]", Rule(written, type_)
        compares = False
        try:
            compares = rule.program().uses("oldSelf")
        except CompilationError as error:
            yield invalid_value(f"{at}.rule", _as_in_go(written), str(error))
        else:
            yield from _message_problems(rule, f"{at}.messageExpression")
        if compares and apart:
            why = (
                f"oldSelf cannot be used on the uncorrelatable portion of the schema within {apart}"
            )
            yield invalid_value(f"{at}.rule", written["rule"], why)
        elif not compares and written.get("optionalOldSelf") is not None:
            why = "may not be set if oldSelf is not used in rule"
            yield invalid_value(f"{at}.optionalOldSelf", written["optionalOldSelf"], why)


def _message_problems(rule: Rule, at: str) -> Iterator[FieldProblem]:
    from gitopsd.sandbox.cel import CompilationError

    try:
        rule.message()
    except CompilationError as error:
        yield invalid_value(at, _as_in_go(rule.written), str(error))


def _as_in_go(rule: JsonSchema) -> JsonSchema:
    """A rule as the server's own type shows it."""
    return {
        "Rule": rule.get("rule") or "",
        "Message": rule.get("message") or "",
        "MessageExpression": rule.get("messageExpression") or "",
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
