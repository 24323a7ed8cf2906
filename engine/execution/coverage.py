"""Say which BPMN constructs are executed and which are refused, as data.

The lint of engine/definitions reads these tables at deployment; README.md shows them; a test keeps
the three together. A construct is named by its `kind`:

    "userTask"                        an element, by its local name
    "boundaryEvent/timer"             an event, with the kind of its definition ("none" without)
    "boundaryEvent/error@cancelActivity=false"   an attribute that changes what is executed
    "subProcess>startEvent/message"   an event in a place where it means something else
"""

from collections.abc import Mapping
from types import MappingProxyType

from engine.problems import Text


def event_kind(element: str, definitions: tuple[str, ...]) -> str:
    """Name the kind of an event: ("endEvent", ("errorEventDefinition",)) is "endEvent/error"."""
    if len(definitions) > 1:
        return f"{element}/multiple"
    if not definitions:
        return f"{element}/none"
    return f"{element}/{definitions[0].removesuffix('EventDefinition')}"


def refusal(kind: str, *, only_known: bool = False) -> Text | None:
    """Give the reason why `kind` is refused, None when it is executed.

    What is in neither table is unknown to us and therefore refused as well, unless `only_known`:
    so are attributes and places asked for, most of which change nothing.
    """
    if kind in REFUSED:
        return REFUSED[kind]
    if kind in SUPPORTED or only_known:
        return None
    return {
        "en": f"“{kind}” is not a BPMN construct that Countersign knows.",
        "zh": f"会签不认识的 BPMN 元素：“{kind}”。",
    }


SUPPORTED: Mapping[str, Text] = MappingProxyType(
    {
        "process": {"en": "A process.", "zh": "流程。"},
        "subProcess": {
            "en": "An embedded sub-process; it shares the case document.",
            "zh": "内嵌子流程；与外层共用流程变量。",
        },
        "callActivity": {
            "en": "Runs another deployed process inside this instance. With inputs, it gets its "
            "own variables and answers under cs:result; without, it shares the case document.",
            "zh": "在本流程实例中执行另一个已部署的流程。有输入参数时使用独立的变量，"
            "结果写入 cs:result；没有输入参数时共用流程变量。",
        },
        "task": {"en": "Waits for a person, like a user task.", "zh": "与用户任务一样，由人完成。"},
        "userTask": {"en": "Waits for a person.", "zh": "由人完成。"},
        "manualTask": {
            "en": "Waits for a person, like a user task.",
            "zh": "与用户任务一样，由人完成。",
        },
        "scriptTask": {
            "en": "Assigns the entries of a FEEL context.",
            "zh": "按 FEEL 上下文给变量赋值。",
        },
        "serviceTask": {
            "en": "Calls a handler within the step.",
            "zh": "在同一步骤内调用处理程序。",
        },
        "businessRuleTask": {"en": "Evaluates a DMN decision.", "zh": "执行 DMN 决策。"},
        "sendTask": {"en": "Sends a message.", "zh": "发送消息。"},
        "receiveTask": {"en": "Waits for a message.", "zh": "等待消息。"},
        "exclusiveGateway": {
            "en": "Takes the first flow whose condition is true, else the default flow; "
            "neither is an error.",
            "zh": "走第一条条件成立的顺序流，否则走默认流；都没有则报错。",
        },
        "parallelGateway": {
            "en": "Forks and joins, also inside loops.",
            "zh": "并行分支与汇合，循环内同样正确。",
        },
        "inclusiveGateway": {
            "en": "Takes every flow whose condition is true; joins what may still arrive, "
            "also inside loops.",
            "zh": "走所有条件成立的顺序流；汇合仍可能到达的分支，循环内同样正确。",
        },
        "eventBasedGateway": {
            "en": "The first event wins; each timer has its own due time.",
            "zh": "先发生的事件生效；每个定时器有各自的到期时间。",
        },
        "sequenceFlow": {"en": "A sequence flow.", "zh": "顺序流。"},
        "multiInstanceLoopCharacteristics": {
            "en": "Parallel or sequential, by cardinality or collection, with completion "
            "condition and output collection, on tasks, sub-processes and call activities.",
            "zh": "并行或串行多实例，可按数量或集合，支持完成条件和结果集合；"
            "可用于任务、子流程和调用活动。",
        },
        "standardLoopCharacteristics": {
            "en": "Repeats while the condition is true, at most loopMaximum times.",
            "zh": "条件成立时重复，最多 loopMaximum 次。",
        },
        "startEvent/none": {"en": "Started by a person or a call.", "zh": "由人或调用启动。"},
        "startEvent/message": {
            "en": "Started by a message (process level).",
            "zh": "由消息启动（流程级）。",
        },
        "endEvent/none": {"en": "The token ends here.", "zh": "令牌到此结束。"},
        "endEvent/message": {"en": "Sends a message and ends.", "zh": "发送消息后结束。"},
        "endEvent/signal": {"en": "Broadcasts a signal and ends.", "zh": "广播信号后结束。"},
        "endEvent/error": {
            "en": "Ends the scope with an error that a boundary event catches; "
            "uncaught, the command fails.",
            "zh": "以错误结束当前范围，由边界事件捕获；无人捕获则命令失败。",
        },
        "endEvent/escalation": {
            "en": "Escalates to the enclosing scope and ends.",
            "zh": "向外层升级后结束。",
        },
        "endEvent/terminate": {
            "en": "Ends everything in its scope.",
            "zh": "结束所在范围内的一切。",
        },
        "intermediateThrowEvent/none": {"en": "Passes.", "zh": "直接通过。"},
        "intermediateThrowEvent/message": {"en": "Sends a message.", "zh": "发送消息。"},
        "intermediateThrowEvent/signal": {"en": "Broadcasts a signal.", "zh": "广播信号。"},
        "intermediateThrowEvent/escalation": {
            "en": "Escalates to the enclosing scope and goes on.",
            "zh": "向外层升级并继续。",
        },
        "intermediateThrowEvent/link": {
            "en": "Jumps to the link of the same name (made a sequence flow at deployment).",
            "zh": "跳转到同名链接（部署时转换为顺序流）。",
        },
        "intermediateCatchEvent/link": {
            "en": "Where a link of the same name arrives (made a sequence flow at deployment).",
            "zh": "同名链接的到达点（部署时转换为顺序流）。",
        },
        "intermediateCatchEvent/message": {"en": "Waits for a message.", "zh": "等待消息。"},
        "intermediateCatchEvent/signal": {"en": "Waits for a signal.", "zh": "等待信号。"},
        "intermediateCatchEvent/timer": {
            "en": "Waits until a date or for a duration; of a cycle, the first occurrence.",
            "zh": "等到某时刻或等待一段时间；循环定时只取第一次。",
        },
        "intermediateCatchEvent/conditional": {
            "en": "Waits until the condition is true; checked whenever variables may have changed, "
            "not by the clock.",
            "zh": "等到条件成立；在变量可能变化时检查，不按时钟检查。",
        },
        "boundaryEvent/message": {
            "en": "Interrupting, or not (then it stays armed).",
            "zh": "中断型；非中断型会保持监听。",
        },
        "boundaryEvent/signal": {
            "en": "Interrupting, or not (then it stays armed).",
            "zh": "中断型；非中断型会保持监听。",
        },
        "boundaryEvent/timer": {
            "en": "Interrupting, or not; a cycle repeats where it does not interrupt.",
            "zh": "中断型或非中断型；非中断时按循环重复触发。",
        },
        "boundaryEvent/conditional": {
            "en": "Fires when the condition turns true; where it does not interrupt, each time.",
            "zh": "条件由不成立变为成立时触发；非中断型每次变为成立都触发。",
        },
        "boundaryEvent/error": {
            "en": "Catches an error by its code, or any error; always interrupting.",
            "zh": "按错误码捕获错误，或捕获任何错误；总是中断。",
        },
        "boundaryEvent/escalation": {
            "en": "Catches an escalation from inside by its code, or any.",
            "zh": "按代码捕获内部升级，或捕获任何升级。",
        },
    }
)


def _no(en: str, zh: str) -> Text:
    return {"en": en, "zh": zh}


_COMPENSATION = _no(
    "Compensation is not executed; draw the undoing as ordinary activities after a gateway.",
    "不支持补偿；请在网关之后用普通活动画出撤销步骤。",
)
_TRANSACTION = _no(
    "Transaction sub-processes are not executed; use a sub-process with an error boundary event.",
    "不支持事务子流程；请使用带错误边界事件的子流程。",
)
_MULTIPLE = _no(
    "An event with several definitions is not executed; draw one event for each, "
    "after an event-based gateway or on the boundary.",
    "不支持含多个定义的事件；请为每个定义分别画一个事件，接在事件网关之后或放在边界上。",
)
_START = _no(
    "A process is started by a person, by a message or by a call, not by this event.",
    "流程由人、消息或调用启动，不能由此类事件启动。",
)
_LINK = _no(
    "A link event needs its other half in the same scope.",
    "链接事件在同一范围内必须成对出现。",
)
_CHOREOGRAPHY = _no("Choreographies are not executed.", "不执行编排图。")
_GLOBAL_TASK = _no(
    "Global tasks are not executed; call a process instead.",
    "不支持全局任务；请改为调用流程。",
)

REFUSED: Mapping[str, Text] = MappingProxyType(
    {
        "transaction": _TRANSACTION,
        "adHocSubProcess": _no(
            "Ad-hoc sub-processes are not executed; draw the order, or an inclusive gateway.",
            "不支持即席子流程；请画出顺序，或使用包容网关。",
        ),
        "subProcess@triggeredByEvent=true": _no(
            "Event sub-processes are not executed; put the activities it watches into a "
            "sub-process with a boundary event.",
            "不支持事件子流程；请把受监视的活动放入带边界事件的子流程。",
        ),
        "complexGateway": _no(
            "Complex gateways are not executed; use exclusive, parallel or inclusive gateways.",
            "不支持复杂网关；请使用排他、并行或包容网关。",
        ),
        "activity@isForCompensation=true": _COMPENSATION,
        "activity@startQuantity": _no(
            "A start quantity other than 1 is not executed.", "不支持 1 以外的启动令牌数。"
        ),
        "activity@completionQuantity": _no(
            "A completion quantity other than 1 is not executed.", "不支持 1 以外的完成令牌数。"
        ),
        "receiveTask@instantiate=true": _START,
        "eventBasedGateway@instantiate=true": _START,
        "eventBasedGateway@eventGatewayType=Parallel": _no(
            "A parallel event-based gateway is not executed; use a parallel gateway.",
            "不支持并行事件网关；请使用并行网关。",
        ),
        "multiInstanceLoopCharacteristics@behavior": _no(
            "Events thrown by multi-instance activities (behavior) are not executed.",
            "不支持多实例活动抛出事件（behavior）。",
        ),
        "startEvent/timer": _START,
        "startEvent/signal": _START,
        "startEvent/conditional": _START,
        "startEvent/error": _START,
        "startEvent/escalation": _START,
        "startEvent/compensate": _COMPENSATION,
        "startEvent/multiple": _MULTIPLE,
        "subProcess>startEvent/message": _no(
            "A sub-process starts when its flow arrives; its start event has no trigger.",
            "子流程在顺序流到达时开始，其开始事件不能带触发器。",
        ),
        "endEvent/cancel": _TRANSACTION,
        "endEvent/compensate": _COMPENSATION,
        "endEvent/multiple": _MULTIPLE,
        "intermediateThrowEvent/compensate": _COMPENSATION,
        "intermediateThrowEvent/multiple": _MULTIPLE,
        "intermediateThrowEvent/link@unmatched": _LINK,
        "intermediateCatchEvent/link@unmatched": _LINK,
        "intermediateCatchEvent/none": _no(
            "A catch event must say what it waits for.", "捕获事件必须说明等待什么。"
        ),
        "intermediateCatchEvent/multiple": _MULTIPLE,
        "boundaryEvent/none": _no(
            "A boundary event must say what it waits for.", "边界事件必须说明等待什么。"
        ),
        "boundaryEvent/error@cancelActivity=false": _no(
            "An error always interrupts; make the boundary event interrupting, "
            "or use an escalation.",
            "错误总是中断活动；请改为中断型边界事件，或使用升级事件。",
        ),
        "boundaryEvent/cancel": _TRANSACTION,
        "boundaryEvent/compensate": _COMPENSATION,
        "boundaryEvent/multiple": _MULTIPLE,
        "eventDefinitionRef": _no(
            "An event definition shared by reference is not executed; give each event its own.",
            "不支持通过引用共享事件定义；请为每个事件单独定义。",
        ),
        "implicitThrowEvent": _no(
            "Events thrown by multi-instance activities are not executed.",
            "不支持多实例活动抛出事件。",
        ),
        "choreography": _CHOREOGRAPHY,
        "choreographyTask": _CHOREOGRAPHY,
        "subChoreography": _CHOREOGRAPHY,
        "callChoreography": _CHOREOGRAPHY,
        "globalTask": _GLOBAL_TASK,
        "globalUserTask": _GLOBAL_TASK,
        "globalManualTask": _GLOBAL_TASK,
        "globalScriptTask": _GLOBAL_TASK,
        "globalBusinessRuleTask": _GLOBAL_TASK,
    }
)
