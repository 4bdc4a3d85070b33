"""A stack's file, read without the engine."""

import json
from pathlib import Path

import yaml

from cecf.problems import InvalidInputError, Problem
from cecf.settings import LoadedSettings, business_of, businesses, load_settings, read_config, read_profile


def check(name: str, project_dir: Path) -> None:
    """Raise `InvalidInputError` where a project has no file of a stack."""
    if _file(name, project_dir).exists():
        return
    if not (project_dir / "Pulumi.yaml").exists():
        what = f"there is no Pulumi.yaml in {project_dir.absolute()}"
        raise InvalidInputError([Problem(path="", what=what, mend="run it in the project's folder, or name --project")])
    known = ", ".join(sorted(path.name.split(".")[1] for path in project_dir.glob("Pulumi.*.yaml")))
    mend = "name one of them, or make one as README.md says under 'Your own cloud'"
    raise InvalidInputError([Problem(path="", what=f"there is no stack '{name}'", why=f"there are {known}", mend=mend)])


def read_stack_file(name: str, project_dir: Path) -> dict[str, str]:
    """Return what a stack's file configures, in the form in which the engine gives it to the program.

    Raises `InvalidInputError` where there is no such file, or none that can be read. Secrets stay encrypted.
    """
    check(name, project_dir)
    file = _file(name, project_dir)
    try:
        config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        mend = f"see what `git diff {file.name}` shows"
        what = f"{file.name} cannot be read as a stack's configuration"
        raise InvalidInputError([Problem(path="", what=what, why=str(error), mend=mend)]) from None


def load(name: str, project_dir: Path) -> LoadedSettings:
    """Return the settings of a stack, laid over its business's. Raises `InvalidInputError` for wrong ones."""
    layer = read_config(read_stack_file(name, project_dir))
    return load_settings(layer, read_profile(business_of(layer, businesses())))


def _file(name: str, project_dir: Path) -> Path:
    return project_dir / f"Pulumi.{name}.yaml"
