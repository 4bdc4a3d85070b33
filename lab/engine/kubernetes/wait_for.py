"""Conditions of a program's own: the annotation `pulumi.com/waitFor`."""

import json
import re
from dataclasses import dataclass
from typing import Any

from lab.engine.kubernetes.faults import ConfigurationError
from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict, condition, words

_JSON_PATH = re.compile(r"""^jsonpath=(?P<quote>['"]?)\{(?P<path>.*)\}(?P=quote)(?:=(?P<value>.*))?$""", re.DOTALL)
_CONDITION = re.compile(r"^condition=(?P<kind>[^=]+?)(?:=(?P<status>.+))?$")
_STEP = re.compile(
    r"""\.(?P<key>[A-Za-z0-9_-]+)"""
    r"""|\['(?P<quoted>(?:[^'\\]|\\.)+)'\]"""
    r"""|\[(?P<index>-?\d+)\]"""
    r"""|\[\?\(@\.(?P<field>[A-Za-z0-9_.-]+)==["'](?P<equals>[^"']*)["']\)\]"""
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a program waits for."""

    text: str

    def judge(self, live: Object) -> Verdict:
        """Tell whether an object fulfils it."""
        if found := _CONDITION.match(self.text):
            told = condition(live, found["kind"])
            met = str(told.get("status", "")).lower() == (found["status"] or "True").lower()
            return READY if met else Verdict(f"{self.text}: {words(told) or 'not told yet'}")
        found = _JSON_PATH.match(self.text)
        if found is None:
            raise _refusal(self.text)
        value = _value(live, found["path"], self.text)
        wanted = found["value"]
        met = value is not None if wanted is None else _text(value) == wanted.strip("'\"")
        return READY if met else Verdict(f"{self.text}: it is {'not there' if value is None else _text(value)}")


def wishes(annotation: str) -> list[Wish]:
    """Read the annotation: one condition, or a JSON list of them. Raises `ConfigurationError` for anything else."""
    try:
        listed = json.loads(annotation)
    except ValueError:
        listed = [annotation]
    texts = listed if isinstance(listed, list) else [annotation]
    found = [Wish(str(each)) for each in texts]
    if not found:
        raise _refusal(annotation)
    for each in found:
        each.judge({})
    return found


def judge(wished: list[Wish], live: Object) -> Verdict:
    """Tell whether an object fulfils all that is wished."""
    unmet = [verdict.waiting for each in wished if not (verdict := each.judge(live)).ready]
    return Verdict("; ".join(unmet)) if unmet else READY


def _refusal(text: str) -> ConfigurationError:
    return ConfigurationError(
        f"the annotation pulumi.com/waitFor says '{text}', which is not understood: write 'condition=Ready', "
        "'jsonpath={.status.phase}=Running' or a JSON list of such"
    )


def _value(live: Object, path: str, text: str) -> Any:
    """Follow a JSON path of keys, indices and choices of a list's element by one of its fields."""
    value: Any = live
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise _refusal(text)
        position = step.end()
        if step["index"] is not None:
            value = dig(value, int(step["index"]))
        elif step["field"] is not None:
            listed = value if isinstance(value, list) else []
            fields = step["field"].split(".")
            value = next((each for each in listed if _text(dig(each, *fields)) == step["equals"]), None)
        else:
            value = dig(value, step["key"] or step["quoted"].replace("\\", ""))
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
