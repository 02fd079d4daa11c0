"""Wires warming: who counts what is asked, who tells the other processes, and who asks ahead."""

from dataclasses import dataclass, replace

from cache.cache import Cache
from resolvers.traffic import Traffic
from resolvers.traffic_notes import SharedTraffic
from resolvers.turns import Turns
from resolvers.warm import Warmer, Warming
from schema.asker import Asker
from schema.build import Schema
from schema.context import Services
from servery.observe import logger


@dataclass(frozen=True, slots=True)
class Warmth:
    """`services` count what they are asked, and can be told to warm."""

    services: Services
    warmer: Warmer
    shared: SharedTraffic

    def start(self, *, warm: bool) -> None:
        """Begin to tell other processes what is asked here, and with `warm` to ask ahead."""
        self.shared.start()
        if warm:
            self.warmer.soon()

    async def close(self) -> None:
        """While the cache is still open: it takes the last note."""
        await self.warmer.close()
        await self.shared.close()


def warmth_of(schema: Schema, services: Services, cache: Cache) -> Warmth:
    """Around services that neither count nor warm yet."""
    traffic = Traffic()
    counting = replace(services, traffic=traffic)
    shared = SharedTraffic(traffic, cache)
    warmer = Warmer(
        Asker(schema, counting),
        services.analytics.model.warm,
        shared.everyones,
        turns=Turns(lambda: cache.lease("warm")),
        told=tell,
    )
    return Warmth(replace(counting, warmer=warmer), warmer, shared)


def tell(warming: Warming) -> None:
    """What became of a warming that nobody waited for: a question that fails is news for the engineer."""
    log = logger("cache")
    log.info("the cache is warm", loaded=warming.warmed, there=warming.skipped, failed=warming.failed)
    for each in warming.results:
        if each.error:
            log.warning(
                "a question could not be warmed",
                question=each.asked.text,
                tenant=each.asked.viewer.tenant,
                code=each.error_code,
                detail=each.error,
            )
