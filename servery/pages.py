"""The pages for browsers: built files under /static, and the GraphiQL page with its question written in."""

import json
import shlex
from collections.abc import Mapping
from html import escape
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
ADDRESS = "http://127.0.0.1:8000/graphql"

# Nothing from any other host. Monaco writes style elements, which needs 'unsafe-inline' for styles alone,
# and carries its fonts and small images as data.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; "
    "connect-src 'self'; font-src 'self' data:; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
GUARDS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
)

# A system's own table of types may lack these or, on some desktops, say that a script is text/plain.
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".ttf": "font/ttf",
        ".woff2": "font/woff2",
    }
)

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

SERVED_BLOCK = '<script type="application/json" id="servery">{}</script>'


def mount_pages(app: Starlette, static: Path = STATIC) -> None:
    """Serve the built files under /static. They may be built, or built anew, while the app runs."""
    app.mount("/static", PageFiles(directory=static, check_dir=False), name="static")


def graphiql_page(question: str, address: str = ADDRESS, static: Path = STATIC) -> Response:
    """GraphiQL, opened on `question`; where no pages are built, a page that says how to get them.

    `address` is where the service answers, for the line to paste into a terminal.
    """
    built = static / "graphiql.html"
    try:
        page = built.read_text(encoding="utf-8")
    except FileNotFoundError:
        return guarded(unbuilt(question, address))
    return guarded(page.replace(SERVED_BLOCK, served_block(question), 1))


class PageFiles(StaticFiles):
    """Files with the guards of pages; those named by their content are kept by browsers for good."""

    async def check_config(self) -> None:
        """A folder that is not there yet means files that are not found, not a fault of the app."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        zipped = await self.zipped_response(path, scope) if accepts_gzip(scope) else None
        response = zipped or await super().get_response(path, scope)
        response.headers.update(file_headers(path))
        return response

    async def zipped_response(self, path: str, scope: Scope) -> Response | None:
        try:
            response = await super().get_response(f"{path}.gz", scope)
        except HTTPException:
            return None  # the file itself gives the answer, or the right refusal
        response.headers["Content-Encoding"] = "gzip"
        return response


def accepts_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def file_headers(path: str) -> dict[str, str]:
    name = PurePosixPath(path)
    headers = {**GUARDS, "Vary": "Accept-Encoding"}
    headers["Cache-Control"] = FOREVER if name.parts[:1] == ("assets",) else ASK_AGAIN
    if name.suffix in TYPES:
        headers["Content-Type"] = TYPES[name.suffix]
    return headers


def guarded(page: str) -> HTMLResponse:
    # The same address answers GraphQL in JSON: a cache in between must not hand one for the other.
    return HTMLResponse(page, headers={**GUARDS, "Cache-Control": ASK_AGAIN, "Vary": "Accept"})


def served_block(question: str) -> str:
    return SERVED_BLOCK.replace("{}", script_json({"question": question}))


def script_json(value: Mapping[str, str]) -> str:
    """JSON in which nothing can end the script element around it, or open a comment in it."""
    text = json.dumps(value)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def unbuilt(question: str, address: str) -> str:
    body = shlex.quote(json.dumps({"query": question}, ensure_ascii=False))
    asking = f"curl {shlex.quote(address)} \\\n  -H 'Content-Type: application/json' \\\n  -d {body}"
    return UNBUILT.replace("{asking}", escape(asking))


UNBUILT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Servery</title>
    <link rel="icon" href="data:,">
    <style>
      body { font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1.5rem; }
      pre { padding: 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 6px; }
    </style>
  </head>
  <body>
    <h1>Servery is running</h1>
    <p>GraphiQL is not built yet. If <code>make run</code> has just begun, it is being built: reload in a
    minute. Else run this in the checkout, then reload:</p>
    <pre><code>make ui</code></pre>
    <p>GraphQL works meanwhile. Ask from a terminal:</p>
    <pre><code>{asking}</code></pre>
  </body>
</html>
"""
