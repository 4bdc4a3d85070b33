"""Questions about what runs on a node: some the API answers, the others a small program on the node itself."""

import json
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi

PROGRAM = Path(__file__).parents[2] / "node/look.py"
"""What runs on the node."""

Question = tuple[str, ...]
"""A source, as the API or the program has it, and what to look at there."""

OnNode = Callable[..., str]
"""Runs a command as root on a node, its first argument, and returns the output; raises OSError or SubprocessError."""

OF_THE_API = {"kubelet": "/api/v1/nodes/{}/proxy/configz", "node": "/api/v1/nodes/{}"}
"""The sources that are the API's, with their paths."""


class UnreadableError(Exception):
    """A value cannot be told from what was read, or nothing could be read."""


@dataclass(frozen=True)
class Answer:
    """What a source says, or why it says nothing."""

    text: str = ""
    fault: str = ""

    def read(self) -> str:
        """Return what it says. Raises `UnreadableError` where it says nothing."""
        if self.fault:
            raise UnreadableError(self.fault)
        return self.text


Answers = Mapping[Question, Answer]


def ask(node: str, questions: Collection[Question], api: KubernetesApi, on_node: OnNode) -> Answers:
    """Return an answer to each question."""
    of_the_api = {question for question in questions if question[0] in OF_THE_API}
    answers = {question: _of_the_api(api, OF_THE_API[question[0]].format(node)) for question in of_the_api}
    return answers | _of_the_node(node, sorted(set(questions) - of_the_api), on_node)


def _of_the_api(api: KubernetesApi, path: str) -> Answer:
    try:
        found = api.get(path)
    except (ApiUnreachableError, ApiRefusedError) as error:
        return Answer(fault=str(error))
    return Answer(text=json.dumps(found)) if found else Answer(fault=f"the API has no {path}")


def _of_the_node(node: str, questions: list[Question], on_node: OnNode) -> dict[Question, Answer]:
    try:
        # One command for all: each may be a login of its own.
        said = on_node(node, "python3", "-c", PROGRAM.read_text(), json.dumps(questions))
        return {question: Answer(**answer) for question, answer in zip(questions, json.loads(said), strict=True)}
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        return dict.fromkeys(questions, Answer(fault=f"{node} could not be asked: {_words(error)}"))


def _words(error: Exception) -> str:
    """Return an error without the command, which holds a whole program."""
    if isinstance(error, subprocess.SubprocessError):
        said = str(getattr(error, "stderr", None) or "").strip()
        return said.splitlines()[-1] if said else type(error).__name__
    return str(error)
