"""DMN files for tests, written from the few words that a test is about."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, *, namespace: str = "urn:test", dmn: str = DMN_15) -> bytes:
    """A DMN file around these elements."""
    return (
        f'<definitions xmlns="{dmn}" name="Test" id="_test" namespace="{namespace}">'
        f"{body}</definitions>"
    ).encode()


def input_data(name: str, type_ref: str = "Any") -> str:
    return (
        f"<inputData id={quoteattr('i_' + name)} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)} typeRef={quoteattr(type_ref)}/></inputData>"
    )


def decision(
    name: str,
    logic: str,
    *,
    needs: Sequence[str] = (),
    calls: Sequence[str] = (),
    type_ref: str = "Any",
) -> str:
    """A decision `d_<name>`; `needs` are ids of inputs ("i_…") and decisions ("d_…")."""
    wanted = "".join(
        f"<informationRequirement><required{'Input' if need.startswith('i_') else 'Decision'} "
        f"href={quoteattr('#' + need)}/></informationRequirement>"
        for need in needs
    )
    called = "".join(
        f"<knowledgeRequirement><requiredKnowledge href={quoteattr('#' + call)}/>"
        "</knowledgeRequirement>"
        for call in calls
    )
    return (
        f"<decision id={quoteattr('d_' + name)} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)} typeRef={quoteattr(type_ref)}/>"
        f"{wanted}{called}{logic}</decision>"
    )


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def table(
    inputs: Sequence[tuple[str, ...]],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    hit_policy: str = "UNIQUE",
    aggregation: str = "",
    values: Sequence[str] = (),
    defaults: Sequence[str] = (),
) -> str:
    """A decision table.

    `inputs` are (expression, type) or (expression, type, input values); a rule lists its tests,
    then its results. `values` and `defaults` are those of the outputs.
    """
    columns = "".join(
        f"<input label={quoteattr(column[0])}><inputExpression typeRef={quoteattr(column[1])}>"
        f"<text>{escape(column[0])}</text></inputExpression>"
        + (f"<inputValues><text>{escape(column[2])}</text></inputValues>" if column[2:] else "")
        + "</input>"
        for column in inputs
    )
    results = "".join(
        f"<output name={quoteattr(name)}>"
        + (f"<outputValues><text>{escape(values[i])}</text></outputValues>" if values else "")
        + (
            f"<defaultOutputEntry><text>{escape(defaults[i])}</text></defaultOutputEntry>"
            if defaults
            else ""
        )
        + "</output>"
        for i, name in enumerate(outputs)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in rule[: len(inputs)]
        )
        + "".join(
            f"<outputEntry><text>{escape(cell)}</text></outputEntry>"
            for cell in rule[len(inputs) :]
        )
        + "</rule>"
        for number, rule in enumerate(rules, start=1)
    )
    extra = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    return (
        f'<decisionTable id="t" hitPolicy={quoteattr(hit_policy)}{extra}>'
        f"{columns}{results}{rows}</decisionTable>"
    )


def table_file(
    inputs: Sequence[tuple[str, ...]],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    **options: object,
) -> bytes:
    """A file with one decision, "Answer", whose logic is a table over inputs of the same names."""
    logic = table(inputs, outputs, rules, **options)  # type: ignore[arg-type]
    types = {column[0]: column[1] for column in inputs}
    return definitions(
        "".join(input_data(name, type_ref) for name, type_ref in types.items())
        + decision("Answer", logic, needs=[f"i_{name}" for name in types])
    )
