"""Changed plans without a model."""

from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.remainder import ReplanRequest
from prefect_harmonic.planners.variance import Variation


class EmbeddedRemainder:
    """Adds the closing artifacts to what remains, attached as the style of the variation has it."""

    @property
    def is_declaring(self) -> bool:
        """Its candidates differ on purpose: an order that one has and another has not was not forgotten."""
        return True

    async def remainder(self, request: ReplanRequest, variation: Variation) -> Plan:
        """The whole plan, changed in what is still to be made."""
        raise NotImplementedError
