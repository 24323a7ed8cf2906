"""Where the business keeps the migrations of its tables."""

from pathlib import Path

FOLDERS = (Path(__file__).parent / "ledger" / "migrations",)
