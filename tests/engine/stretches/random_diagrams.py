"""Random diagrams that a device runs ahead of: those of the execution core, with data in them.

Decisions hang on texts, lists, decimals, loop variables and results, not on one number; steps put
their answers under a result or by name; loops go over lists that were entered; some service tasks
are done later by the server, and the family "mixed" has much that no device can do.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from engine.definitions.activities import activities_of, called_processes
from engine.definitions.diagram import read_diagram
from engine.definitions.extension import feel_texts
from engine.definitions.model import CompiledDefinition
from engine.definitions.stretches import compile_stretches
from tests.engine.execution.compile import _hash, _tree
from tests.engine.execution.random_bpmn import PROCESS, Writer
from tests.engine.execution.random_processes import Block, Generator, Test, Trigger, TriggerKind

WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "alone": {
        "user": 5, "script": 3, "send": 1, "xor": 4, "loop": 2, "sub": 2, "multi": 3, "repeat": 1,
        "bound": 1, "later": 1,
    },
    "mixed": {
        "user": 5, "script": 2, "send": 1, "xor": 3, "loop": 2, "sub": 2, "multi": 3, "repeat": 1,
        "bound": 1, "later": 1, "service": 1, "par": 1, "inc": 1, "call": 1, "catch": 1, "fork": 1,
    },
}  # fmt: skip
"""The families: all that a device can do alone, and that with what only the server does."""

START = f"{PROCESS}_s"


@dataclass(frozen=True, slots=True)
class Condition(Test):
    """A condition on any data, as FEEL."""

    text: str = ""

    @property
    def feel(self) -> str:
        return self.text


class DataGenerator(Generator):
    """Makes the blocks of one diagram; conditions read what steps before may have set."""

    def __init__(self, source: random.Random, family: str) -> None:
        super().__init__(source, "all")
        self._kinds = list(WEIGHTS[family])
        self._weights = list(WEIGHTS[family].values())

    def later(self, depth: int) -> Block:
        del depth
        return Block("later", self._id("g"))

    def service(self, depth: int) -> Block:
        del depth
        return Block("service", self._id("h"))

    def fork(self, depth: int) -> Block:
        """A sub-process in which two go on side by side, each to an end of its own."""
        parts = (self.sequence(min(depth, 1)), self.sequence(min(depth, 1)))
        return Block("fork", self._id("f"), parts)

    def _boundary(self) -> Trigger:
        kinds: list[TriggerKind] = ["message", "timer"]
        return self._trigger(kinds, interrupts=self._random.random() < 0.5)

    def catch(self, depth: int) -> Block:
        del depth
        return Block("catch", triggers=(self._trigger(["message", "timer"]),))

    def _test(self) -> Test:
        plain = super()._test()
        number = self._random.randrange(1, self._count + 2)
        choices = [
            plain.feel,
            'r > 3 and s != "b"',
            's = "ü" or n * 3 = 0.3',
            f"v_u{number} >= {number}",
            f"c_s{number} = 2",
            f"e_u{number} > 10",
            "loopCounter > 1",
            "count(rows) > 1",
            "some x in rows satisfies x.a > 2",
            f"a_u{number}.r < 4",
            f"g_g{number}.ok = true",
            f"count(k_m{number}) > 1",
            "not(r > 2)",
            "if r = null then true else modulo(r, 2) = 0",
        ]
        return Condition(0, 0, 0, self._random.choice(choices))


class DataWriter(Writer):
    """Writes a diagram; what the blocks leave open (results, lists) is chosen here, at random."""

    def __init__(self, source: random.Random) -> None:
        super().__init__()
        self._random = source

    def _user(self, block: Block, inner: str = "") -> tuple[str, str]:
        if self._random.random() < 0.3:
            return self._node("userTask", block.id, inner, **{"cs:result": f"a_{block.id}"})
        return super()._user(block, inner)

    def _script(self, block: Block) -> tuple[str, str]:
        name = f"c_{block.id}"
        more = self._random.choice(
            ["", ", third: 1 / 3", ", n: n + 0.1", ", d: {a: r, b: [s, null]}, e: d.a", ", r: 2"]
        )
        text = f"{{{name}: if {name} = null then 1 else {name} + 1{more}}}"
        script = f"<bpmn:script>{escape(text)}</bpmn:script>"
        return self._node("scriptTask", block.id, script, scriptFormat="feel")

    def _later(self, block: Block) -> tuple[str, str]:
        extension = {"cs:handler": "file", "cs:result": f"g_{block.id}", "cs:offline": "later"}
        return self._node("serviceTask", block.id, "", **extension)

    def _service(self, block: Block) -> tuple[str, str]:
        extension = {"cs:handler": "file", "cs:result": f"g_{block.id}"}
        return self._node("serviceTask", block.id, "", **extension)

    def _fork(self, block: Block) -> tuple[str, str]:
        outer, self._out = self._out, []
        start, gateway = f"{block.id}_s", f"{block.id}_p"
        self._node("startEvent", start)
        self._node("parallelGateway", gateway)
        self._flow(start, gateway)
        for number, part in enumerate(block.parts):
            entry, exit_ = self._block(part)
            self._flow(gateway, entry)
            self._flow(exit_, self._node("endEvent", f"{block.id}_e{number}")[0])
        body, self._out = "".join(self._out), outer
        return self._node("subProcess", block.id, body)

    def _call(self, block: Block) -> tuple[str, str]:
        process_id = f"called_{block.id}"
        writer = DataWriter(self._random)
        self.called[process_id] = writer.process(block.parts[0], process_id)
        self.called |= writer.called
        return self._node("callActivity", block.id, calledElement=process_id)

    def _multi(self, block: Block) -> tuple[str, str]:
        inner = block.parts[0]
        loop = f' isSequential="{str(block.flag).lower()}"'
        inside = ""
        if block.collects or self._random.random() < 0.3:
            lists = [
                str([10 * (number + 1) for number in range(block.count)]),
                "if rows = null then [] else rows",
                f"for i in 1..{block.count + 1} return {{a: i, b: n}}",
            ]
            loop += f" cs:collection={quoteattr(self._random.choice(lists))}"
            loop += f' cs:element="e_{inner.id}"'
        else:
            inside = f"<bpmn:loopCardinality>{block.count}</bpmn:loopCardinality>"
        if block.collects:
            loop += f' cs:outputCollection="k_{block.id}"'
            outputs = ["", f"v_{inner.id}", "{a: r, b: loopCounter}", "s"]
            output = self._random.choice(outputs)
            loop += f" cs:outputElement={quoteattr(output)}" if output else ""
        if block.tests:
            texts = [block.tests[0].feel, "numberOfCompletedInstances >= 2"]
            texts.append("numberOfActiveInstances = 1")
            condition = escape(self._random.choice(texts))
            inside += f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>"
        name = "bpmn:multiInstanceLoopCharacteristics"
        written = f"<{name}{loop}>{inside}</{name}>"
        return self._user(inner, written) if inner.kind == "user" else self._sub(inner, written)

    def _node(self, kind: str, id_: str, inner: str = "", **attributes: str) -> tuple[str, str]:
        if id_ == START:
            attributes |= {"cs:offline": "B"}
            attributes |= {"cs:result": "begun"} if self._random.random() < 0.3 else {}
        return super()._node(kind, id_, inner, **attributes)


def random_diagram(
    seed: int, family: str
) -> tuple[CompiledDefinition, dict[str, CompiledDefinition]]:
    """Make and compile the diagram of a seed, and those that it calls: the same for ever."""
    source = random.Random(f"stretches/{family}/{seed}")  # noqa: S311 - repeatable, not secret
    process = DataGenerator(source, family).sequence(3)
    writer = DataWriter(source)
    definition = compile_normal(writer.process(process), PROCESS)
    return definition, {name: compile_normal(xml, name) for name, xml in writer.called.items()}


def compile_normal(
    xml: str, process_id: str, form_reads: Mapping[str, Collection[str]] = MappingProxyType({})
) -> CompiledDefinition:
    """Compile BPMN that is normal already, with its machine, and without the checks."""
    root = etree.fromstring(xml.encode())
    process = next(e for e in root.iter(etree.Element) if e.get("id") == process_id)
    diagram = read_diagram(root, process, "process.bpmn")
    activities = activities_of(diagram, {})
    # A timer's value is written out: text, not FEEL (engine/definitions/lint/expressions.py).
    trees = {
        item.text: _tree(f'"{item.text}"' if item.use.startswith("time") else item.text)
        for item in feel_texts(process)
    }
    return CompiledDefinition(
        process_id=process_id,
        hash=_hash(xml.encode()),
        names={},
        executable=xml,
        activities=activities,
        lanes={},
        expressions=trees,
        decisions={},
        forms={},
        called=called_processes(diagram),
        stretches=compile_stretches(diagram, activities, trees, form_reads).machine,
    )
