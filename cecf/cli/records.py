"""A run for programs: a JSON record on each line of standard output, under names that stay."""

import json
import sys
from typing import Any

from cecf.automation.events import Message, News, Run
from cecf.automation.stack import Outcome


def news(news: News) -> None:
    """Write a step that has ended, or a message."""
    if isinstance(news, Message):
        write("message", severity=news.severity, text=news.text)
    elif news.type != "Stack":
        write(
            "step",
            operation=news.operation,
            type=news.type,
            name=news.name,
            urn=news.urn,
            seconds=round(news.seconds or 0, 1),
            failed=news.failed,
        )


def summary(operation: str, stack: str, outcome: Outcome, run: Run, **more: Any) -> None:
    """Write what a run came to; secrets among the outputs are masked."""
    write(
        "summary",
        operation=operation,
        stack=stack,
        changed=outcome.changed,
        changes=dict(outcome.changes),
        seconds=round(run.seconds, 1),
        outputs=dict(outcome.outputs),
        **more,
    )


def write(record: str, **data: Any) -> None:
    """Write a record of a kind."""
    sys.stdout.write(json.dumps({"record": record, **data}) + "\n")
    sys.stdout.flush()
