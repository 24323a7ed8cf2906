"""Measure CPU time fairly on a noisy machine: interleaved pairs, medians, and their spread."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypedDict


class Figure(TypedDict):
    """One measured figure; low and high are the quartiles, or the figure itself when exact."""

    value: float
    low: float
    high: float
    unit: str


Figures = dict[str, Figure]


def cpu(action: Callable[[], object], times: int = 1) -> float:
    """Give the CPU seconds that one call takes, averaged over `times` calls."""
    begun = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - begun) / times


def ratios(ours: Sequence[float], theirs: Sequence[float], unit: str = "×") -> Figure:
    """Give the median of pairwise ratios with its quartiles."""
    paired = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    low, value, high = statistics.quantiles(paired, n=4)
    return {"value": value, "low": low, "high": high, "unit": unit}


def exact(value: float, unit: str) -> Figure:
    """Give a figure that was counted, not timed."""
    return {"value": value, "low": value, "high": value, "unit": unit}


def quietly(action: Callable[[], object]) -> None:
    """Run with the collector of garbage out of the way."""
    gc.collect()
    gc.disable()
    try:
        action()
    finally:
        gc.enable()


def wall(action: Callable[[], object]) -> float:
    """Give the seconds that a call takes by the clock on the wall, with no garbage collected."""
    spent = 0.0

    def timed() -> None:
        nonlocal spent
        begun = time.perf_counter()
        action()
        spent = time.perf_counter() - begun

    quietly(timed)
    return spent


def median(values: Sequence[float], unit: str) -> Figure:
    """Give the median with its quartiles."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return {
        "value": ordered[len(ordered) // 2],
        "low": ordered[quarter],
        "high": ordered[-1 - quarter],
        "unit": unit,
    }


def milliseconds(seconds: Sequence[float]) -> Figure:
    """Give the median of seconds, in milliseconds."""
    return median([1000 * value for value in seconds], "ms")
