"""The pages' headers, their escaping, and what they say when nothing is built."""

import gzip
import json
import re
import shlex
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from servery.pages import SERVED_BLOCK, graphiql_page, mount_pages

WEB = Path(__file__).parents[2] / "web"
SCRIPT = b"console.log('hello')\n" * 100


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "graphiql.html").write_text(f"<head>{SERVED_BLOCK}</head>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "main-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("not for visitors")
    return folder


@pytest.fixture
def client(static: Path) -> TestClient:
    return client_of(static)


def client_of(static: Path) -> TestClient:
    app = Starlette()
    mount_pages(app, static)
    return TestClient(app)


def page(question: str, static: Path) -> str:
    return bytes(graphiql_page(question, static=static).body).decode()


def test_the_question_is_written_into_the_page(static: Path) -> None:
    html = page('{ analytics(metrics: ["a"]) { rows } }', static)

    assert json.loads(block_of(html)) == {"question": '{ analytics(metrics: ["a"]) { rows } }'}


@pytest.mark.parametrize(
    "question", ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028 é 日本", "{}\\n"]
)
def test_no_question_gets_out_of_its_block(question: str, static: Path) -> None:
    html = page(question, static)

    assert html.count("<script") == 1
    assert html.count("</script>") == 1
    assert "<!--" not in html
    assert json.loads(block_of(html))["question"] == question


def test_the_block_is_the_one_that_the_sources_of_the_page_hold() -> None:
    assert (WEB / "graphiql.html").read_text().count(SERVED_BLOCK) == 1


def test_a_page_allows_nothing_from_any_other_host(static: Path) -> None:
    policy = directives(graphiql_page("{ a }", static=static).headers["content-security-policy"])

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["worker-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} <= {
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "data:",
    }
    assert [name for name, sources in policy.items() if "'unsafe-inline'" in sources] == ["style-src"]


def test_a_page_is_guarded_whether_built_or_not(static: Path, tmp_path: Path) -> None:
    for folder in (static, tmp_path / "nothing"):
        headers = graphiql_page("{ a }", static=folder).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-cache"
        assert headers["vary"] == "Accept"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["content-type"] == "text/html; charset=utf-8"


def test_an_unbuilt_page_says_what_to_do_and_how_to_ask_meanwhile(tmp_path: Path) -> None:
    question = """{ a(b: "it's <b>") }"""

    html = bytes(graphiql_page(question, "http://x:1/graphql", tmp_path).body).decode()

    assert "make ui" in html
    assert "<script" not in html
    assert "<b>" not in html
    words = shlex.split(unescape(html[html.index("curl") : html.rindex("</code>")]))
    assert words[:2] == ["curl", "http://x:1/graphql"]
    assert "Content-Type: application/json" in words
    assert json.loads(words[-1]) == {"query": question}


def test_files_named_by_their_content_are_kept_for_good(client: TestClient) -> None:
    answer = client.get("/static/assets/main-1a2b.js")

    assert answer.content == SCRIPT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_other_files_are_asked_for_again(client: TestClient) -> None:
    answer = client.get("/static/favicon.svg")

    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_file_is_zipped_for_those_who_can_unzip_it(client: TestClient) -> None:
    zipped = client.get("/static/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/static/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})

    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.content == plain.content == SCRIPT
    assert zipped.headers["content-type"] == plain.headers["content-type"]
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert zipped.headers["etag"] != plain.headers["etag"]


def test_a_file_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/static/favicon.svg")

    second = client.get("/static/favicon.svg", headers={"If-None-Match": first.headers["etag"]})

    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "assets/..%2f..%2fsecret.txt",
        "assets/%2e%2e/%2e%2e/secret.txt",
        "..%5csecret.txt",
        "%2fetc%2fpasswd",
        "assets",
        "",
        "nothing.js",
        "a%00b",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_nothing_outside_the_folder_is_served(path: str, encoding: str, client: TestClient) -> None:
    answer = client.get(f"/static/{path}", headers={"Accept-Encoding": encoding})

    assert answer.status_code == 404
    assert "not for visitors" not in answer.text


def test_a_link_that_leads_outside_is_not_followed(static: Path, client: TestClient) -> None:
    (static / "way-out.txt").symlink_to(static.parent / "secret.txt")

    assert client.get("/static/way-out.txt").status_code == 404


def test_files_are_only_read(client: TestClient) -> None:
    assert client.post("/static/favicon.svg").status_code == 405


def test_pages_built_while_the_app_runs_are_served(tmp_path: Path) -> None:
    client = client_of(tmp_path / "later")
    before = client.get("/static/favicon.svg")

    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "favicon.svg").write_text("<svg/>")

    assert before.status_code == 404
    assert client.get("/static/favicon.svg").text == "<svg/>"


def block_of(html: str) -> str:
    found = re.search(r'<script type="application/json" id="servery">(.*?)</script>', html, re.DOTALL)
    assert found
    return found[1]


def directives(policy: str) -> dict[str, list[str]]:
    words = (directive.split() for directive in policy.split(";"))
    return {name: sources for name, *sources in words}
