"""Write random processes as BPMN, in the form that normalising a drawn diagram gives."""

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from tests.engine.execution.random_processes import Block, Trigger

_CS = "urn:countersign:bpmn:1"
_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    f' xmlns:cs="{_CS}" targetNamespace="t">'
)
PROCESS = "p"


class Writer:
    """Writes one process and those it calls; `called` holds their XML by process id."""

    def __init__(self) -> None:
        self.called: dict[str, str] = {}
        self._messages: list[str] = []
        self._out: list[str] = []
        self._flows = 0

    def process(self, block: Block, process_id: str = PROCESS) -> str:
        self._scope(block, process_id)
        body, self._out = "".join(self._out), []
        roots = "".join(f'<bpmn:message id="M_{m}" name="{m}"/>' for m in self._messages)
        roots += '<bpmn:error id="E" errorCode="E1"/><bpmn:escalation id="X" escalationCode="X1"/>'
        inner = f'{roots}<bpmn:process id="{process_id}">{body}</bpmn:process>'
        return f"{_HEAD}{inner}</bpmn:definitions>"

    def _scope(self, block: Block, name: str) -> None:
        self._node("startEvent", f"{name}_s")
        self._node("endEvent", f"{name}_e")
        entry, exit_ = self._block(block)
        self._flow(f"{name}_s", entry)
        self._flow(exit_, f"{name}_e")

    def _block(self, block: Block) -> tuple[str, str]:
        """Write a block; gives the node to enter by and the node it is left by."""
        ends: tuple[str, str] = getattr(self, f"_{block.kind}")(block)
        return ends

    def _sequence(self, block: Block) -> tuple[str, str]:
        ends = [self._block(part) for part in block.parts]
        for (_, before), (after, _) in pairwise(ends):
            self._flow(before, after)
        return ends[0][0], ends[-1][1]

    def _user(self, block: Block, inner: str = "") -> tuple[str, str]:
        return self._node("userTask", block.id, inner)

    def _script(self, block: Block) -> tuple[str, str]:
        name = f"c_{block.id}"
        text = f"{{{name}: if {name} = null then 1 else {name} + 1}}"
        script = f"<bpmn:script>{text}</bpmn:script>"
        return self._node("scriptTask", block.id, script, scriptFormat="feel")

    def _send(self, block: Block) -> tuple[str, str]:
        self._messages.append(block.id)
        inner = (
            '<bpmn:extensionElements><cs:input name="r" value="r"/></bpmn:extensionElements>'
            f'<bpmn:messageEventDefinition messageRef="M_{block.id}"/>'
        )
        return self._node("intermediateThrowEvent", block.id, inner)

    def _xor(self, block: Block) -> tuple[str, str]:
        merge = self._node("exclusiveGateway", f"{block.id}m")[0]
        self._node("exclusiveGateway", block.id, default=f"{block.id}d")
        for number, part in enumerate(block.parts):
            entry, exit_ = self._block(part)
            if number == len(block.parts) - 1:
                self._flow(block.id, entry, id=f"{block.id}d")
            else:
                self._flow(block.id, entry, block.tests[number].feel)
            self._flow(exit_, merge)
        return block.id, merge

    def _par(self, block: Block) -> tuple[str, str]:
        self._node("parallelGateway", block.id)
        join = self._node("parallelGateway", f"{block.id}j")[0]
        for part in block.parts:
            entry, exit_ = self._block(part)
            self._flow(block.id, entry)
            self._flow(exit_, join)
        return block.id, join

    def _inc(self, block: Block) -> tuple[str, str]:
        self._node("inclusiveGateway", block.id, default=f"{block.id}d")
        join = self._node("inclusiveGateway", f"{block.id}j")[0]
        for number, part in enumerate(block.parts):
            entry, exit_ = self._block(part)
            if number == 0:
                self._flow(block.id, entry, id=f"{block.id}d")
            else:
                self._flow(block.id, entry, block.tests[number].feel)
            self._flow(exit_, join)
        return block.id, join

    def _loop(self, block: Block) -> tuple[str, str]:
        merge = self._node("exclusiveGateway", f"{block.id}m")[0]
        self._node("exclusiveGateway", block.id, default=f"{block.id}d")
        after = self._node("exclusiveGateway", f"{block.id}x")[0]
        entry, exit_ = self._block(block.parts[0])
        self._flow(merge, entry)
        self._flow(exit_, block.id)
        self._flow(block.id, merge, block.tests[0].feel)
        self._flow(block.id, after, id=f"{block.id}d")
        return merge, after

    def _sub(self, block: Block, inner: str = "") -> tuple[str, str]:
        outer, self._out = self._out, []
        self._scope(block.parts[0], block.id)
        body, self._out = "".join(self._out), outer
        return self._node("subProcess", block.id, inner + body)

    def _call(self, block: Block) -> tuple[str, str]:
        process_id = f"called_{block.id}"
        writer = Writer()
        self.called[process_id] = writer.process(block.parts[0], process_id)
        self.called |= writer.called
        if not block.flag:
            return self._node("callActivity", block.id, calledElement=process_id)
        inputs = '<bpmn:extensionElements><cs:input name="r" value="r"/></bpmn:extensionElements>'
        extension = {"calledElement": process_id, "cs:result": f"k_{block.id}"}
        return self._node("callActivity", block.id, inputs, **extension)

    def _catch(self, block: Block) -> tuple[str, str]:
        trigger = block.triggers[0]
        return self._node("intermediateCatchEvent", trigger.id, self._definition(trigger))

    def _events(self, block: Block) -> tuple[str, str]:
        self._node("eventBasedGateway", block.id)
        merge = self._node("exclusiveGateway", f"{block.id}m")[0]
        for trigger, part in zip(block.triggers, block.parts, strict=True):
            self._node("intermediateCatchEvent", trigger.id, self._definition(trigger))
            entry, exit_ = self._block(part)
            self._flow(block.id, trigger.id)
            self._flow(trigger.id, entry)
            self._flow(exit_, merge)
        return block.id, merge

    def _bound(self, block: Block) -> tuple[str, str]:
        activity, exit_ = self._block(block.parts[0])
        merge = self._node("exclusiveGateway", f"{block.id}m")[0]
        self._flow(exit_, merge)
        for trigger, part in zip(block.triggers, block.parts[1:], strict=True):
            definition = self._definition(trigger)
            self._boundary(trigger.id, activity, definition, interrupts=trigger.interrupts)
            self._handler(trigger.id, part, merge if trigger.interrupts else "")
        return activity, merge

    def _error(self, block: Block) -> tuple[str, str]:
        definition = '<bpmn:errorEventDefinition errorRef="E"/>'
        return self._watched(block, definition, "endEvent")

    def _escalation(self, block: Block) -> tuple[str, str]:
        definition = '<bpmn:escalationEventDefinition escalationRef="X"/>'
        return self._watched(block, definition, "endEvent")

    def _terminate(self, block: Block) -> tuple[str, str]:
        return self._watched(block, "<bpmn:terminateEventDefinition/>", "endEvent")

    def _watched(self, block: Block, definition: str, thrower: str) -> tuple[str, str]:
        """A sub-process: beside the body a person, after whom a gateway may throw."""
        outer, self._out = self._out, []
        fork, name = f"{block.id}f", block.id
        self._node("startEvent", f"{name}_s")
        self._node("parallelGateway", fork)
        self._flow(f"{name}_s", fork)
        entry, exit_ = self._block(block.parts[0])
        self._node("endEvent", f"{name}_e")
        self._flow(fork, entry)
        self._flow(exit_, f"{name}_e")
        person = self._block(block.parts[1])[0]
        self._node("exclusiveGateway", f"{name}x", default=f"{name}d")
        self._node(thrower, f"{name}t", definition)
        self._node("endEvent", f"{name}_f")
        self._flow(fork, person)
        self._flow(person, f"{name}x")
        self._flow(f"{name}x", f"{name}t", block.tests[0].feel)
        self._flow(f"{name}x", f"{name}_f", id=f"{name}d")
        body, self._out = "".join(self._out), outer
        self._node("subProcess", name, body)
        if block.kind == "terminate":
            return name, name
        merge = self._node("exclusiveGateway", f"{name}m")[0]
        self._flow(name, merge)
        self._boundary(f"{name}b", name, definition, interrupts=block.flag)
        self._handler(f"{name}b", block.parts[2], merge if block.flag else "")
        return name, merge

    def _multi(self, block: Block) -> tuple[str, str]:
        attributes = f' isSequential="{str(block.flag).lower()}"'
        inside = ""
        inner = block.parts[0]
        if block.collects:
            items = [10 * (number + 1) for number in range(block.count)]
            attributes += f' cs:collection="{items}" cs:element="e_{inner.id}"'
            attributes += f' cs:outputCollection="k_{block.id}"'
            if inner.kind == "user":
                attributes += f' cs:outputElement="v_{inner.id} + e_{inner.id}"'
        else:
            inside = f"<bpmn:loopCardinality>{block.count}</bpmn:loopCardinality>"
        if block.tests:
            condition = escape(block.tests[0].feel)
            inside += f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>"
        loop = (
            f"<bpmn:multiInstanceLoopCharacteristics{attributes}>{inside}"
            "</bpmn:multiInstanceLoopCharacteristics>"
        )
        return self._user(inner, loop) if inner.kind == "user" else self._sub(inner, loop)

    def _repeat(self, block: Block) -> tuple[str, str]:
        maximum = f' loopMaximum="{block.count}"' if block.count else ""
        loop = (
            f'<bpmn:standardLoopCharacteristics testBefore="{str(block.flag).lower()}"{maximum}>'
            f"<bpmn:loopCondition>{escape(block.tests[0].feel)}</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>"
        )
        return self._user(block.parts[0], loop)

    def _handler(self, event: str, part: Block, merge: str) -> None:
        entry, exit_ = self._block(part)
        self._flow(event, entry)
        self._flow(exit_, merge or self._node("endEvent", f"{event}_e")[0])

    def _boundary(self, event: str, activity: str, definition: str, *, interrupts: bool) -> None:
        cancel = str(interrupts).lower()
        attributes = {"attachedToRef": activity, "cancelActivity": cancel}
        self._node("boundaryEvent", event, definition, **attributes)

    def _definition(self, trigger: Trigger) -> str:
        match trigger.kind:
            case "message":
                self._messages.append(trigger.id)
                return f'<bpmn:messageEventDefinition messageRef="M_{trigger.id}"/>'
            case "condition":
                assert trigger.test is not None
                condition = f"<bpmn:condition>{escape(trigger.test.feel)}</bpmn:condition>"
                name = "bpmn:conditionalEventDefinition"
                return f"<{name}>{condition}</{name}>"
            case kind:
                tag = "timeCycle" if kind == "cycle" else "timeDuration"
                timer = f"<bpmn:{tag}>{trigger.iso}</bpmn:{tag}>"
                return f"<bpmn:timerEventDefinition>{timer}</bpmn:timerEventDefinition>"

    def _node(self, kind: str, id_: str, inner: str = "", **attributes: str) -> tuple[str, str]:
        written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        self._out.append(f'<bpmn:{kind} id="{id_}"{written}>{inner}</bpmn:{kind}>')
        return id_, id_

    def _flow(self, source: str, target: str, condition: str = "", id: str = "") -> None:  # noqa: A002
        self._flows += 1
        inner = condition and (
            f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
        )
        id_ = id or f"flow{self._flows}_{source}"
        self._out.append(
            f'<bpmn:sequenceFlow id="{id_}" sourceRef="{source}" targetRef="{target}">{inner}'
            "</bpmn:sequenceFlow>"
        )
