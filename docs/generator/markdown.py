"""Tables in Markdown, and the descriptions that stand in docstrings."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from types import ModuleType


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield _line(columns)
    yield _line(["---"] * len(columns))
    for row in rows:
        yield _line([cell.replace("|", r"\|") for cell in row])


def code(text: object) -> str:
    """Return text in a code span."""
    return f"`{text}`"


def one_line(text: str) -> str:
    """Return a docstring of several lines as one."""
    return re.sub(r"\s+", " ", text).strip()


def attribute_docstrings(thing: type | ModuleType) -> dict[str, str]:
    """Return the docstring below each assignment or annotation in the body of a class or module."""
    body = _definition(thing).body if isinstance(thing, type) else ast.parse(inspect.getsource(thing)).body
    found = {}
    for statement, following in pairwise(body):
        name = _assigned(statement)
        match following:
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                found[name] = one_line(text)
    return found


def annotations(cls: type) -> dict[str, str]:
    """Return the annotations in the body of a class, by name, as they are written."""
    return {
        node.target.id: _written(node.annotation)
        for node in _definition(cls).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def parameters(cls: type) -> dict[str, str]:
    """Return the annotations of a constructor's parameters, by name, as they are written."""
    constructor = next(node for node in _definition(cls).body if isinstance(node, ast.FunctionDef))
    return {each.arg: _written(each.annotation) for each in constructor.args.args if each.annotation}


def written_bases(cls: type) -> list[type]:
    """Return a TypedDict after those that it extends, which its MRO does not tell."""
    names = [base.id for base in _definition(cls).bases if isinstance(base, ast.Name) and base.id != "TypedDict"]
    bases = [getattr(sys.modules[cls.__module__], name) for name in names]
    return [*(deeper for base in bases for deeper in written_bases(base)), cls]


def _definition(cls: type) -> ast.ClassDef:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    if not isinstance(definition, ast.ClassDef):
        raise TypeError(f"{cls} is not written as a class")
    return definition


def _written(annotation: ast.expr) -> str:
    """Return an annotation as text; one in quotes, for the sake of a name that comes later, without them."""
    return ast.unparse(annotation).strip("'")


def _assigned(statement: ast.stmt) -> str | None:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
