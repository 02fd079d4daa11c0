"""Servery: GraphQL analytics over PostgreSQL.

Imported first by every entry point: it puts the rooms (`cache`, `db`, `model`, ...) on the path. In the
checkout they lie beside this package, in the wheel inside it, because their names are taken elsewhere.
"""

import sys
from pathlib import Path

__version__ = "0.1.0"

ROOM_NAMES = ("schema", "resolvers", "plan", "cache", "db", "model")
_inside = Path(__file__).parent / "_rooms"
ROOMS = _inside if _inside.is_dir() else Path(__file__).parent.parent

for _name in ROOM_NAMES:
    _loaded = getattr(sys.modules.get(_name), "__file__", None)
    if _loaded and Path(_loaded).parent.parent != ROOMS:
        raise ImportError(
            f"Another package called '{_name}' was imported before servery (from {_loaded}). "
            "Servery is an application: run it in an environment of its own.",
        )
if sys.path[:1] != [str(ROOMS)]:
    sys.path.insert(0, str(ROOMS))
