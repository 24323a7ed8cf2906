"""Write the table of GS1 application identifiers for the web client.

    python tools/export_gs1_table.py            writes web/src/scanning/gs1_table.json
    python tools/export_gs1_table.py --check    fails when the file is not what it would write

The table is biip's, as forms/barcodes/identifiers.py adopts it; both readers work from it.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from forms.barcodes import identifiers  # noqa: E402  # tools are run by path, not as a module

TARGET = ROOT / "web" / "src" / "scanning" / "gs1_table.json"


def table() -> dict[str, object]:
    """Build the table; `patterns` are [pattern of the value, separator required, identifiers]."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for one in identifiers.IDENTIFIERS.values():
        groups.setdefault((one.pattern, one.separator_required), []).append(one.ai)
    return {
        "parser": f"{identifiers.PARSER}/{identifiers.PARSER_VERSION}",
        "names": dict(identifiers.NAMES),
        "dates": sorted(identifiers.DATES),
        "times": sorted(identifiers.TIMES),
        "keys": sorted(identifiers.KEYS),
        "checkedDigits": dict(identifiers.CHECKED_DIGITS),
        "exclusive": [list(pair) for pair in identifiers.EXCLUSIVE],
        "linkKeys": {key: list(more) for key, more in identifiers.LINK_KEYS.items()},
        "patterns": [[pattern, ends, " ".join(ais)] for (pattern, ends), ais in groups.items()],
    }


def text() -> str:
    """Write the table with one entry a line, so that a change of biip can be read in a diff."""
    entries = []
    for key, value in table().items():
        if key == "patterns" and isinstance(value, list):
            rows = ",\n".join("    " + json.dumps(row) for row in value)
            entries.append(f'  "{key}": [\n{rows}\n  ]')
        else:
            entries.append(f'  "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(entries) + "\n}\n"


def main() -> int:
    """Write the table, or compare it with what is there."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true")
    if arguments.parse_args().check:
        # The formatter of web/ may have laid it out anew: what it says is what counts.
        there = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else None
        if there != table():
            print(f"{TARGET.relative_to(ROOT)} is old: run python tools/export_gs1_table.py")
            return 1
        return 0
    TARGET.write_text(text(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}: {len(identifiers.IDENTIFIERS)} identifiers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
