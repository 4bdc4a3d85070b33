"""`cecf explain`: what a setting is, why it has its value, and what a change of it does."""

import json
import sys
from typing import Annotated, Any

import typer

from cecf.automation.tuned import TunedStack, tuned_stack
from cecf.cli.explain_text import print_catalogue, print_effective, print_in_full
from cecf.cli.options import HERE, Json, OptionalStackName, ProjectDir
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.explain import Found, explanation, find, missing
from cecf.tuning.model import Component, Profile, Setting

_IN_FULL = 3
"""Settings that are told in full; more are listed."""

Name = Annotated[
    str | None, typer.Argument(metavar="SETTING", help="Its id, its name or a part of it, or the sources' name.")
]
OfComponent = Annotated[Component | None, typer.Option("--component", "-c", help="Only what this one reads.")]
OfProfile = Annotated[Profile | None, typer.Option("--profile", "-p", help="List the values that it gives.")]
Changed = Annotated[bool, typer.Option("--changed", help="Of a stack or a profile: only what is not the base's.")]


def explain(  # noqa: PLR0913 (an option each)
    setting: Name = None,
    stack: OptionalStackName = None,
    project: ProjectDir = HERE,
    component: OfComponent = None,
    profile: OfProfile = None,
    *,
    changed: Changed = False,
    as_json: Json = False,
) -> None:
    """Tell what a setting is, why, and what a change of it does; without a name, list them. Changes nothing.

    With a stack: its value there, and which layer has set it. Exit code 2 if there is no such setting.
    """
    _check(stack, profile, changed=changed)
    found = _found(setting, component)
    tuned = tuned_stack(stack, project) if stack else None
    settings = [each for each in found.settings if not changed or _is_changed(each, tuned, profile)]
    tuned = tuned and tuned.with_flavors(settings)
    if as_json:
        sys.stdout.write(json.dumps([_data(each, tuned) for each in settings], indent=2) + "\n")
    elif setting and len(found.settings) <= _IN_FULL and not (profile or changed):
        print_in_full(found, tuned)
    elif tuned:
        print_effective(settings, tuned)
    else:
        print_catalogue(settings, profile)


def _check(stack: str | None, profile: Profile | None, *, changed: bool) -> None:
    """Refuse options that contradict each other, or mean nothing alone."""
    if stack and profile:
        raise typer.BadParameter("a stack has a profile of its own", param_hint="--profile")
    if changed and not (stack or profile):
        raise typer.BadParameter("it wants a --stack or a --profile to compare with the base", param_hint="--changed")


def _found(setting: str | None, component: Component | None) -> Found:
    components = [component] if component else list(Component)
    if setting is None:
        return Found(settings=tuple(each for each in CATALOGUE.values() if each.component in components))
    found = find(setting, components)
    if not (found.settings or found.row):
        raise typer.BadParameter(missing(setting), param_hint="SETTING")
    return found


def _is_changed(setting: Setting, tuned: TunedStack | None, profile: Profile | None) -> bool:
    if tuned:
        return not all(each.from_base for each in tuned.effective(setting))
    return profile in setting.profiles


def _data(setting: Setting, tuned: TunedStack | None) -> dict[str, Any]:
    data = explanation(setting).data()
    return {**data, "effective": [each.data() for each in tuned.effective(setting)]} if tuned else data
