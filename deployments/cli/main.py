"""The command and its exit codes: 0 done, 1 not done, 2 bad usage, 3 a person has to answer, 130 interrupted.

Whatever goes wrong is told in one line; a traceback is shown only for a fault of our own, and then with `--verbose`.
"""

import os
import sys
from collections.abc import Sequence

import click

from prefect_harmonic import __version__
from prefect_harmonic.deployments.cli.file_commands import lint, score, show
from prefect_harmonic.deployments.cli.interruption import INTERRUPTED, TOLD
from prefect_harmonic.deployments.cli.kb_command import kb
from prefect_harmonic.deployments.cli.plan_command import plan
from prefect_harmonic.deployments.cli.resume_command import resume
from prefect_harmonic.deployments.cli.run_command import run
from prefect_harmonic.deployments.cli.serve_command import serve
from prefect_harmonic.deployments.cli.status_command import status
from prefect_harmonic.deployments.cli.vllm_command import vllm
from prefect_harmonic.errors import HarmonicError, InputError
from prefect_harmonic.planners.gate.finding import shortened
from prefect_harmonic.tasks.views.escaping import visible

DONE, NOT_DONE, BAD_USAGE = 0, 1, 2
_LONGEST_PATH = 120


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every option can also be set by the environment variable shown beside it.",
)
@click.version_option(__version__, "-V", "--version", prog_name="harmonic", message="%(prog)s %(version)s")
def harmonic() -> None:
    """Turns a goal into the best of several plans, and carries the plan out as a Prefect flow."""


for command in (plan, run, status, resume, lint, score, show, serve, vllm, kb):
    harmonic.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and exits with its code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without the characters gets a question mark
    os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")  # from a checkout it would greet whoever uses a model
    sys.exit(exit_code(arguments))


def exit_code(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code; everything a person must know is on stderr by then."""
    try:
        code = harmonic.main(
            args=None if arguments is None else list(arguments), prog_name="harmonic", standalone_mode=False
        )
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return BAD_USAGE
    except click.ClickException as error:
        return _told(error.format_message(), BAD_USAGE)
    except InputError as error:
        return _told(str(error), BAD_USAGE)
    except HarmonicError as error:
        return _told(str(error), NOT_DONE)
    except (KeyboardInterrupt, click.Abort):
        return _told(TOLD, INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; closing what is left of it must not fail again at exit.
        _close_stdout()
        return NOT_DONE
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        if error.filename is not None:
            return _told(f"cannot use {shortened(str(error.filename), _LONGEST_PATH)}: {problem}", BAD_USAGE)
        _close_stdout()
        return _told(f"cannot write: {problem}", NOT_DONE)
    except Exception as error:
        if {"-v", "--verbose"} & set(sys.argv if arguments is None else arguments):
            raise
        return _told(f"internal error, {type(error).__name__}: {error}; --verbose shows where", NOT_DONE)
    return code if isinstance(code, int) else DONE


def _close_stdout() -> None:
    """Sends what is left of the output nowhere, so that flushing it at exit does not fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(message: str, code: int) -> int:
    click.echo(f"harmonic: {visible(' '.join(message.split()))}", err=True)
    return code
