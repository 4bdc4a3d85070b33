"""Previews for a pipeline: what is asked of the engine, and the files that are left."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from cecf.automation.affected import Businesses, stack_names
from cecf.automation.events import Run
from cecf.automation.report import Report
from cecf.automation.stack import Stack
from cecf.automation.stack_file import read_stack_file
from cecf.problems import InvalidInputError, Problem

_PACK = "policy"
"""The folder of the project's own policies."""


def project_name(project_dir: Path) -> str:
    """Return the project's name. Raises `InvalidInputError` where there is no project."""
    file = project_dir / "Pulumi.yaml"
    try:
        return str(yaml.safe_load(file.read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        mend = "run it in the project's folder, or name --project"
        problem = Problem(path="", what=f"{file.absolute()} cannot be read", why=str(error), mend=mend)
        raise InvalidInputError([problem]) from None


def businesses_of(project_dir: Path) -> Businesses:
    """Return each stack's business; empty where its file cannot be read, which its preview will tell."""
    return {name: _business(name, project_dir) for name in stack_names(project_dir)}


def preview(name: str, project_dir: Path, run: Run, diff: list[str], plan: Path | None) -> tuple[str, ...]:
    """Preview a stack, with the project's policies if it has any; return what it means for quotas and cost.

    `diff` gets the engine's account line by line. Raises `OperationFailedError`; `run` and `diff` hold what was seen
    until then.
    """
    from cecf.automation.preflight import preflight  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    pack = project_dir / _PACK
    packs = [pack] if (pack / "PulumiPolicy.yaml").is_file() else []
    stack = Stack(name, project_dir)
    if plan is None:
        stack.preview(run, on_diff=diff.append, policy_packs=packs)
    else:
        plan.unlink(missing_ok=True)  # that of an earlier run promises something else
        with TemporaryDirectory() as private:
            whole = Path(private) / "plan.json"
            stack.preview(run, on_diff=diff.append, plan=whole, policy_packs=packs)
            plan.write_text(_without_states(whole.read_text(encoding="utf-8")), encoding="utf-8")
    return tuple(preflight(name, project_dir).notes())


def _without_states(plan: str) -> str:
    """Return a plan without the states in which it expects resources to be: `up --plan` holds a run to the goals alone.

    Secrets of the goals are encrypted; but the OpenStack plugin writes a new server's user data, and so a control
    plane's keys, into its expected state in the clear.
    """
    content = json.loads(plan)
    for resource in content["resourcePlans"].values():
        resource.pop("state", None)
    return json.dumps(content, indent=2) + "\n"


def leave(report: Report, text: str, diff: str, folder: Path) -> Path:
    """Write a preview's files; return the one for people."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending, content in (("md", text), ("diff", diff), ("json", report.to_json())):
        (folder / f"{report.stack}.{ending}").write_text(content, encoding="utf-8")
    return folder / f"{report.stack}.md"


def _business(name: str, project_dir: Path) -> str:
    try:
        return read_stack_file(name, project_dir).get("cecf:business", "")
    except InvalidInputError:
        return ""
