"""What `cecf explain` shows to people."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from cecf.automation.tuned import TunedStack
from cecf.cli.console import console
from cecf.tuning.cluster import CONTROL_PLANE
from cecf.tuning.effective import OWN, Effective
from cecf.tuning.explain import DRIFTS, Explanation, Found, default_shown, explanation, shown, window
from cecf.tuning.kinds import Value
from cecf.tuning.model import Formula, Profile, Setting
from cecf.tuning.sources import Row

_BRIEF = 30
"""Characters of a value in a list of many."""


def print_in_full(found: Found, stack: TunedStack | None) -> None:
    """Print all that there is to say of a few settings."""
    if found.row:
        _show(_row(found.row))
    for number, setting in enumerate(found.settings):
        each = explanation(setting)
        _show(Text("\n" * bool(found.row or number) + setting.id, style="bold"))
        _show(Padding(_values(each), (0, 0, 0, 2)))
        _show(Padding(_facts(each), (0, 0, 0, 2)))
        if stack:
            _show(Text(f"  in {_stack(stack)}:"))
            _show(Padding(_places(stack.effective(setting), each, stack), (0, 0, 0, 2)))
    if stack:
        _remarks(stack)


def print_catalogue(settings: Sequence[Setting], profile: Profile | None) -> None:
    """List settings: with every profile's values, or one profile's with its reasons."""
    columns = (str(profile), "base", "why") if profile else ("base", "profiles", "range")
    table = _table("setting", *columns)
    for component, group in groupby(settings, lambda setting: setting.component):
        table.add_row(Text(component, style="bold"))
        for setting in group:
            table.add_row(*map(Text, _of_profile(setting, profile) if profile else _of_all(setting)))
    _show(table)


def print_effective(settings: Sequence[Setting], stack: TunedStack) -> None:
    """List what a stack has of settings, and what has set it."""
    table = _table("setting", "value", "where", "set by")
    for component, group in groupby(settings, lambda setting: setting.component):
        table.add_row(Text(component, style="bold"))
        for setting in group:
            for value, where, layer in _distinct(stack.effective(setting), explanation(setting)):
                table.add_row(*map(Text, (f"  {setting.name}", value, where, layer)))
    _show(Text(_stack(stack)))
    _show(table)
    _remarks(stack)


def _show(what: RenderableType) -> None:
    # Unlike lines that people copy, tables are to fit the terminal.
    console.print(what, soft_wrap=False)


def _table(*columns: str) -> Table:
    first, *others = columns
    return Table(Column(first, no_wrap=True), *others, box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _grid(*columns: Column) -> Table:
    return Table(*columns, box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))


def _row(row: Row) -> Text:
    said = f"The sources say '{row.says}'"
    return Text(f"{said}: {row.note}." if row.note else f"{said}.")


def _values(each: Explanation) -> Table:
    setting = each.setting
    grid = _grid(Column(style="dim", no_wrap=True), Column(style="bold", max_width=48), Column())
    grid.add_row("base", Text(_value(setting.base, each)), Text(setting.reason))
    for profile, difference in setting.profiles.items():
        grid.add_row(str(profile), Text(_value(difference.value, each)), Text(difference.reason))
    return grid


def _facts(each: Explanation) -> Table:
    setting = each.setting
    facts = {
        "range": setting.kind.allowed,
        "its default": default_shown(each),
        "sources say": "; ".join(each.says),
        "source": setting.source,
        "Kubernetes": window(setting),
        "rests on": ", ".join(setting.rests_on),
        "a change": each.change,
        "drift": f"{setting.drift}: {DRIFTS[setting.drift]}",
        "accepted by": each.accepted_by,
        "note": each.note,
    }
    grid = _grid(Column(style="dim", no_wrap=True), Column())
    for name, text in facts.items():
        if text:
            grid.add_row(name, Text(text))
    return grid


def _places(found: Sequence[Effective], each: Explanation, stack: TunedStack) -> RenderableType:
    if not found:
        return Text(f"Kubernetes {stack.tuning.minor} does not know it")
    grid = _grid(Column(no_wrap=True), Column(no_wrap=True), Column(style="bold", max_width=48), Column())
    for one in found:
        cells = (_place(one.place), stack.servers(one.place), _value(one.value, each), _layer(one))
        grid.add_row(*map(Text, cells))
    return grid


def _of_profile(setting: Setting, profile: Profile) -> Iterator[str]:
    differs = profile in setting.profiles
    yield from (f"  {setting.name}", _or_own(setting.value_in(profile)))
    yield from (_or_own(setting.base) if differs else "", setting.reason_in(profile))


def _of_all(setting: Setting) -> Iterator[str]:
    profiles = "; ".join(f"{profile} {_brief(each.value)}" for profile, each in setting.profiles.items())
    yield from (f"  {setting.name}", _or_own(setting.base), profiles, setting.kind.allowed)


def _distinct(found: Sequence[Effective], each: Explanation) -> Iterator[tuple[str, str, str]]:
    """Yield each value and layer once, with the places that have it."""
    places: dict[tuple[str, str], list[str]] = {}
    for one in found:
        places.setdefault((_value(one.value, each), _layer(one)), []).append(_place(one.place))
    for (value, layer), where in places.items():
        everywhere = len(where) == len(found) > 1
        yield value, "every node" if everywhere else ", ".join(where), layer


def _value(value: Value | Formula | None, each: Explanation) -> str:
    """Return a value; where none is set, the component's own default."""
    if value is not None:
        return shown(value)
    default = default_shown(each)
    return f"{OWN}: {default}" if default else OWN


def _or_own(value: Value | Formula | None) -> str:
    return OWN if value is None else shown(value)


def _brief(value: Value | Formula) -> str:
    """Return a value for a list of many: a long one is for those who ask for the one setting."""
    text = shown(value)
    return text if len(text) <= _BRIEF else "(see there)"


def _layer(one: Effective) -> str:
    where = [each for each in (one.location, one.written_in) if each and each != one.layer]
    return f"{one.layer} ({', '.join(where)})" if where else one.layer


def _place(place: str) -> str:
    return "control plane" if place == CONTROL_PLANE else place.replace("worker_pools.", "pool ")


def _stack(stack: TunedStack) -> str:
    profile = stack.settings.cluster.tuning.profile
    return f"the stack {stack.name}, Kubernetes {stack.tuning.minor}, profile {profile}"


def _remarks(stack: TunedStack) -> None:
    for remark in stack.remarks:
        console.print(remark, style="yellow", markup=False)
