"""Tasks that the engine does itself within the step: service, business rule and script tasks."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from engine.decisions import DecisionFailed
from engine.definitions.model import Activity
from engine.execution.errors import ValueUnusable
from engine.execution.events import assign_result, evaluated
from engine.execution.expressions import Expression, document_value
from engine.execution.flow_nodes import FlowNode
from engine.execution.host import BpmnError
from engine.execution.propagation import throw_error
from engine.execution.tree_task import TreeTask

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec


class Decide(Protocol):
    """Evaluates the one decision that a business rule task names."""

    def __call__(self, inputs: Mapping[str, Any], now: datetime) -> Any: ...


class ServiceTask(FlowNode):
    """Calls a handler; its answer goes into the variables, its BpmnError to a boundary event.

    Any other exception leaves the runtime: the caller rolls back and tries again or gives up.
    """

    def __init__(
        self,
        scope: "BpmnProcessSpec",
        activity: Activity,
        inputs: Mapping[str, Expression],
        name: str,
    ) -> None:
        super().__init__(scope, activity, name)
        self.arguments = inputs

    def _run_hook(self, my_task: TreeTask) -> bool:
        host = my_task.workflow.top_workflow.host
        handler = self.activity.handler or ""
        try:
            answer = host.call_service(handler, self.bpmn_id, evaluated(self.arguments, my_task))
        except BpmnError as error:
            throw_error(my_task, error.code, error)
            return True
        assign_result(my_task, document_value(answer))
        return True


class BusinessRuleTask(FlowNode):
    """Evaluates a DMN decision over the variables.

    With cs:result the whole answer becomes that variable; without, a context is merged into the
    variables and any other answer takes the decision's name. A decision that fails is a BPMN error
    with its code (`decision.no_match`, …).
    """

    def __init__(
        self, scope: "BpmnProcessSpec", activity: Activity, decide: Decide, name: str
    ) -> None:
        super().__init__(scope, activity, name)
        self.decide = decide

    def _run_hook(self, my_task: TreeTask) -> bool:
        top = my_task.workflow.top_workflow
        try:
            answer = self.decide(top.variables.seen_from(my_task.scope), top.host.now())
        except DecisionFailed as error:
            throw_error(my_task, error.code, error)
            return True
        value = document_value(answer)
        if isinstance(value, dict) and not self.activity.result:
            assign_result(my_task, value)
        else:
            name = self.activity.result or self.activity.decision or self.bpmn_id
            top.variables.assign(my_task.scope, name, value)
        return True


class ScriptTask(FlowNode):
    """Assigns the entries of a FEEL context to the variables, in order."""

    def __init__(
        self, scope: "BpmnProcessSpec", activity: Activity, script: Expression, name: str
    ) -> None:
        super().__init__(scope, activity, name)
        self.script = script

    def _run_hook(self, my_task: TreeTask) -> bool:
        assigned = self.script.value(my_task)
        if not isinstance(assigned, Mapping):
            raise ValueUnusable(
                f"The script of {self.bpmn_id!r} gave {assigned!r}; it must be a FEEL context."
            )
        assign_result(my_task, document_value(assigned))
        return True
