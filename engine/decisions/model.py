"""What a DMN file says, read once: decisions, what they need, their logic with FEEL parsed.

The model is plain data (msgspec Structs over JSON values). `to_json` and `from_json` are exact
opposites, so a process definition keeps the model and never reads the XML again. Words are those
of the DMN 1.5 specification (chapters 6 to 8, and 10.2 for boxed expressions). `key` names an
element of the requirements graph: its id, or "namespace#id" when another file brought it in.
"""

from typing import Any, Literal, TypeAlias

import msgspec

Tree: TypeAlias = Any
"""A parsed FEEL text, as `forms.feel` makes it: JSON values."""

HitPolicy: TypeAlias = Literal[
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"
]
Aggregation: TypeAlias = Literal["SUM", "MIN", "MAX", "COUNT"]

ANY_TYPE = "Any"


class Variable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name and the type of its value: an input, a parameter, a result."""

    name: str
    type: str = ANY_TYPE


class FunctionItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The type of a function: its parameters and its result."""

    parameters: tuple[Variable, ...] = ()
    result: str = ANY_TYPE


class ItemDefinition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A type that the modeller made, or a component of one.

    `type` is a FEEL type or a key of `DecisionModel.types`; with `components` it is a context.
    `allowed` are unary tests that every single value has to pass, `constraint` those that the
    whole value (a collection) has to pass.
    """

    name: str
    type: str = ANY_TYPE
    collection: bool = False
    components: tuple["ItemDefinition", ...] = ()
    function: FunctionItem | None = None
    allowed: Tree = None
    allowed_text: str = ""
    constraint: Tree = None


class LiteralExpression(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="literal"
):
    """FEEL."""

    tree: Tree
    text: str = ""
    type: str = ANY_TYPE


class ContextEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a context; the one without a variable is the context's result."""

    value: "Expression"
    variable: Variable | None = None


class Context(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="context"):
    """Named values, each of which sees those above it."""

    entries: tuple[ContextEntry, ...]
    type: str = ANY_TYPE


class Binding(msgspec.Struct, frozen=True, omit_defaults=True):
    """An argument of an invocation; without a value the parameter gets null."""

    parameter: str
    value: "Expression | None" = None


class Invocation(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="invocation"
):
    """A call of a business knowledge model or decision service with arguments by name."""

    function: "Expression"
    bindings: tuple[Binding, ...] = ()
    type: str = ANY_TYPE


class ListExpression(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="list"):
    """A list whose items are boxed expressions."""

    items: tuple["Expression", ...]
    type: str = ANY_TYPE


class Relation(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="relation"):
    """A list of contexts, written as a table of columns and rows."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple["Expression", ...], ...]
    type: str = ANY_TYPE


class FunctionDefinition(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="function"
):
    """A function of the model; FEEL only, nothing of the host is called."""

    parameters: tuple[Variable, ...]
    body: "Expression"
    type: str = ANY_TYPE


class Conditional(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="conditional"
):
    """if, then, else."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    type: str = ANY_TYPE


class Iteration(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="for"):
    """One result for each item of a list."""

    variable: Variable
    source: "Expression"
    result: "Expression"
    type: str = ANY_TYPE


class Quantified(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="quantified"
):
    """Whether every item, or some item, of a list satisfies a condition."""

    quantifier: Literal["every", "some"]
    variable: Variable
    source: "Expression"
    condition: "Expression"
    type: str = ANY_TYPE


class Filter(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="filter"):
    """The items of a list that match a condition, or the one at a position."""

    source: "Expression"
    match: "Expression"
    type: str = ANY_TYPE


class InputClause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of conditions: what is tested, and the values it may have.

    `allowed` are the input values as unary tests, written in the clause itself.
    """

    tree: Tree
    text: str
    label: str = ""
    type: str = ANY_TYPE
    allowed: Tree = None
    allowed_text: str = ""


class OutputClause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of results.

    `values` is the list of output values in their order of priority, `allowed` the same as tests.
    """

    name: str | None = None
    type: str = ANY_TYPE
    values: Tree = None
    values_text: str = ""
    allowed: Tree = None
    default: Tree = None
    default_text: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row: a test for each input (None for "-"), a result for each output."""

    tests: tuple[Tree, ...]
    test_texts: tuple[str, ...]
    results: tuple[Tree, ...]
    result_texts: tuple[str, ...]
    id: str | None = None
    line: int | None = None


class DecisionTable(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="table"
):
    """Rules, and the policy that says what several or no matching rules mean."""

    name: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = "UNIQUE"
    aggregation: Aggregation | None = None
    type: str = ANY_TYPE
    id: str | None = None
    line: int | None = None
    file: str = ""


Expression: TypeAlias = (
    LiteralExpression
    | Context
    | Invocation
    | ListExpression
    | Relation
    | FunctionDefinition
    | Conditional
    | Iteration
    | Quantified
    | Filter
    | DecisionTable
)


class Requirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """An element that another one needs; `module` is the import's name it is seen under."""

    key: str
    module: str | None = None


class InputData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value that comes from outside."""

    name: str
    type: str = ANY_TYPE


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question with its logic; `needs` are inputs and decisions, `calls` are functions."""

    name: str
    type: str = ANY_TYPE
    needs: tuple[Requirement, ...] = ()
    calls: tuple[Requirement, ...] = ()
    logic: Expression | None = None


class KnowledgeModel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A business knowledge model: logic that decisions call with arguments."""

    name: str
    function: FunctionDefinition
    type: str = ANY_TYPE
    calls: tuple[Requirement, ...] = ()


class DecisionService(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the graph that is called like a function: inputs first, then input decisions."""

    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    type: str = ANY_TYPE


class DecisionModel(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, weakref=True, eq=False
):
    """A DMN file with everything it imports, by key.

    Two models are never equal to each other, only to themselves: the compiled form of a model is
    remembered by identity. Compare `to_json()` to compare content.
    """

    name: str
    namespace: str
    file: str
    types: dict[str, ItemDefinition] = {}
    inputs: dict[str, InputData] = {}
    decisions: dict[str, Decision] = {}
    knowledge: dict[str, KnowledgeModel] = {}
    services: dict[str, DecisionService] = {}

    def names(self) -> frozenset[str]:
        """List what `evaluate_decision` answers to: decisions and services by id and by name.

        What the file imports is another file's, and can be asked there.
        """
        own: dict[str, Decision | DecisionService] = {**self.services, **self.decisions}
        return frozenset(
            name for key, element in own.items() if "#" not in key for name in (key, element.name)
        )

    def to_json(self) -> dict[str, Any]:
        """Give the model as JSON values (dict, list, str, int, bool, None)."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    @staticmethod
    def from_json(value: object) -> "DecisionModel":
        """Give back the model that `to_json` wrote; msgspec.ValidationError for anything else."""
        return msgspec.convert(value, DecisionModel)
