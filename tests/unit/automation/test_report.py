"""A preview's report: what the engine's events become, and the comment, whatever the texts in it say."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pulumi.automation import EngineEvent

from cecf.automation.events import Run, Violation
from cecf.automation.redaction import MASK
from cecf.automation.report import Change, Report, Result, report_of
from cecf.automation.report_text import Frame, comment
from cecf.automation.stack import OperationFailedError
from cecf.problems import REFUSAL, CloudUnavailableError, InvalidInputError

URN = "urn:pulumi:finance::cecf::cecf:index:Node${type}::{name}"
SERVER, VOLUME = "openstack:compute/instance:Instance", "openstack:blockstorage/volume:Volume"
FRAME = Frame(limit=65_536, revision="0123456789abcdef", run_url="https://ci.example/1")


def step(operation: str, name: str, type_: str = SERVER, **metadata: Any) -> list[EngineEvent]:
    """Return the events of a step, with values that nobody is to see."""
    state = {"inputs": {"adminPass": "hunter2"}, "protect": metadata.pop("protect", False)}
    urn = URN.format(type=type_, name=name)
    data = {"metadata": {"op": operation, "urn": urn, "type": type_, "old": state, "new": state, **metadata}}
    return [EngineEvent.from_json({"resourcePreEvent": data}), EngineEvent.from_json({"resOutputsEvent": data})]


def said(text: str, severity: str) -> EngineEvent:
    """Return the event of something said."""
    return EngineEvent.from_json({"diagnosticEvent": {"message": text, "severity": severity}})


def judged(level: str, message: str = "a server has no group") -> EngineEvent:
    """Return the event of a policy that is not kept."""
    event = {"message": message, "policyName": "spread", "policyPackName": "cecf", "enforcementLevel": level}
    return EngineEvent.from_json({"policyEvent": {**event, "resourceUrn": URN.format(type=SERVER, name="a-server")}})


def report(*events: EngineEvent, **more: Any) -> Report:
    """Return the report of a run that had these events."""
    run = Run()
    for event in events:
        run.apply(event)
    return report_of("cecf", "finance", run, **more)


REPLACED = step(
    "replace",
    "finance-web-1-server",
    keys=["flavorName"],
    detailedDiff={"flavorName": {"diffKind": "update-replace"}, "tags[0]": {"diffKind": "update"}},
)


def test_a_step_is_told_by_the_names_of_its_properties_never_by_values() -> None:
    made = report(*REPLACED)
    assert made.changes == (
        Change(
            operation="replace",
            type="Instance",
            name="finance-web-1-server",
            changed=("flavorName", "tags[0]"),
            forced_by=("flavorName",),
            protected=False,
        ),
    )
    assert "hunter2" not in made.to_json() + comment(made, [], FRAME)


def test_halves_of_a_replacement_and_what_stays_are_not_counted() -> None:
    events = [*REPLACED, *step("create-replacement", "x"), *step("delete-replaced", "x"), *step("same", "y")]
    assert report(*events, *step("create", "z"), *step("create", "w")).counts == {"replace": 1, "create": 2}


def test_what_is_lost_comes_first_and_loud() -> None:
    made = report(
        *step("create", "finance-web-3-server"),
        *step("update", "finance-spread", "cecf:index:SpreadCheck", diffs=["servers"]),
        *step("delete", "finance-old-1-port", "openstack:networking/port:Port"),
        *REPLACED,
        *step("replace", "finance-etcd", VOLUME, keys=["name"], protect=True),
        said("the guard's word", "warning"),
    )
    text = comment(made, ["+ the whole diff"], FRAME)
    assert text.startswith("<!-- cecf:preview project=cecf stack=finance -->\n### Preview of `finance`: ")
    assert "1 to delete, 2 to replace, 1 to create, 1 to update" in text
    assert "**3 resources are replaced or deleted**, among them **1 volume, 1 server**; **protected: 1**." in text
    order = [
        "finance-etcd",
        "finance-web-1-server",
        "finance-old-1-port",
        "guard's word",
        "finance-web-3",
        "whole diff",
    ]
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)
    assert "| **replace** | `finance-etcd` | **volume**, **protected** | `name` |" in text
    assert text.index("<details>") > text.index("guard's word")


def test_what_the_engine_says_for_its_own_eyes_is_not_published() -> None:
    made = report(said("kubeconfig: a secret of the stack's outputs", "debug"), said("an output", "info#err"))
    assert [word for word in ("kubeconfig", "an output") if word in made.to_json() + comment(made, [], FRAME)] == []


def test_the_diff_is_coloured_and_its_own_text_kept() -> None:
    diff = ["    +-openstack:Instance: (replace)", "      ~ flavorId: 1 => 2", "- gone", "  + new", "    [id=1]"]
    assert "```diff\n!     +-open" in comment(report(), diff, FRAME)
    assert "\n!       ~ flavorId: 1 => 2\n- - gone\n+   + new\n      [id=1]\n```" in comment(report(), diff, FRAME)


def test_a_fence_in_the_diff_ends_nothing() -> None:
    text = comment(report(), ["```", "````", "@everybody"], FRAME)
    assert "`````diff\n  ```\n  ````\n  @everybody\n`````" in text


def test_a_preview_that_ended_early_says_that_it_has_not_seen_all() -> None:
    failure = OperationFailedError([f"{REFUSAL} to replace"])
    assert "It ended early" in comment(report(*REPLACED, failure=failure), [], FRAME)
    assert "It ended early" not in comment(report(*REPLACED), [], FRAME) + comment(report(failure=failure), [], FRAME)


def test_nothing_to_do_is_said() -> None:
    text = comment(report(), [], FRAME)
    assert "### Preview of `finance`: nothing to do" in text
    assert "CAUTION" not in text
    assert "[this run](https://ci.example/1)" in text


@pytest.mark.parametrize(
    ("events", "failure", "result", "headline"),
    [
        ([], None, Result.OK, ": nothing to do"),
        ([judged("advisory")], None, Result.OK, ": nothing to do"),
        ([], OperationFailedError(["Nova says no"]), Result.FAILED, " failed"),
        ([], CloudUnavailableError("dev", Exception("gone")), Result.FAILED, " failed"),
        ([], OperationFailedError([f"{REFUSAL} to"]), Result.REFUSED, " is refused"),
        ([], InvalidInputError([]), Result.REFUSED, " is refused"),
        ([judged("mandatory")], OperationFailedError([f"{REFUSAL} to"]), Result.POLICY, " is stopped by a policy"),
    ],
)
def test_how_it_ended_is_said_and_is_the_exit_code(
    events: list[EngineEvent], failure: Exception | None, result: Result, headline: str
) -> None:
    made = report(*events, failure=failure)
    assert made.result == result
    assert f"### Preview of `finance`{headline}\n" in comment(made, [], FRAME)
    assert json.loads(made.to_json())["result"] == result.name.lower()


def test_policies_notes_and_errors_are_told() -> None:
    made = report(
        judged("advisory", "a"),
        judged("mandatory", "b"),
        failure=OperationFailedError(["first\nsecond"]),
        notes=["+3 servers"],
    )
    text = comment(made, [], FRAME)
    assert "- **mandatory** `spread` (`cecf`) on `a-server`: `b`\n- **advisory**" in text
    assert "- `first`\n- `second`" in text
    assert "**Quota and cost**\n\n- `+3 servers`" in text


def test_a_secret_is_masked_wherever_somebody_says_it() -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----"
    made = report(
        said("dev: hunter22-longer is wrong", "warning"),
        judged("advisory", "has hunter22"),
        failure=OperationFailedError([f"cannot read {key} of /root"]),
        notes=["hunter22"],
    ).redacted(lambda text: text.replace("hunter22-longer", MASK).replace("hunter22", MASK).replace(key, MASK))
    for text in (made.to_json(), comment(made, [], FRAME)):
        assert [word for word in ("hunter22", "MHcCAQ", "PRIVATE") if word in text] == []
    assert made.warnings == ("dev: [secret] is wrong",)
    assert made.errors == ("cannot read [secret] of /root",)


def test_a_diff_that_does_not_fit_is_cut_and_the_whole_is_named() -> None:
    diff = [f"  + property {number}" for number in range(5000)]
    text = comment(report(*REPLACED), diff, FRAME)
    assert len(text.encode()) <= FRAME.limit
    assert "property 2000" in text
    assert "Cut: the first lines of 5000; all of them are in `finance.diff`." in text
    assert "property 4999" in comment(report(*REPLACED), diff, replace(FRAME, limit=1_000_000))


def test_a_table_that_does_not_fit_is_cut_and_what_is_lost_goes_last() -> None:
    lost = [event for number in range(900) for event in step("delete", f"finance-web-{number}-server")]
    made = [event for number in range(900) for event in step("create", f"finance-new-{number}-server")]
    text = comment(report(*lost, *made), ["+ diff"], FRAME)
    assert len(text.encode()) <= FRAME.limit
    assert text.count("| **delete** |") == 900
    assert "The table is cut: 900 rows, all of them in `finance.json`." in text


NASTY = st.text(
    alphabet=st.sampled_from("`|\\<>[]()!*_#@\n\r\t ~-$:&;aé\u2028\U0001f600"), max_size=40
) | st.sampled_from(
    ["```", "````\n@everybody", "</details>", "<!--", "-->", "| a | b |", "\\|", "](http://x)", "x" * 3000, "`" * 700]
)
OPERATIONS = st.sampled_from(["create", "update", "delete", "replace"])
PATHS = st.lists(NASTY, max_size=9).map(tuple)
CHANGES = st.builds(
    Change, operation=OPERATIONS, type=NASTY, name=NASTY, changed=PATHS, forced_by=PATHS, protected=st.booleans()
)
VIOLATIONS = st.builds(Violation, pack=NASTY, policy=NASTY, level=NASTY, urn=NASTY, message=NASTY)
TEXTS = st.lists(NASTY, max_size=50).map(tuple)
REPORTS = st.builds(
    Report,
    project=st.just("cecf"),
    stack=st.just("finance"),
    result=st.sampled_from(Result),
    changes=st.lists(CHANGES, max_size=30).map(tuple),
    warnings=TEXTS,
    errors=TEXTS,
    policies=st.lists(VIOLATIONS, max_size=5).map(tuple),
    notes=TEXTS,
)

PLAIN = re.compile(r"[\w .,:;…+'()\[\]!/-]*")
"""What stands outside of code: this program's own words."""


def inlines(tokens: list[Token]) -> list[Token]:
    """Return the tokens inside of paragraphs and cells."""
    return [child for token in tokens for child in token.children or []]


@given(made=REPORTS, diff=st.lists(NASTY, max_size=60), limit=st.integers(700, 20_000))
def test_whatever_a_text_says_it_stays_in_its_place_and_within_the_limit(
    made: Report, diff: list[str], limit: int
) -> None:
    text = comment(made, [line for part in diff for line in part.splitlines()], replace(FRAME, limit=limit))

    assert len(text.encode()) <= limit
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    assert {token.content for token in tokens if token.type == "html_block"} <= {
        "<!-- cecf:preview project=cecf stack=finance -->\n",
        "</details>\n",
        *(token.content for token in tokens if token.content.startswith("<details>\n<summary>")),
    }
    assert sum(token.type == "fence" for token in tokens) <= 1
    assert [child.content for child in inlines(tokens) if child.type == "html_inline"] in ([], ["<sub>", "</sub>"])
    links = [child.attrs["href"] for child in inlines(tokens) if child.type == "link_open"]
    assert links == ["https://ci.example/1"]
    words = [child.content for child in inlines(tokens) if child.type == "text"]
    assert [word for word in words if not PLAIN.fullmatch(word)] == []
    assert text.count("<details>\n<summary>") == sum(t.content.startswith("<details>") for t in tokens)


@given(made=REPORTS)
def test_every_row_of_a_table_has_four_cells(made: Report) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(comment(made, [], replace(FRAME, limit=10**6)))
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in ("td_open", "th_open") for token in tokens)
    heads = sum(token.type == "table_open" for token in tokens)
    assert cells == 4 * rows
    assert rows == len(made.changes) + heads
