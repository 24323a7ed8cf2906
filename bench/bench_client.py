"""What the worker's client weighs: first load, and a form on top of it (gzip, from the build)."""

import importlib.util
from pathlib import Path

from bench.measuring import Figures, exact

ROOT = Path(__file__).parent.parent


def measure() -> Figures:
    """Weigh the built client."""
    spec = importlib.util.spec_from_file_location("budget", ROOT / "tools" / "check_web_budget.py")
    assert spec is not None  # the file stands in this checkout
    assert spec.loader is not None
    budget = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(budget)
    weights: dict[str, float] = budget.measure(ROOT / "web" / "dist")
    return {name: exact(value, "KB gzip") for name, value in weights.items()}
