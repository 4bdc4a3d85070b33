"""The command's entry: verbs, and what becomes of errors.

Exit codes: 0 ok, 1 failed, 2 usage, settings, or a step that would cost a quorum, 3 changes, drift or leftovers found
(`preview --expect-no-changes`, `drift`, `audit`), 4 a mandatory policy violated (`ci preview`), 130 interrupted.
"""

import sys
from typing import Annotated, NoReturn

import typer

from cecf.automation.redaction import redact
from cecf.automation.stack import OperationFailedError
from cecf.cli import (
    audit,
    ci,
    destroy,
    doctor,
    drift,
    etcd,
    explain,
    graph,
    kubeconfig,
    lab,
    outputs,
    preview,
    refresh,
    status,
    up,
    upgrade,
)
from cecf.cli.console import console, errors
from cecf.problems import CloudUnavailableError, InvalidInputError

FAILED, REFUSED, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="cecf",
    help="Isolated, highly available Kubernetes clusters on OpenStack, one for each business.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("preview")(preview.preview)
app.command("up")(up.up)
app.command("destroy")(destroy.destroy)
app.command("refresh")(refresh.refresh)
app.command("outputs")(outputs.outputs)
app.command("kubeconfig")(kubeconfig.kubeconfig)
app.command("tree")(graph.tree)
app.command("graph")(graph.graph)
app.command("doctor")(doctor.doctor)
app.command("drift")(drift.drift)
app.command("audit")(audit.audit)
app.command("explain")(explain.explain)
app.command("status")(status.status)
app.command("upgrade")(upgrade.upgrade)
app.command("rollback")(upgrade.rollback)
app.add_typer(etcd.app, name="etcd")
app.add_typer(ci.app, name="ci")
app.command("lab", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)(
    lab.lab
)


@app.callback()
def _every_verb(
    *, no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even on a terminal.")] = False
) -> None:
    if no_color:
        console.no_color = errors.no_color = True


def main() -> None:
    """Run the command and exit."""
    try:
        app()
    except InvalidInputError as error:
        _fail(str(error), REFUSED)
    except OperationFailedError as error:
        _fail(str(error), REFUSED if error.refused else FAILED)
    except CloudUnavailableError as error:
        _fail(str(error), FAILED)
    except KeyboardInterrupt:
        _fail("interrupted; the same command takes it up again", INTERRUPTED)


def _fail(text: str, code: int) -> NoReturn:
    errors.print(redact(text), style="red", markup=False, highlight=False)
    sys.exit(code)
