"""Tells people what was installed, removed or found: a line for each table, and what to do."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from db.outbox.install import Installed
from db.outbox.relation import Relation
from db.outbox.remove import Removed
from db.outbox.source import Source
from db.outbox.status import Standing, Status
from model.refresh import Refresh

GOOD, DOUBT, BAD = "green", "yellow", "bold red"
KEYS_REMEDY = "Give it a refresh_key, or call servery.changed() when it changes."

Keys = Mapping[str, Refresh]
"""The refresh keys of the model, by table."""


def tell_installed(found: Installed, keys: Keys, out: Console) -> bool:
    """Whether every table has what it can have."""
    for relation in found.relations:
        failure = found.failures.get(relation.title)
        if failure:
            _line(out, relation.title, f"no triggers: {failure}", BAD)
        else:
            _tell(out, relation, keys)
    for title in found.failures.keys() - {relation.title for relation in found.relations}:
        _line(out, title, f"is no longer in the model, and keeps its triggers: {found.failures[title]}", BAD)
    _tell_missing(out, found.missing)
    return not found.failures and not found.missing


def tell_removed(found: Removed, out: Console) -> bool:
    """Whether nothing of ours is left."""
    if not found.was_there:
        _say(out, "There are no change events in this database.")
    for title, failure in sorted(found.failures.items()):
        _line(out, title, f"keeps its triggers: {failure}", BAD)
    if found.failures:
        _say(out, "The schema servery stays until they are gone.")
    elif found.was_there:
        stays = f" The schema servery stays: it holds {found.others}." if found.others else ""
        _say(out, f"All change events are removed.{stays}")
    return not found.failures


def tell_status(found: Status, keys: Keys, results: Mapping[str, str], out: Console) -> bool:
    """Whether it fits the model. `results` are what refresh keys give now, by table."""
    if not found.is_made:
        _say(out, "There are no change events in this database. Run: servery events install")
        return False
    for standing in found.standings:
        _tell_standing(out, standing, keys, results)
    for title in found.strangers:
        _line(out, title, "is installed, and not in this model.", DOUBT)
    _tell_missing(out, found.missing)
    fits = all(each.fits for each in found.standings) and not found.missing
    _say(out, "What is installed fits the model." if fits else "It does not fit. Run: servery events install")
    return fits


def _tell_standing(out: Console, standing: Standing, keys: Keys, results: Mapping[str, str]) -> None:
    relation = standing.relation
    if not standing.is_registered:
        _line(out, relation.title, "is not installed.", BAD)
    elif relation.has_triggers and not standing.is_current:
        _line(out, relation.title, "was installed for another model, or by another version.", BAD)
    elif relation.has_triggers and standing.covered < standing.parts:
        _line(out, relation.title, f"{_covered(standing)} the triggers.", BAD)
    else:
        _tell(out, relation, keys)
    for name in relation.names:
        if name in results:
            _line(out, f"  {name}", f"refresh_key: {results[name]}", "")
    if standing.rows:
        _line(out, "  kept", f"{standing.rows:,} changes, the last {standing.last_s or 0:.0f} s ago.", "")


def _covered(standing: Standing) -> str:
    if standing.parts == 1:
        return "lacks"
    return f"{standing.parts - standing.covered} of {standing.parts} partitions lack"


def _tell(out: Console, relation: Relation, keys: Keys) -> None:
    every = {keys[name].every_s for name in relation.names if name in keys}
    if relation.polled:
        _line(out, relation.title, f"no triggers: its refresh_key is asked every {min(every)} s.", GOOD)
    elif relation.obstacle:
        _line(out, relation.title, f"no triggers: it is {relation.obstacle}. {KEYS_REMEDY}", DOUBT)
    else:
        by = f"with the months of {relation.axis.text}" if relation.axis else "for all months"
        _line(out, relation.title, f"changes are told {by}.", GOOD)
    for doubt in relation.doubts:
        _line(out, "  but", doubt, DOUBT)


def _tell_missing(out: Console, missing: tuple[Source, ...]) -> None:
    for source in missing:
        name = ".".join(filter(None, (source.schema, source.table)))
        message = "is not in the database, or not in the search path. Create it, or correct the model."
        _line(out, name, message, BAD)


def _line(out: Console, title: str, message: str, colour: str) -> None:
    out.print(Text.assemble((f"{title}: ", "bold"), (message, colour)), soft_wrap=True)


def _say(out: Console, sentence: str) -> None:
    out.print(Text(sentence), soft_wrap=True)
