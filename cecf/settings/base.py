"""The base of every settings model, and how its cross-field rules are reported."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from cecf.problems import Problem

RULES = "cecf_rules"
"""The error type under which a model's broken rules travel through pydantic, as `ctx["problems"]`."""


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
        if problems := tuple(self.problems()):
            raise PydanticCustomError(RULES, "rules broken", {"problems": problems})
        return self
