"""Who may do what."""

from model.faults import Fault
from model.viewer import Viewer


def require_admin(viewer: Viewer) -> None:
    """Raises UNAUTHENTICATED for a viewer who is not an administrator."""
    if not viewer.is_admin:
        raise Fault(
            "UNAUTHENTICATED",
            "This needs the admin token, sent as 'Authorization: Bearer <token>'. "
            "It is the value of SERVERY_ADMIN_TOKEN, or the one printed when the server started.",
        )
