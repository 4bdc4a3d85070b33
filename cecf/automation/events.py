"""Engine events as a model of a run: what is under way, what is done, what went wrong. No output here."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import DiagnosticEvent, PolicyEvent, StepEventMetadata

from cecf.automation.redaction import redact

_FRAMES = (
    re.compile(r"<\{%.*?%\}>"),  # the engine's colours
    re.compile(r"^\s*sdk-v2/.*$", re.MULTILINE),  # a bridged provider logs each error besides returning it
    re.compile(r"\burn:pulumi:\S*::(?=\S+: )"),
    re.compile(r"\d+ errors? occurred:"),
    re.compile(r'(?:Preview failed: )?before hook "\S+" failed: '),
    re.compile(r"Exception calling application: "),  # a dynamic resource's own words follow
    re.compile(r"^\s*\*\s*", re.MULTILINE),
    re.compile(r"last error: %!s\(<nil>\)"),
)
"""What the engine and a bridged provider put around a cloud's own words."""

_QUIET = {OpType.SAME, OpType.READ, OpType.REFRESH, OpType.DISCARD_REPLACED}


def name_of(urn: str) -> str:
    """Return the logical name in a URN."""
    return urn.rsplit("::", 1)[-1]


def type_of(urn: str) -> str:
    """Return the class in a URN: `Instance`, `ControlPlane`."""
    return urn.split("::")[-2].rsplit("$", maxsplit=1)[-1].rsplit(":", maxsplit=1)[-1]


@dataclass(kw_only=True)
class Step:
    """One operation on one resource. `seconds` is its length once it is over."""

    urn: str
    operation: str
    started: float
    seconds: float | None = None
    failed: bool = False
    changed: tuple[str, ...] = ()
    """Paths of the properties that differ. Never their values: those may be secret."""
    forced_by: tuple[str, ...] = ()
    """The properties that cannot be changed in place, so that the resource is replaced."""
    protected: bool = False

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return name_of(self.urn)

    @property
    def type(self) -> str:
        """The class of the resource: `Instance`, `ControlPlane`."""
        return type_of(self.urn)


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something that the engine or a provider said."""

    severity: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A policy that a resource, or the stack as a whole, does not keep."""

    pack: str
    policy: str
    level: str
    """As the pack says: `advisory`, `mandatory`, ..."""
    urn: str
    message: str

    @property
    def mandatory(self) -> bool:
        """Whether it stops the run."""
        return self.level == "mandatory"

    @property
    def name(self) -> str:
        """The resource's logical name; empty where it is about the stack."""
        return self.urn.rsplit("::", 1)[-1]


News = Step | Message
"""A step that has ended, or a message."""


def _ignore(_news: News) -> None:
    """Tell nobody."""


@dataclass
class Run:
    """A run so far. `on_news` is called with each step that ends and each message."""

    on_news: Callable[[News], None] = _ignore
    clock: Callable[[], float] = time.monotonic
    steps: dict[str, Step] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    """What a resource that waits has said last, by its name."""
    policies: list[Violation] = field(default_factory=list)
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return self.clock() - self.started

    @property
    def under_way(self) -> list[Step]:
        """Operations that have begun and not ended, oldest first."""
        # A copy: events come in on another thread than the one that draws.
        return [step for step in list(self.steps.values()) if step.seconds is None]

    @property
    def over(self) -> list[Step]:
        """Operations that have ended."""
        return [step for step in list(self.steps.values()) if step.seconds is not None]

    @property
    def errors(self) -> list[str]:
        """What went wrong, each once, in the order in which it was said."""
        return list(dict.fromkeys(m.text for m in self.messages if m.severity == "error"))

    @property
    def warnings(self) -> list[str]:
        """What the engine, the program or its guard warned of, each once."""
        return list(dict.fromkeys(m.text for m in self.messages if m.severity == "warning"))

    def apply(self, event: EngineEvent) -> None:
        """Take an event in."""
        if event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._end(event.res_outputs_event.metadata, failed=False)
        elif event.res_op_failed_event:
            self._end(event.res_op_failed_event.metadata, failed=True)
        elif event.diagnostic_event:
            self._say(event.diagnostic_event)
        elif event.policy_event:
            self._judge(event.policy_event)

    def _begin(self, metadata: StepEventMetadata) -> None:
        if metadata.op not in _QUIET:
            key = f"{metadata.op.value} {metadata.urn}"
            self.steps[key] = Step(
                urn=metadata.urn,
                operation=metadata.op.value,
                started=self.clock(),
                changed=tuple(sorted(metadata.detailed_diff or metadata.diffs or ())),
                forced_by=tuple(sorted(metadata.keys or ())),
                protected=any(state and state.protect for state in (metadata.old, metadata.new)),
            )

    def _end(self, metadata: StepEventMetadata, *, failed: bool) -> None:
        step = self.steps.get(f"{metadata.op.value} {metadata.urn}")
        if step and step.seconds is None:
            step.seconds = self.clock() - step.started
            step.failed = failed
            self.on_news(step)

    def _say(self, event: DiagnosticEvent) -> None:
        text = redact(plain(event.message or ""))
        if text and not event.ephemeral and event.severity not in ("debug", "info#err"):
            message = Message(severity=event.severity, text=text)
            self.messages.append(message)
            subject, _, news = text.partition(": ")
            if message.severity == "info" and news:
                self.notes[subject] = news.splitlines()[0]
            self.on_news(message)

    def _judge(self, event: PolicyEvent) -> None:
        violation = Violation(
            pack=event.policy_pack_name,
            policy=event.policy_name,
            level=event.enforcement_level,
            urn=event.resource_urn or "",
            message=plain(event.message),
        )
        if violation not in self.policies:
            self.policies.append(violation)


def plain(text: str) -> str:
    """Return what a provider said without the frames around it, on one line for each thing said."""
    for frame in _FRAMES:
        text = frame.sub("", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
