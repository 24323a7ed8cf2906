"""What can go wrong while an instance runs; each error says what to do.

All of them leave the saved state untouched: the caller drops the runtime and rolls back.
"""


class ExecutionError(Exception):
    """Running an instance failed; nothing of the step may be kept."""


class DefinitionNotExecutable(ExecutionError):
    """The diagram holds something that the execution core refuses; lint it and deploy again."""


class UnknownStartEvent(ExecutionError):
    """The process has no such start event, or several and none was named."""


class TaskNotOpen(ExecutionError):
    """The task is not open (any more); reload the worklist."""


class NotWaiting(ExecutionError):
    """Nobody waits there for this message or signal (any more); look the subscription up again."""


class InstanceFinished(ExecutionError):
    """The instance has ended; nothing more can be done in it."""


class NoPathTaken(ExecutionError):
    """No condition of a gateway is true and it has no default flow; draw one."""


class UncaughtError(ExecutionError):
    """An error that no boundary event catches; draw one for its code, or remove the cause."""

    def __init__(self, code: str, activity_id: str) -> None:
        super().__init__(
            f"Error {code!r} of activity {activity_id!r} is caught by no boundary event."
        )
        self.code = code
        self.activity_id = activity_id


class StepBudgetExceeded(ExecutionError):
    """The instance does not come to rest; look for a loop that nobody and nothing stops."""


class NestingTooDeep(ExecutionError):
    """Processes call one another without end; look for a process that calls itself."""


class NothingCanContinue(ExecutionError):
    """The instance is not finished but waits for nobody; a join lacks a branch (deadlock)."""


class ValueUnusable(ExecutionError):
    """A FEEL expression of the diagram gave a value that cannot be used where it stands."""


class CalledProcessMissing(ExecutionError):
    """A call activity names a process that was not handed in, or another version of it."""


class DecisionMissing(ExecutionError):
    """A business rule task names a decision that the definition does not hold."""


class StateUnreadable(ExecutionError):
    """The saved state is damaged, of an unknown format, or of another definition."""
