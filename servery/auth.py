"""Who asks: a bearer token becomes a viewer."""

from hmac import compare_digest
from secrets import token_urlsafe

from model.viewer import ADMIN, ANONYMOUS, Viewer

ADMINISTRATOR = Viewer(subject="administrator", roles=frozenset({ADMIN}))


class Tokens:
    """Knows the admin token, given or made anew."""

    def __init__(self, admin_token: str | None) -> None:
        self.made = not admin_token
        self.admin = admin_token or token_urlsafe(24)

    def viewer(self, authorization: str | None) -> Viewer:
        """Of an Authorization header. Anything but the admin token is an anonymous viewer."""
        if authorization is None:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and compare_digest(token.strip().encode(), self.admin.encode()):
            return ADMINISTRATOR
        return ANONYMOUS
