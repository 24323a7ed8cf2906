"""Evaluate an inspection: nonconforming units against acceptance numbers, per characteristic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from processes.ledger.inspection_lots import Sampling
from processes.ledger.inspection_results import Result
from processes.ledger.plans import Characteristic, Plan
from processes.ledger.tables import JUDGED_CLASSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What the readings of one characteristic come to; the retest counts where there is one."""

    characteristic: Characteristic
    sampling: Sampling
    attempt: int
    inspected: int
    nonconforming: int
    smallest: Decimal | None
    mean: Decimal | None
    largest: Decimal | None

    @property
    def accepted(self) -> bool:
        return self.nonconforming <= self.sampling.plan.acceptance_number

    @property
    def out_of_specification(self) -> bool:
        return self.characteristic.kind == "measured" and self.nonconforming > 0

    def to_case(self) -> dict[str, Any]:
        """Give what the diagram, its rules and its forms see."""
        plan = self.sampling.plan
        return {
            "number": self.characteristic.number,
            "names": dict(self.characteristic.names),
            "class": self.characteristic.defect_class,
            "kind": self.characteristic.kind,
            "sample_size": plan.sample_size,
            "acceptance_number": plan.acceptance_number,
            "inspected": self.inspected,
            "nonconforming": self.nonconforming,
            "accepted": self.accepted,
            "out_of_specification": self.out_of_specification,
            "attempt": self.attempt,
            "smallest": self.smallest,
            "mean": self.mean,
            "largest": self.largest,
        }


def evaluate(
    plan: Plan, samplings: Sequence[Sampling], results: Sequence[Result]
) -> list[Evaluated]:
    """Evaluate every characteristic that was to be inspected."""
    by_number = {each.number: each for each in plan.characteristics}
    return [_evaluate(by_number[each.characteristic_number], each, results) for each in samplings]


def summary(evaluated: Iterable[Evaluated], retested: set[int]) -> dict[str, Any]:
    """Sum up for the verdict (IQ-02): what fails by class, what is out of specification.

    `retest_candidates` are the characteristics that a laboratory error could explain: measured, out
    of specification, and not measured a second time yet.
    """
    found = list(evaluated)
    return {
        "characteristics": [each.to_case() for each in found],
        "critical_nonconforming": _nonconforming(found, "critical"),
        "major_nonconforming": _nonconforming(found, "major"),
        "minor_nonconforming": _nonconforming(found, "minor"),
        "major_accepted": _accepted(found, "major"),
        "minor_accepted": _accepted(found, "minor"),
        "complete": all(each.inspected == each.sampling.plan.sample_size for each in found),
        "retest_candidates": [
            {"value": str(each.characteristic.number), "label": dict(each.characteristic.names)}
            for each in found
            if each.out_of_specification and each.characteristic.number not in retested
        ],
    }


def accepted_one_step_tighter(evaluated: Iterable[Evaluated], tighter: Mapping[int, int]) -> bool:
    """Tell whether every characteristic would pass with the tighter acceptance numbers given."""
    return all(
        each.nonconforming <= tighter.get(each.characteristic.number, 0) for each in evaluated
    )


def by_class(
    evaluated: Iterable[Evaluated], tighter: Mapping[int, int]
) -> dict[str, dict[str, Any]]:
    """Give what each class that was inspected came to, as the switching rules count it (IQ-03).

    The acceptance number is the largest of the class; a class is accepted when each of its
    characteristics is. `tighter` as for `accepted_one_step_tighter`.
    """
    found: dict[str, list[Evaluated]] = {}
    for each in evaluated:
        if each.characteristic.defect_class in JUDGED_CLASSES and each.inspected:
            found.setdefault(each.characteristic.defect_class, []).append(each)
    return {
        name: {
            "accepted": all(each.accepted for each in members),
            "accepted_one_step_tighter": accepted_one_step_tighter(members, tighter),
            "acceptance_number": max(each.sampling.plan.acceptance_number for each in members),
            "severity": members[0].sampling.severity,
        }
        for name, members in found.items()
    }


def _evaluate(
    characteristic: Characteristic, sampling: Sampling, results: Sequence[Result]
) -> Evaluated:
    own = [each for each in results if each.characteristic_number == characteristic.number]
    attempt = max((each.attempt for each in own), default=0)
    counted = [each for each in own if each.attempt == attempt]
    values = [each.value for each in counted if each.value is not None]
    return Evaluated(
        characteristic=characteristic,
        sampling=sampling,
        attempt=attempt,
        inspected=len(counted),
        nonconforming=sum(not each.conforming for each in counted),
        smallest=min(values, default=None),
        mean=_mean(values),
        largest=max(values, default=None),
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    """Give the mean with one decimal more than the readings have."""
    if not values:
        return None
    finest = min(int(value.as_tuple().exponent) for value in values)
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal(1).scaleb(finest - 1))


def _nonconforming(found: Iterable[Evaluated], defect_class: str) -> int:
    return sum(
        each.nonconforming for each in found if each.characteristic.defect_class == defect_class
    )


def _accepted(found: Iterable[Evaluated], defect_class: str) -> bool:
    return all(each.accepted for each in found if each.characteristic.defect_class == defect_class)
