"""The base of every settings model, and how its cross-field rules are reported."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from cecf.problems import Problem, config_remove

RULES = "cecf_rules"
"""The error type under which a model's broken rules travel through pydantic, as `ctx["problems"]`."""


def repeated(path: str, values: Sequence[object], why: str, root: str) -> Iterator[Problem]:
    """Yield a problem for each value of the list at `path` that stands in it before; `root` is where the model is."""
    for position, value in enumerate(values):
        if value in values[:position]:
            item = f"{path}[{position}]"
            yield Problem(path=item, what=f"{value} is named twice", why=why, mend=config_remove(f"{root}.{item}"))


class Model(BaseModel):
    """A frozen part of the settings. Unknown keys are errors; an attribute's docstring is its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    def problems(self) -> Iterable[Problem]:
        """Yield what is wrong between fields; paths are relative to this model."""
        return ()

    @model_validator(mode="after")
    def _keep_rules(self) -> Self:
        try:
            problems = tuple(self.problems())
        except ValueError as error:
            # pydantic would take it for a wrong value of the person's.
            raise RuntimeError(f"a rule of {type(self).__name__} cannot judge") from error
        if problems:
            raise PydanticCustomError(RULES, "rules broken", {"problems": problems})
        return self
