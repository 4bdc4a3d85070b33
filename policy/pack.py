"""Hands the rules to the engine through Pulumi's policy SDK."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pulumi_policy
from pulumi_policy import policy as sdk
from pulumi_policy import proxy

from policy.rules import RULES
from policy.rules.model import Hidden, Resource, Rule

NAME = "cecf"

_UNKNOWN = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
"""What the engine sends in place of values that a preview cannot know, one for each type."""


def serve() -> None:
    """Answer the engine; returns when it is interrupted.

    The SDK hands secrets to policies as plain text, and with that nobody could tell whether an output is one. It can
    keep the mark, as it does for remediations, and is asked to. Should another release of it do otherwise, secrets
    would be taken for plain and refused.
    """
    read = sdk.deserialize_properties
    sdk.deserialize_properties = lambda props, _marked=True: read(props, proxy_secrets=True)
    pulumi_policy.PolicyPack(NAME, [_policy(rule) for rule in RULES])


def _policy(rule: Rule) -> pulumi_policy.Policy:
    """Return a rule as the SDK wants it."""
    kind = pulumi_policy.StackValidationPolicy if rule.whole else pulumi_policy.ResourceValidationPolicy
    return kind(
        name=rule.name,
        description=rule.description,
        validate=partial(_validate, rule),
        enforcement_level=pulumi_policy.EnforcementLevel(rule.level),
        severity=pulumi_policy.Severity(rule.severity),
        remediation_steps=rule.mend,
        config_schema=pulumi_policy.PolicyConfigSchema(_schema(rule)) if rule.options else None,
    )


def _schema(rule: Rule) -> dict[str, dict[str, Any]]:
    return {
        option.name: {
            "type": "array",
            "items": {"type": "string"},
            "default": list(option.default),
            "description": option.description,
        }
        for option in rule.options
    }


def _validate(rule: Rule, args: Any, report: pulumi_policy.ReportViolation) -> None:
    found: Iterable[Any] = args.resources if rule.whole else [args]
    for violation in rule.violations([_resource(each) for each in found], args.get_config()):
        report(violation.text, violation.urn)


def _resource(given: Any) -> Resource:
    references = getattr(given, "property_dependencies", {})
    return Resource(
        urn=given.urn,
        type=given.resource_type,
        name=given.name,
        props=_plain(given.props),
        protect=given.opts.protect,
        secret_outputs=frozenset(given.opts.additional_secret_outputs),
        references={name: frozenset(other.urn for other in others) for name, others in references.items()},
        provider=given.provider.urn if given.provider else None,
    )


def _plain(value: Any) -> Any:
    """Return a property with nothing in it that a rule could not see or should not: then none can tell it."""
    match value:
        case pulumi_policy.Secret():
            return Hidden.SECRET
        case str() if value in _UNKNOWN:
            return Hidden.UNKNOWN
        case Mapping():
            marked = value if isinstance(value, dict) else value["__target"]  # read in any other way, marks are lost
            return {name: _plain(each) for name, each in marked.items()}
        case list():
            return [_plain(each) for each in value]
    return value
