"""The line of a log that tells why vLLM did not start."""

import pytest

from prefect_harmonic.deployments.vllm.server_log import last_useful_line

MISSING = """\
(APIServer pid=1) INFO 11-22 06:12:58 [kernel.py:467] Final IR op priority
(EngineCore pid=2) ERROR 11-22 06:15:36 [core.py:208] Traceback (most recent call last):
(EngineCore pid=2) ERROR 11-22 06:15:36 [core.py:208]   File "/x/y.py", line 204, in load
(EngineCore pid=2) ERROR 11-22 06:15:36 [core.py:208] torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB.
(APIServer pid=1) Traceback (most recent call last):
(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""
INVALID = """\
(APIServer pid=1) pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig
(APIServer pid=1)   Value error, User-specified max_model_len (99999) is greater than the derived one [type=...]
(APIServer pid=1)     For further information visit https://errors.pydantic.dev/2.14/v/value_error
"""
UV = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of vllm==9.9 and you require vllm==9.9, we can conclude nothing.
"""  # noqa: RUF001 - the sign that uv begins with


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (MISSING, "torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB."),
        (
            INVALID,
            (
                "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig: "
                "Value error, User-specified max_model_len (99999) is greater than the derived one [type=...]"
            ),
        ),
        ("api_server.py: error: unrecognized arguments: --nonsense\n", "unrecognized arguments: --nonsense"),
        ("loading\nkilled\n\n", "killed"),
        ("", ""),
        ("RuntimeError: Engine core initialization failed. See root cause above.\n", "RuntimeError: Engine core"),
        ("vllm.v1.exceptions.EngineDeadError: See stack trace.\nINFO:     Finished server\n", "vllm.v1.exceptions.Eng"),
        ("OSError: " + "x" * 1000, "OSError: xxx"),
    ],
)
def test_the_last_error_that_is_no_pointer_to_another_one_is_told(log: str, line: str) -> None:
    """Without the prefixes of vLLM's processes, in a line that a person reads."""
    told = last_useful_line(log)
    assert told.startswith(line)
    assert len(told) <= 301


def test_what_uv_could_not_resolve_is_told_with_its_reason() -> None:
    """Its first line only announces."""
    assert "there is no version of vllm==9.9" in last_useful_line(UV)
