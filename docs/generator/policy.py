"""The generated parts of the page on policy: every rule, and what it can be told."""

import json
from collections.abc import Iterator, Mapping

from docs.generator.markdown import code, table
from policy.rules import RULES
from policy.rules.model import Option, Rule


def parts() -> Mapping[str, list[str]]:
    """Return the generated parts of the page."""
    return {
        "rules": list(table(("rule", "severity", "level", "what has to be", "why", "mend"), map(_row, RULES))),
        "options": list(table(("rule", "option", "default", "what it is"), _options())),
    }


def _row(rule: Rule) -> tuple[str, ...]:
    level = f"**{rule.level}**" if rule.level == "mandatory" else rule.level
    return code(rule.name), rule.severity, level, rule.description, rule.why, code(rule.mend.replace("`", "'"))


def _options() -> Iterator[tuple[str, ...]]:
    return (_option(rule, option) for rule in RULES for option in rule.options)


def _option(rule: Rule, option: Option) -> tuple[str, ...]:
    return code(rule.name), code(option.name), code(json.dumps(list(option.default))), option.description
