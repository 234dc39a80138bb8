"""What was claimed before, as later findings build on it."""

from collections.abc import Iterator, Mapping

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.tasks.agents.wording import clipped

LONGEST_QUOTE = 400


def earlier_claims(known: Mapping[str, Evidence]) -> Iterator[Claim]:
    """The claims of earlier evidence. One without a source gets the artifact it was found for as its source."""
    for name in sorted(known):
        for claim in known[name].claims:
            if claim.sources:
                yield claim
            else:
                source = Source(path=name, quote=clipped(claim.text, LONGEST_QUOTE), grade=Grade.DERIVED)
                yield claim.model_copy(update={"sources": (source,)})
