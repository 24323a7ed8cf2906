"""DMN: decision models read once, checked for gaps and overlaps, evaluated with FEEL."""

from engine.decisions.analysis import analyse
from engine.decisions.errors import (
    DecisionFailed,
    DecisionsRefused,
    NoMatchingRule,
    NoResult,
    RulesDisagree,
    RulesOverlap,
    TooDeep,
    TooLong,
    UnknownDecision,
    WrongType,
)
from engine.decisions.evaluation import evaluate_decision
from engine.decisions.model import DecisionModel
from engine.decisions.reading import read_decisions

__all__ = [
    "DecisionFailed",
    "DecisionModel",
    "DecisionsRefused",
    "NoMatchingRule",
    "NoResult",
    "RulesDisagree",
    "RulesOverlap",
    "TooDeep",
    "TooLong",
    "UnknownDecision",
    "WrongType",
    "analyse",
    "evaluate_decision",
    "read_decisions",
]
