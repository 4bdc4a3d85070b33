"""What can keep the engine from being had, each in one line that says how to mend it."""

FAILED = 1
USAGE = 2
INTERRUPTED = 130
TERMINATED = 143


class EngineError(Exception):
    """The engine cannot be had; ``exit_code`` is what the command line returns for it."""

    exit_code = FAILED


class EngineMissingError(EngineError):
    """Something that a person has to supply first is not there."""

    exit_code = USAGE
