"""An import that is killed in the middle of a batch: run by test_import_command.py.

Arguments: the file, the number of the batch at which the process ends, its items written and not
committed. A batch holds BATCH records here, so that a short file has several.
"""

import os
import sys
from typing import Any

from api import cli
from processes.ledger import file_import, item_import

BATCH = 50


def main() -> None:
    path, last = sys.argv[1], int(sys.argv[2])
    real = item_import._advance
    batches = 0

    def advance(*arguments: Any) -> None:
        nonlocal batches
        batches += 1
        real(*arguments)
        if batches == last:
            os._exit(9)

    item_import._advance = advance  # type: ignore[assignment]
    file_import.BATCH = BATCH
    cli.main(["import", "gudid", path])


if __name__ == "__main__":
    main()
