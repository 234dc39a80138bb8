"""The method library: the packaged methods and those of a user, checked before anything is planned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from prefect_harmonic.errors import MethodLibraryError
from prefect_harmonic.planners.sources.methods.checks import check_methods
from prefect_harmonic.planners.sources.methods.model import Method
from prefect_harmonic.planners.sources.methods.reading import methods_from
from prefect_harmonic.planners.user_path import user_path

_ENDINGS = (".yaml", ".yml")


class MethodLibrary:
    """Methods by the task that they decompose. A library never changes; adding to it gives a new one.

    >>> library = MethodLibrary.packaged()
    >>> "goal" in library.by_task
    True

    Raises:
        MethodLibraryError: The methods do not fit together; the message names file, line and field.
    """

    def __init__(self, methods: Iterable[Method]) -> None:
        self.methods = tuple(methods)
        check_methods(self.methods)

    @cached_property
    def by_task(self) -> Mapping[str, tuple[Method, ...]]:
        """The methods of each task, in library order."""
        found: dict[str, list[Method]] = defaultdict(list)
        for method in self.methods:
            found[method.task].append(method)
        return MappingProxyType({task: tuple(methods) for task, methods in found.items()})

    @cached_property
    def contracts(self) -> Mapping[str, str]:
        """For templates of results the template of the contract that stands in for each."""
        return MappingProxyType(
            {
                thing: piece.produces[0]
                for method in self.methods
                for piece in method.pieces
                for thing in piece.contract_of
            }
        )

    @cached_property
    def finals(self) -> frozenset[str]:
        """Ids of the pieces that always wait for real results."""
        return frozenset(piece.artifact for method in self.methods for piece in method.pieces if piece.is_final)

    @classmethod
    def packaged(cls) -> "MethodLibrary":
        """The methods that come with the package, read once."""
        return _packaged()

    def with_folder(self, folder: str | Path) -> "MethodLibrary":
        """This library and the methods in a folder's YAML files. A method of a known name replaces it.

        Raises:
            MethodLibraryError: The folder cannot be read, or a method in it does not validate.
        """
        own = [method for path in _files(user_path(folder)) for method in methods_from(_content(path), path.name)]
        _refuse_repetition(own)
        replaced = {method.name: method for method in own}
        kept = [replaced.pop(method.name, method) for method in self.methods]
        return MethodLibrary([*kept, *(method for method in own if method.name in replaced)])


@cache
def _packaged() -> MethodLibrary:
    folder = resources.files(__package__).joinpath("packaged")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(_ENDINGS)), key=lambda file: file.name)
    return MethodLibrary(method for file in files for method in methods_from(file.read_bytes(), file.name))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise MethodLibraryError(str(folder), 1, "folder", "is no folder; name one that holds YAML files of methods")
    files = sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS and path.is_file())
    if not files:
        raise MethodLibraryError(str(folder), 1, "folder", "holds no .yaml file")
    return files


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MethodLibraryError(path.name, 1, "file", f"cannot be read: {error.strerror}") from None


def _refuse_repetition(methods: Iterable[Method]) -> None:
    seen: dict[str, Method] = {}
    for method in methods:
        if method.name in seen:
            first_file, first_line = seen[method.name].origin
            problem = f"is the name of another method ({first_file}:{first_line}); give each its own"
            raise MethodLibraryError(*method.origin, f"{method.name}.name", problem)
        seen[method.name] = method
