"""Whatever is done to a DMN file, reading it gives a model or a refusal with sentences."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.decisions import (
    DecisionFailed,
    DecisionModel,
    DecisionsRefused,
    analyse,
    evaluate_decision,
    read_decisions,
)
from engine.problems import Text
from tests.engine.decisions.samples import decision, definitions, input_data, literal, table

TYPES = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues>'
    '<text>"I", "II"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tLots" isCollection="true"><itemComponent name="size">'
    "<typeRef>number</typeRef></itemComponent></itemDefinition>"
)
KNOWLEDGE = (
    '<businessKnowledgeModel id="k_Half" name="Half"><variable name="Half"/><encapsulatedLogic>'
    f'<formalParameter name="n" typeRef="number"/>{literal("n / 2")}'
    "</encapsulatedLogic></businessKnowledgeModel>"
)
SERVICE = (
    '<decisionService id="s_All" name="All"><variable name="All"/>'
    '<outputDecision href="#d_Plan"/><inputData href="#i_lot"/></decisionService>'
)
PLAN = table(
    [("lot", "number"), ("level", "tLevel", '"I", "II"')],
    ["n", "c"],
    [("[2..8]", '"I"', "2", "0"), ("> 8", "-", "Half(lot)", "1"), ("< 2", "not(null)", "1", "0")],
    hit_policy="FIRST",
    values=["1, 2, [3..9]", "0, 1"],
)
LOOP = (
    f'<for iteratorVariable="x"><in>{literal("lots")}</in><return>'
    f"<conditional><if>{literal('x.size > 1')}</if><then>{literal('x.size')}</then>"
    f"<else>{literal('0')}</else></conditional></return></for>"
)
WHOLE = etree.fromstring(
    definitions(
        TYPES
        + input_data("lot", "number")
        + input_data("level", "tLevel")
        + input_data("lots", "tLots")
        + KNOWLEDGE
        + decision("Plan", PLAN, needs=["i_lot", "i_level"], calls=["k_Half"])
        + decision("Sizes", LOOP, needs=["i_lots", "d_Plan"])
        + SERVICE
    )
)
INPUTS = {"lot": 10, "level": "I", "lots": [{"size": 3}]}


def drop(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice(list(root.iter())[1:])
    parent = victim.getparent()
    assert parent is not None
    parent.remove(victim)


def copy(root: etree._Element, chance: random.Random) -> None:
    one, other = chance.sample(list(root.iter())[1:], 2)
    other.append(etree.fromstring(etree.tostring(one)))


def forget(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice([one for one in root.iter() if one.attrib])
    del victim.attrib[chance.choice(sorted(victim.attrib))]


def garble(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice([one for one in root.iter() if one.attrib])
    name = chance.choice(sorted(victim.attrib))
    victim.set(name, chance.choice(["", "#", "#d_Plan", "Any", "-", "COLLECT", "tLots", "\u4f1a"]))


def rewrite(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice([one for one in root.iter() if one.text and one.text.strip()])
    victim.text = chance.choice(["", "-", "(", "?", "null", "[1..", "Plan", "not(", "1e99999"])


CHANGES: list[Callable[[etree._Element, random.Random], None]] = [
    drop,
    copy,
    forget,
    garble,
    rewrite,
]


def in_both_languages(text: Text) -> None:
    assert text["en"]
    assert text["zh"]


def use(model: DecisionModel) -> None:
    """Everything that can be done with a model that was read."""
    assert DecisionModel.from_json(model.to_json()).to_json() == model.to_json()
    for problem in analyse(model):
        in_both_languages(problem.message)
    for key in [*model.decisions, *model.services]:
        try:
            evaluate_decision(model, key, INPUTS)
        except DecisionFailed as failed:
            in_both_languages(failed.message)
        evaluate_decision(model, key, INPUTS, no_match="null")


def test_the_whole_file_is_read_and_used() -> None:
    model = read_decisions(etree.tostring(WHOLE))
    use(model)
    assert evaluate_decision(model, "Sizes", INPUTS) == [3]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4), st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(
    changes: list[Callable[[etree._Element, random.Random], None]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # which damage is done is no secret
    root = etree.fromstring(etree.tostring(WHOLE))
    for change in changes:
        change(root, chance)
    content = etree.tostring(root)
    read_leniently(content)
    try:
        model = read_decisions(content)
    except DecisionsRefused as refused:
        for problem in refused.problems:
            in_both_languages(problem.message)
        return
    use(model)


def read_leniently(content: bytes) -> None:
    try:
        model = read_decisions(content, lenient=True)
    except DecisionsRefused:
        return
    for key in model.decisions:
        evaluate_decision(model, key, INPUTS, no_match="null")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_bytes_that_are_cut_in_are_no_accident(noise: bytes, place: int) -> None:
    content = etree.tostring(WHOLE)
    at = place % len(content)
    try:
        use(read_decisions(content[:at] + noise + content[at + len(noise) :]))
    except DecisionsRefused as refused:
        for problem in refused.problems:
            in_both_languages(problem.message)
