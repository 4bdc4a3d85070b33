"""`cecf ci`: what pipelines run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cecf.automation import previews
from cecf.automation.affected import affected, base_of, changed_files, removed
from cecf.automation.comments import CommentError, write
from cecf.automation.events import Run
from cecf.automation.pull_request import GITHUB_LIMIT, PullRequest, Vendor, pull_request
from cecf.automation.redaction import redact
from cecf.automation.report import Report, Result, report_of
from cecf.automation.report_text import Frame, comment, commented, counts, marker, withdrawn
from cecf.automation.stack import OperationFailedError
from cecf.automation.stack_file import check
from cecf.cli.console import console, errors
from cecf.cli.options import HERE, ProjectDir
from cecf.cli.progress import progress
from cecf.problems import CloudUnavailableError, InvalidInputError

app = typer.Typer(help="What pipelines run.", no_args_is_help=True)

Stacks = Annotated[
    list[str] | None, typer.Option("--stack", "-s", help="This stack, whatever has changed. May be repeated.")
]
All = Annotated[bool, typer.Option("--all", help="Every stack, whatever has changed.")]
Base = Annotated[
    str | None, typer.Option("--base", help="What the change is compared with; else what the pipeline says, or main.")
]
CommentOn = Annotated[
    Vendor, typer.Option("--comment", help="Where comments go; `auto`: on the pull request that this runs for, if any.")
]
Output = Annotated[Path, typer.Option("--output", help="The folder for reports, diffs and plans.", file_okay=False)]
SavePlan = Annotated[bool, typer.Option("--save-plan", help="Keep each plan as well, for `pulumi up --plan`.")]


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What is the same for every stack of a run."""

    project: str
    folder: Path
    output: Path
    request: PullRequest | None
    save_plan: bool


@app.callback()
def ci() -> None:
    """Keep `ci` a group of verbs, though it has one so far."""


@app.command()
def preview(  # noqa: PLR0913 (each is an option)
    project: ProjectDir = HERE,
    stack: Stacks = None,
    base: Base = None,
    output: Output = Path("previews"),
    on: CommentOn = Vendor.AUTO,
    *,
    every: All = False,
    save_plan: SavePlan = False,
) -> None:
    """Preview every stack that a change touches, and comment on its pull request: one comment a stack, kept current.

    Exit code: 4 if a mandatory policy is violated, else 2 if a stack is refused, else 1 if a preview or a comment
    failed, else 0.
    """
    job = _Job(
        project=previews.project_name(project),
        folder=project,
        output=output,
        request=pull_request(on, os.environ),
        save_plan=save_plan,
    )
    chosen = _chosen(project, stack or [], base, every=every)
    output.mkdir(parents=True, exist_ok=True)
    worst = Result.OK
    for each in chosen:
        report, text = _preview(each, job)
        written = _publish(report, text, job.request)
        worst = max(worst, report.result, Result.OK if written else Result.FAILED)
    if job.request and not stack and not _withdraw(job.project, chosen, job.request):
        worst = max(worst, Result.FAILED)
    raise typer.Exit(worst)


def _chosen(project: Path, named: list[str], base: str | None, *, every: bool) -> tuple[str, ...]:
    for name in named:
        check(name, project)
    if named:
        return tuple(dict.fromkeys(named))
    stacks = previews.businesses_of(project)
    if every:
        return tuple(stacks)
    base = base or base_of(os.environ)
    changed = changed_files(base, project)
    for gone in removed(changed, stacks):
        errors.print(
            f"{gone}: its file is taken away, its resources stay: cecf destroy --stack {gone} before that", markup=False
        )
    chosen = affected(changed, stacks)
    console.print(f"changed since {base}: {len(changed)} files; affected: {', '.join(chosen) or 'no stack'}")
    return chosen


def _preview(stack: str, job: _Job) -> tuple[Report, str]:
    """Preview one stack and leave its files; return the report and the comment's text."""
    run, failure, diff, notes = Run(), None, list[str](), tuple[str, ...]()
    plan = job.output / f"{stack}.plan.json" if job.save_plan else None
    try:
        with progress(f"preview of {stack}", planned=True) as run:
            notes = previews.preview(stack, job.folder, run, diff, plan)
    except (OperationFailedError, InvalidInputError, CloudUnavailableError) as error:
        failure = error
    report = report_of(job.project, stack, run, failure=failure, notes=notes).redacted(redact)
    whole = redact("\n".join(diff))
    text = comment(report, whole.splitlines(), job.request.frame if job.request else Frame(limit=GITHUB_LIMIT))
    file = previews.leave(report, text, whole + "\n", job.output)
    console.print(f"{stack}: {counts(report)}; {report.result.name.lower()}: {file}", highlight=False, markup=False)
    return report, text


def _publish(report: Report, text: str, request: PullRequest | None) -> bool:
    """Put a report where people see it; tell whether that went well."""
    for error in report.errors:
        errors.print(f"  {error}", style="red", markup=False)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    return request is None or _write(report.project, report.stack, text, request)


def _withdraw(project: str, chosen: tuple[str, ...], request: PullRequest) -> bool:
    """Tell of stacks that the change touched once that it does so no more; return whether that went well."""
    try:
        told = {commented(project, each.body) for each in request.comments().own()}
    except CommentError as error:
        errors.print(f"earlier comments cannot be read: {error}", style="red", markup=False)
        return False
    old = sorted(stack for stack in told - set(chosen) if stack)
    written = [_write(project, stack, withdrawn(project, stack), request) for stack in old]
    return all(written)


def _write(project: str, stack: str, text: str, request: PullRequest) -> bool:
    try:
        written = write(request.comments(), marker(project, stack), text)
    except CommentError as error:
        errors.print(f"{stack}: no comment was written: {error}", style="red", markup=False)
        return False
    console.print(f"{stack}: comment {written.action}: {written.url or request.vendor}", markup=False)
    return True
