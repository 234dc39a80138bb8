"""`harmonic lint` of a plan with very many findings."""

import json
from pathlib import Path

import pytest

from prefect_harmonic.deployments.cli.main import exit_code


def test_findings_of_one_kind_do_not_flood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first hundred of a code are listed, the rest is counted on stderr; whoever wants all gets all."""
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"artifacts": [{"id": f"A{number}"} for number in range(300)]}))

    assert exit_code(["lint", str(plan)]) == 1
    said = capsys.readouterr()
    codes = [line.split()[0] for line in said.out.splitlines()]
    assert {code: codes.count(code) for code in sorted(set(codes))} == {"P005": 1, "P014": 100, "P015": 1}
    assert said.err == "harmonic: 200 more of P014; --verbose or --json lists them all\n"

    assert exit_code(["lint", str(plan), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 302
