"""What the database room reports, as faults for the person who asked."""

from db.errors import BadValue, DatabaseError, Overloaded, QueryTimeout, Refused, Unavailable
from model.faults import Fault


def fault_of(error: DatabaseError) -> Fault:
    """The fault for `error`, which stays its cause: logs show it, answers never do."""
    match error:
        case QueryTimeout():
            return Fault("QUERY_TIMEOUT", str(error), timeoutMs=error.timeout_ms)
        case Overloaded():
            return Fault("OVERLOADED", str(error), retryAfterMs=error.retry_after_ms)
        case Unavailable():
            return Fault("DATABASE_UNAVAILABLE", str(error))
        case BadValue():
            return Fault("INVALID_VALUE", str(error))
        case Refused():
            message = (
                "The database does not hold what the model says. The engineer's log tells what is missing."
            )
            return Fault("MODEL_MISMATCH", message)
        case _:
            return Fault("INTERNAL", "The database could not answer this question.")
