"""A purchase of parts and their incoming inspection: 29 flow nodes, two decisions, two loops.

One diagram in two dialects: ours (FEEL, `cs:` attributes), and the one that SpiffWorkflow executes
by itself (Python expressions, its own extensions), so that both do the same work.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

PEOPLE = (
    "create",
    "approve",
    "escalate",
    "revise",
    "measure",
    "papers",
    "stock",
    "nonconformity",
)
RISK = (
    "risk",
    ("amount", "device_class"),
    [
        (("< 500", '"I"'), '"low"'),
        (("< 500", '"II"'), '"low"'),
        (("< 5000", '"I"'), '"low"'),
        (("< 5000", '"II"'), '"mid"'),
        (("< 5000", '"III"'), '"high"'),
        ((">= 5000", "-"), '"high"'),
    ],
)
DISPOSITION = (
    "disposition",
    ("dim_ok", "docs_ok"),
    [
        (("true", "true"), '"accept"'),
        (("false", "true"), '"reinspect"'),
        (("true", "false"), '"reinspect"'),
        (("false", "false"), '"reject"'),
    ],
)
PYTHON = {
    'risk != "low"': 'risk != "low"',
    "approved = false": "not approved",
    'disposition = "accept"': 'disposition == "accept"',
    'disposition = "reinspect"': 'disposition == "reinspect"',
    '{po_number: "PO-" + pr_number}': 'po_number = "PO-" + pr_number',
    "P2D": '"P2D"',
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine wants the diagram written."""

    ours: bool

    def text(self, feel: str) -> str:
        return feel if self.ours else PYTHON[feel]

    def rule_task(self, id_: str, decision: str) -> str:
        if self.ours:
            return f'<bpmn:businessRuleTask id="{id_}" cs:decision="{decision}" cs:result="{id_}"/>'
        extension = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
        inner = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"
        return f'<bpmn:businessRuleTask id="{id_}">{inner}</bpmn:businessRuleTask>'


def diagram(dialect: Dialect) -> str:
    """Write the diagram."""
    parts: list[str] = []

    def node(kind: str, id_: str, inner: str = "", **attributes: str) -> None:
        given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        parts.append(f'<bpmn:{kind} id="{id_}" name="{id_}"{given}>{inner}</bpmn:{kind}>')

    def flow(*ids: str, condition: str = "", name: str = "") -> None:
        for source, target in pairwise(ids):
            text = escape(dialect.text(condition)) if condition else ""
            inner = f"<bpmn:conditionExpression>{text}</bpmn:conditionExpression>" if text else ""
            parts.append(
                f'<bpmn:sequenceFlow id="{name or f"{source}_{target}"}" sourceRef="{source}"'
                f' targetRef="{target}">{inner}</bpmn:sequenceFlow>'
            )

    for task in PEOPLE:
        node("userTask", task)
    node("startEvent", "start")
    for end in ("escalated", "received", "rejected"):
        node("endEvent", end)
    parts.append(dialect.rule_task("risk", "risk"))
    parts.append(dialect.rule_task("disposition", "disposition"))
    node("exclusiveGateway", "is_risky", default="is_risky_order")
    node("exclusiveGateway", "check_again")
    node("exclusiveGateway", "approved", default="approved_order")
    node("exclusiveGateway", "to_order")
    node("exclusiveGateway", "inspect_again")
    node("exclusiveGateway", "decide", default="decide_nonconformity")
    node("parallelGateway", "inspect")
    node("parallelGateway", "inspected")
    node(
        "boundaryEvent",
        "remind",
        "<bpmn:timerEventDefinition><bpmn:timeDuration>"
        f"{dialect.text('P2D')}</bpmn:timeDuration></bpmn:timerEventDefinition>",
        attachedToRef="approve",
        cancelActivity="false",
    )
    script = dialect.text('{po_number: "PO-" + pr_number}')
    node("scriptTask", "order", f"<bpmn:script>{script}</bpmn:script>")
    node(
        "subProcess",
        "receive",
        '<bpmn:startEvent id="arrived"/><bpmn:userTask id="count"/><bpmn:userTask id="label"/>'
        '<bpmn:endEvent id="labelled"/>'
        '<bpmn:sequenceFlow id="r1" sourceRef="arrived" targetRef="count"/>'
        '<bpmn:sequenceFlow id="r2" sourceRef="count" targetRef="label"/>'
        '<bpmn:sequenceFlow id="r3" sourceRef="label" targetRef="labelled"/>',
    )
    flow("start", "create", "risk", "is_risky")
    flow("is_risky", "check_again", condition='risk != "low"')
    flow("is_risky", "to_order", name="is_risky_order")
    flow("check_again", "approve", "approved")
    flow("remind", "escalate", "escalated")
    flow("approved", "revise", condition="approved = false")
    flow("revise", "check_again")
    flow("approved", "to_order", name="approved_order")
    flow("to_order", "order", "receive", "inspect_again", "inspect")
    flow("inspect", "measure", "inspected")
    flow("inspect", "papers", "inspected")
    flow("inspected", "disposition", "decide")
    flow("decide", "stock", condition='disposition = "accept"')
    flow("decide", "inspect_again", condition='disposition = "reinspect"')
    flow("decide", "nonconformity", name="decide_nonconformity")
    flow("stock", "received")
    flow("nonconformity", "rejected")
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:cs="urn:countersign:bpmn:1"'
        ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
        f' targetNamespace="t"><bpmn:process id="purchasing" isExecutable="true">'
        f"{''.join(parts)}</bpmn:process></bpmn:definitions>"
    )


def decision(name: str, inputs: tuple[str, ...], rules: list[Any], dialect: Dialect) -> str:
    """Write a decision table; SpiffWorkflow's cells are Python."""
    columns = "".join(
        f'<input id="{name}_{i}" label="{i}"><inputExpression id="{name}_{i}_x">'
        f"<text>{i}</text></inputExpression></input>"
        for i in inputs
    )
    rows = ""
    for number, (conditions, output) in enumerate(rules):
        cells = ""
        for column, condition in enumerate(conditions):
            written = condition if dialect.ours else condition.replace("true", "True")
            written = written if dialect.ours else written.replace("false", "False")
            cells += (
                f'<inputEntry id="{name}_{number}_{column}"><text>{escape(written)}</text>'
                "</inputEntry>"
            )
        rows += (
            f'<rule id="{name}_{number}">{cells}<outputEntry id="{name}_{number}_o">'
            f"<text>{output}</text></outputEntry></rule>"
        )
    needs = "".join(
        f'<informationRequirement id="{name}_{i}_r"><requiredInput href="#{name}_{i}_d"/>'
        "</informationRequirement>"
        for i in inputs
    )
    data = "".join(
        f'<inputData id="{name}_{i}_d" name="{i}"><variable id="{name}_{i}_v" name="{i}"/>'
        "</inputData>"
        for i in inputs
    )
    policy = "UNIQUE" if name == "disposition" else "FIRST"
    output = f'<output id="{name}_o" name="{name}" label="{name}"/>'
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"'
        f' id="{name}_m" name="{name}" namespace="urn:{name}">{data}'
        f'<decision id="{name}" name="{name}"><variable id="{name}_var" name="{name}"/>{needs}'
        f'<decisionTable id="{name}_t" hitPolicy="{policy}">{columns}{output}{rows}'
        "</decisionTable></decision></definitions>"
    )


def purchase_request() -> dict[str, Any]:
    """Give what a buyer enters: some 1.4 KB in eight lines."""
    return {
        "pr_number": "2026-00123",
        "supplier": {
            "id": "S-1044",
            "name": "Precision Polymers",
            "approved": True,
            "certificate": "ISO 13485:2016",
            "address": "Industriestrasse 14, 78532 Tuttlingen",
        },
        "amount": 4200,
        "device_class": "II",
        "requested_by": "ann",
        "cost_center": "4711",
        "currency": "EUR",
        "needed_by": "2026-12-01",
        "lines": [
            {
                "position": number,
                "part": f"PN-{1000 + number}",
                "revision": "C",
                "description": f"Catheter hub, moulded part {number}",
                "quantity": 100 * number,
                "unit": "pcs",
            }
            for number in range(1, 9)
        ],
        "notes": "Initial purchase request for the first build. " * 4,
    }


def entered(activity: str, number: int) -> dict[str, Any]:
    """Give what a person enters at a task, the `number`th time in this instance."""
    answers: dict[str, dict[str, Any]] = {
        "create": purchase_request(),
        "approve": {"approved": False, "approver": "mia", "remark": f"Terms, round {number}"},
        "revise": {"revision": number, "remark_of_buyer": f"Revised, {number}", "terms": "DAP"},
        "count": {"lot": "L-778", "received_quantity": 800, "carrier": "DHL", "intact": True},
        "label": {"label_printed": True, "location": "R-12-3"},
        "measure": {
            "dim_ok": False,
            "readings": [f"{10 + k / 100:.2f}" for k in range(20)],
            "measured_by": "ben",
            "measured_in_round": number,
        },
        "papers": {"docs_ok": True, "certificate_seen": True, "papers_by": "cleo"},
        "stock": {"stocked": True},
    }
    return answers[activity]
