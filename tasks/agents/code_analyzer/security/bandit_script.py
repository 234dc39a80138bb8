"""Runs bandit in a process of its own and prints what it finds, a line of JSON for each file.

Standard input: `{"rules": ["B102", ...], "files": ["/folder/a.py", ...]}`. This file is started by its path with
`python -I`, in a folder of its own: nothing of the project can be found by an import. bandit gets no configuration, and
comments that would silence it are not heeded here: who reads the result decides on them. A line is written as soon as a
file is done, so that what was found stays if a later file takes too long.
"""

import json
import logging
import sys
from typing import Any

from bandit.core.config import BanditConfig
from bandit.core.manager import BanditManager


def main() -> None:
    """Looks at the files in the order given."""
    asked = json.load(sys.stdin)
    logging.disable(logging.CRITICAL)
    manager = BanditManager(BanditConfig(), "file", quiet=True, profile={"include": asked["rules"]}, ignore_nosec=True)
    for number, path in enumerate(asked["files"]):
        manager.files_list, manager.results, manager.skipped = [path], [], []
        manager.run_tests()
        line = {
            "file": number,
            "skipped": manager.skipped[0][1] if manager.skipped else "",
            "found": [_told(each) for each in manager.results],
        }
        sys.stdout.write(f"{json.dumps(line)}\n")
        sys.stdout.flush()


def _told(issue: Any) -> dict[str, object]:
    """One finding in plain values. `Any`, because bandit carries no types."""
    return {
        "rule": issue.test_id,
        "line": issue.lineno,
        "lines": sorted(issue.linerange) or [issue.lineno],
        "severity": issue.severity,
        "confidence": issue.confidence,
        "text": issue.text,
    }


if __name__ == "__main__":
    main()
