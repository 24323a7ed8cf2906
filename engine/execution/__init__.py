"""Run process instances: the adapter to SpiffWorkflow, and the only place that imports it.

`load_program` prepares a definition once; `Runtime` starts or restores an instance, steps it and
saves it. README.md says what is executed, what is refused, and how it works.
"""

from engine.execution.addresses import Prediction, compare, resolve, visits_so_far
from engine.execution.ahead import device_state
from engine.execution.codec import saved_definitions
from engine.execution.coverage import REFUSED, SUPPORTED, event_kind, refusal
from engine.execution.errors import (
    CalledProcessMissing,
    DecisionMissing,
    DefinitionNotExecutable,
    ExecutionError,
    InstanceFinished,
    NestingTooDeep,
    NoPathTaken,
    NothingCanContinue,
    NotWaiting,
    StateUnreadable,
    StepBudgetExceeded,
    TaskNotOpen,
    UncaughtError,
    UnknownStartEvent,
    ValueUnusable,
)
from engine.execution.host import BpmnError, Host
from engine.execution.program import Program, load_program
from engine.execution.runtime import Runtime
from engine.execution.views import OpenActivity, Subscription, Thrown, Timer

__all__ = [
    "REFUSED",
    "SUPPORTED",
    "BpmnError",
    "CalledProcessMissing",
    "DecisionMissing",
    "DefinitionNotExecutable",
    "ExecutionError",
    "Host",
    "InstanceFinished",
    "NestingTooDeep",
    "NoPathTaken",
    "NotWaiting",
    "NothingCanContinue",
    "OpenActivity",
    "Prediction",
    "Program",
    "Runtime",
    "StateUnreadable",
    "StepBudgetExceeded",
    "Subscription",
    "TaskNotOpen",
    "Thrown",
    "Timer",
    "UncaughtError",
    "UnknownStartEvent",
    "ValueUnusable",
    "compare",
    "device_state",
    "event_kind",
    "load_program",
    "refusal",
    "resolve",
    "saved_definitions",
    "visits_so_far",
]
