"""The generated parts of the pages on tuning, from the catalogue: what they say is what `cecf explain` says."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from cecf.problems import InvalidInputError
from cecf.settings import load_settings, read_profile
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.explain import (
    ACCEPTED_BY,
    DRIFTS,
    change_of,
    default_shown,
    explanation,
    shown,
    window,
)
from cecf.tuning.kinds import Value
from cecf.tuning.model import PROFILES, Component, Formula, Profile, Setting
from cecf.tuning.sources import ROWS, besides
from docs.generator import settings
from docs.generator.markdown import code, table

WRONG: Mapping[str, Any] = {
    "tuning": {
        "profile": "throughput",
        "values": {
            "kubelet": {"maxPods": 5000, "imageGCLowThresholdPercent": 90, "clusterDNS": ["10.0.0.10"]},
            "kube-proxy": {"conntrack": {"max": 32768}},
            "etcd": {"election-timeout": 500},
        },
    },
    "worker_pools": {"general": {"tuning": {"values": {"kube-apiserver": {"event-ttl": "2h"}}}}},
}
"""Tuning with mistakes, to show what becomes of them."""

CORES = (1, 2, 4, 8, 16)


def parts() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the generated parts of each page, by the page's name."""
    return {
        "README": {
            "profiles": list(_profiles()),
            "components": list(_components()),
            "drift": list(table(("class", "a running component has another value"), _drift())),
            "refusal": list(_refusal()),
        },
        "mapping": {"rows": list(_mapping()), "besides": list(_besides())},
        **{str(component): _of_component(component) for component in Component},
    }


def _of_component(component: Component) -> dict[str, list[str]]:
    found = [setting for setting in CATALOGUE.values() if setting.component is component]
    made = {"settings": list(_settings(found)), "differences": list(_differences(found))}
    if component is Component.KUBE_PROXY:
        made["conntrack"] = list(_conntrack())
    return made


def _profiles() -> Iterator[str]:
    return table(
        ("profile", "for", "settings that differ from the base"),
        (
            (code(profile), text, str(sum(profile in setting.profiles for setting in CATALOGUE.values())))
            for profile, text in PROFILES.items()
        ),
    )


def _components() -> Iterator[str]:
    return table(
        ("component", "read by", "what a change replaces in a running cluster"),
        ((f"[{component}]({component}.md)", ACCEPTED_BY[component], change_of(component)) for component in Component),
    )


def _drift() -> Iterator[tuple[str, str]]:
    return ((code(name), text) for name, text in DRIFTS.items())


def _refusal() -> Iterator[str]:
    layer = {"business": "dev", "cloud": "dev", "cluster": WRONG}
    yield "```yaml"
    yield from yaml.safe_dump({"cecf:cluster": WRONG}, sort_keys=False).splitlines()
    yield "```"
    yield ""
    try:
        load_settings(layer, read_profile("dev"))
    except InvalidInputError as error:
        yield "```text"
        yield from str(error).splitlines()
        yield "```"


def _settings(found: Iterable[Setting]) -> Iterator[str]:
    columns = ("setting", "range", "base", "why", "its own default", "source", "rests on", "drift", "to know")
    return table(columns, map(_setting, found))


def _setting(setting: Setting) -> tuple[str, ...]:
    each = explanation(setting)
    default = default_shown(each)
    known = f"Kubernetes {window(setting)}" if window(setting) else ""
    return (
        code(setting.name),
        setting.kind.allowed,
        _value(setting.base),
        setting.reason,
        code(default) if default else "",
        _source(setting.source),
        ", ".join(map(code, setting.rests_on)),
        setting.drift,
        "; ".join(text for text in (known, each.note) if text),
    )


def _differences(found: Iterable[Setting]) -> Iterator[str]:
    rows = [
        (code(setting.name), code(profile), _value(difference.value), difference.reason)
        for setting in found
        for profile, difference in setting.profiles.items()
    ]
    return table(("setting", "profile", "value", "why"), rows) if rows else iter(["None."])


def _conntrack() -> Iterator[str]:
    rows = {profile: list(_tracked(profile)) for profile in Profile}
    distinct = {profile: row for profile, row in rows.items() if profile is Profile.BASE or row != rows[Profile.BASE]}
    columns = ("profile", "`min`", "`maxPerCore`", *(f"{cores} core{'s' * (cores > 1)}" for cores in CORES))
    return table(columns, ((code(profile), *map(str, row)) for profile, row in distinct.items()))


def _tracked(profile: Profile) -> Iterator[int]:
    """Yield the least, the number for each core, and what nodes of so many cores come to."""
    fields = (CATALOGUE[f"kube-proxy.conntrack.{name}"] for name in ("min", "maxPerCore"))
    least, each = (int(shown(field.value_in(profile))) for field in fields)
    yield from (least, each)
    yield from (max(least, each * cores) for cores in CORES)


def _mapping() -> Iterator[str]:
    return table(("the sources say", "here", "values", "read by", "to know"), _mapped())


def _mapped() -> Iterator[tuple[str, ...]]:
    of_stack = {path: default for path, _, _, default, _ in settings.rows()}
    for row in ROWS:
        says, note = row.says, row.note
        for name in row.settings:
            if setting := CATALOGUE.get(name):
                yield says, _link(setting), _values(setting), ACCEPTED_BY[setting.component], note
            else:
                path = code(f"{settings.ROOT}{name}")
                yield says, f"[{path}](../settings.md#all-settings)", f"default {of_stack[name]}", "CECF", note
            says = note = ""
        if not row.settings:
            yield says, "nothing", "", "", note


def _besides() -> Iterator[str]:
    return table(
        ("setting", "values", "why", "source"),
        ((_link(each), _values(each), each.reason, each.source.split("; ")[0]) for each in besides()),
    )


def _values(setting: Setting) -> str:
    differences = (f"{code(profile)} {_value(each.value)}" for profile, each in setting.profiles.items())
    return "; ".join([_value(setting.base), *differences])


def _value(value: Value | Formula | None) -> str:
    if value is None:
        return "its own default"
    return shown(value) if isinstance(value, Formula) else code(shown(value))


def _link(setting: Setting) -> str:
    return f"[{code(setting.id)}]({setting.component}.md)"


def _source(source: str) -> str:
    """Return a source with its addresses as links, called by the last part of their path."""
    return re.sub(r"https://\S+[^\s;)]", lambda match: f"[{_last_part(match[0])}]({match[0]})", source)


def _last_part(address: str) -> str:
    return urlsplit(address).path.rstrip("/").rsplit("/", maxsplit=1)[-1].removesuffix(".html")
