"""The engine is killed again and again, at points that nobody has chosen: the next run always ends well."""

import random
import time

from cecf.automation.audit import remaining
from tests.cluster.booted import Figure
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program, kill
from tests.engine.shapes import highly_available

TIMES = 10
SHAPE = highly_available(workers=1)


def timed(program: Program, verb: str) -> float:
    """Run a verb to its end; return how many seconds it took."""
    began = time.monotonic()
    done = program.command(verb, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - began


def killed(program: Program, verb: str, after: float) -> bool:
    """Start a verb and kill it with all that it has started; tell whether it was at work still."""
    process = program.start(verb)
    time.sleep(after)
    at_work = process.poll() is None
    kill(process)
    return at_work


def test_up_and_destroy_are_killed_ten_times_each_and_the_next_run_ends_clean(
    new_project: NewProject, new_program: NewProgram, figure: Figure
) -> None:
    program = new_program("dev", new_project())
    program.configure(SHAPE)
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    whole = {verb: timed(program, verb) for verb in ("up", "destroy")}
    points: dict[str, list[float]] = {"up": [], "destroy": []}
    for number in range(TIMES):
        for verb in ("up", "destroy"):
            after = chance.uniform(0.05, 0.95) * whole[verb]
            if killed(program, verb, after):
                points[verb].append(after)
            # Half of the killed `up`s are gone on with, the others are taken down as they are.
            if verb == "up" and number % 2:
                continue
            timed(program, verb)
            if verb == "up":
                assert program.preview() == {}, f"seed {seed}: killed after {after:.1f} s"
            else:
                assert remaining(program.open()) == [], f"seed {seed}: killed after {after:.1f} s"
    assert min(map(len, points.values())) > TIMES // 2, "most ended before they could be killed"
    said = "; ".join(
        f"{verb} ({whole[verb]:.0f} s) after {', '.join(f'{after:.0f}' for after in sorted(each))} s"
        for verb, each in points.items()
    )
    figure(f"killed with seed {seed}: {said}; the next run ended clean each time, 0 objects left")
