"""The source that every installation has: the packaged methods, and the user's own beside them."""

from pathlib import Path

from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.source import MethodSource


def embedded_source(folder: str | Path | None = None) -> MethodSource:
    """The embedded planner's source.

    Args:
        folder: Methods of the user's own, in YAML; they stand beside the packaged ones.

    Raises:
        MethodLibraryError: A method does not validate; the error names file, line and field.
    """
    library = MethodLibrary.packaged()
    return MethodSource(library if folder is None else library.with_folder(Path(folder)))
