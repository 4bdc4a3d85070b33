"""Shows a run while it goes on: a live list on a terminal, a line for each step elsewhere."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from cecf.automation.events import Message, News, Run
from cecf.automation.stack import OperationFailedError
from cecf.cli import records
from cecf.cli.console import console, errors

_SHOWN = 12
"""Lines of steps under way; more would scroll a small terminal."""

_STYLES = {"info": "", "warning": "yellow"}
"""How a message looks, by its severity."""

_PLANNED = ("create", "update", "delete", "replace")
"""Operations that a preview shows; a replacement's two halves are one to a reader."""

_PAST = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "created",
    "delete-replaced": "deleted",
}


@contextmanager
def progress(title: str, *, planned: bool = False, as_json: bool = False) -> Iterator[Run]:
    """Yield a run; what happens in it is shown until the block ends.

    `planned` says that nothing is done yet: steps are named as what is to come, without a time. `as_json` writes a
    record for each step and message instead.
    """
    if as_json:
        with _interruptible():
            yield Run(records.news)
        return

    def show(news: News) -> None:
        if line := _line(news, planned=planned):
            live.console.print(line)

    run = Run(show)
    with Live(get_renderable=lambda: _picture(title, run), console=console, transient=True) as live, _interruptible():
        yield run


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let the engine, which gets the terminal's Ctrl-C itself, finish what is under way and keep its state."""
    interrupted = False

    def interrupt(_signal: int, _frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        errors.print("interrupted: what is under way is finished; Ctrl-C again gives that up")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except OperationFailedError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _picture(title: str, run: Run) -> RenderableType:
    if not console.is_terminal:
        return Text()
    under_way = [step for step in run.under_way if step.type != "Stack"]
    heading = Spinner("dots", f"{title}: {len(run.over)} done, {len(under_way)} under way")
    lines = [
        Text(f"    {step.type} {step.name} {run.clock() - step.started:.0f} s  {run.notes.get(step.name, '')}")
        for step in under_way
    ]
    return Group(heading, *lines[:_SHOWN])


def _line(news: News, *, planned: bool) -> Text | None:
    """Return the line for a step that ended, or for a message worth a line of its own."""
    if isinstance(news, Message):
        # Errors are shown once, at the end.
        return Text(f"  {news.text}", style=_STYLES[news.severity]) if news.severity in _STYLES else None
    if news.type == "Stack":
        return None
    if planned:
        return Text(f"  {news.operation:8} {news.type} {news.name}") if news.operation in _PLANNED else None
    verb = _PAST.get(news.operation, news.operation)
    if news.failed:
        return Text(f"  failed   {news.type} {news.name} after {news.seconds:.1f} s", style="red")
    return Text(f"  {verb:8} {news.type} {news.name} {news.seconds:.1f} s")
