"""Takes away everything that `install` made, and nothing else."""

from dataclasses import dataclass

from db.outbox.install import VERSION, drop_triggers
from db.outbox.owner import Owner
from db.outbox.statements import text


@dataclass(frozen=True, slots=True)
class Removed:
    """`failures` says which tables keep their triggers, and why; then the schema stays for them.

    `others` names what somebody else put into the schema: it stays, and the schema with it.
    """

    was_there: bool
    failures: dict[str, str]
    others: str = ""


async def remove(owner: Owner) -> Removed:
    """Raises DatabaseError when what is ours may not be dropped."""
    if not await owner.value(text("is_made"), VERSION):
        return Removed(was_there=False, failures={})
    failures = await drop_triggers(owner, ())
    if failures:
        return Removed(was_there=True, failures=failures)
    async with owner.transaction():
        await owner.run(text("unmade"))
        others = await owner.value(text("others"))
        if not others and await owner.value(text("is_our_schema"), VERSION):
            await owner.run("drop schema servery")
    return Removed(was_there=True, failures={}, others=others or "")
