"""Whether the functions that a model calls give the same result for the same row, as answers are kept."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from db.database import Database
from model.expression import DIALECT, LOCAL, Sql
from model.grammar import PLAIN_FUNCTIONS
from model.model import Model
from servery.check.declared import pieces
from servery.check.finding import Finding, error, warning

CHANGING = """
select p.proname::text, p.provolatile::text,
       case when p.provariadic = 0 then p.pronargs - p.pronargdefaults else 0 end,
       case when p.provariadic = 0 then p.pronargs else 100 end
from pg_proc as p
where p.proname = any($1::text[]) and pg_function_is_visible(p.oid)
"""

IMMUTABLE, STABLE, VOLATILE = "i", "s", "v"


@dataclass(frozen=True, slots=True)
class Overload:
    """One of the functions of a name: how steady it is, and how many arguments it takes."""

    volatility: str
    least: int
    most: int


async def functions_that_change(model: Model, database: Database) -> AsyncIterator[Finding]:
    """Those beside the plain ones; a model may list any under `functions`."""
    calls = [(piece, call) for piece in pieces(model) for call in _calls(piece.sql)]
    names = sorted({name for _, (name, _) in calls})
    known = await _overloads(database, names) if names else {}
    for piece, (name, count) in dict.fromkeys(calls):
        volatility = _volatility(known.get(name, ()), count)
        if volatility == VOLATILE:
            message = f"{name}() in {piece.title} is volatile: it gives another result each time."
            yield error(piece.path, message, "Leave it out; answers are kept, so they would be wrong.")
        elif volatility == STABLE:
            message = (
                f"{name}() in {piece.title} is not immutable: its result changes while answers are kept."
            )
            yield warning(piece.path, message, "Leave it out, or declare the function immutable if it is.")


async def _overloads(database: Database, names: list[str]) -> Mapping[str, list[Overload]]:
    found: defaultdict[str, list[Overload]] = defaultdict(list)
    for name, *rest in (await database.fetch(CHANGING, [names])).rows:
        found[name].append(Overload(*rest))
    return found


def _volatility(overloads: list[Overload] | tuple[()], count: int | None) -> str:
    """Of those that may be meant, the steadiest: nobody is accused of what another one does."""
    meant = [each for each in overloads if count is None or each.least <= count <= each.most]
    return min((each.volatility for each in meant), default=IMMUTABLE)


def _calls(sql: Sql) -> Iterator[tuple[str, int | None]]:
    """Name and number of arguments; the parser hides the number of some that it knows."""
    for call in sql.tree.find_all(exp.Func):
        if isinstance(call, exp.Anonymous):
            name, count = call.name.lower(), len(call.expressions)
        else:
            name, count = call.sql(DIALECT).split("(")[0].strip().lower(), None
        if name not in PLAIN_FUNCTIONS and name != LOCAL and name.isidentifier():
            yield name, count
