"""`/chat/stream`: both documented clients as written, resuming, and what each client may see."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import ROOT
from tests.scripted_provider import ScriptedProvider

CLIENTS = (ROOT / "docs" / "clients.md").read_text("utf-8")


def block(language: str) -> str:
    """The code of the documented client in `language`."""
    found = re.search(rf"```{language}\n(.*?)```", CLIENTS, re.DOTALL)
    assert found is not None
    return found[1]


def events(text: str) -> list[dict[str, object]]:
    """The objects of a stream."""
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


def test_the_documented_python_client_works_as_written(client: httpx.Client) -> None:
    code = block("python").replace("http://127.0.0.1:8000", str(client.base_url).rstrip("/"))

    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False
    )

    assert run.returncode == 0, run.stderr
    answer, _, references = run.stdout.partition("References:")
    assert "到账" in answer
    assert "withdrawals/status.md#" in references


def test_a_plain_client_gets_data_lines_and_nothing_else(client: httpx.Client) -> None:
    reply = client.post("/chat/stream", json={"user_query": "How do I reset my password?"})

    lines = [line for line in reply.text.split("\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    parsed = [json.loads(line.replace("data: ", "")) for line in lines]
    first, *middle, last = parsed
    assert first["response"] == ""
    assert first["subcategory_id"] == "account_security.login_password"
    assert all(
        event.keys() >= {"category", "subcategory", "response", "thread_id"} for event in parsed
    )
    assert "".join(event["response"] for event in middle) == last["response"]
    assert last["done"] is True
    assert last["references"]


def test_text_that_looks_like_framing_survives_the_plain_client(client: httpx.Client) -> None:
    thread = "data: x\u2028data: y"
    reply = client.post(
        "/chat/stream", json={"user_query": f"hello {thread}", "thread_id": "framing-1"}
    )

    for line in reply.text.splitlines():
        if line:
            json.loads(line.replace("data: ", ""))
    assert client.get("/sessions/framing-1").json()["messages"][0]["text"] == f"hello {thread}"


def test_an_sse_client_gets_ids_and_a_retry_time(client: httpx.Client) -> None:
    reply = client.get(
        "/chat/stream",
        params={"user_query": "Where is my bonus?"},
        headers={"Accept": "text/event-stream"},
    )

    blocks = [b for b in reply.text.split("\n\n") if b]
    run_id = events(reply.text)[-1]["run_id"]
    assert blocks[0].splitlines() == ["retry: 2000", f"id: {run_id}:0"]
    assert all(re.match(rf"id: {run_id}:\d+\ndata: ", b) for b in blocks[1:])
    assert reply.headers["x-accel-buffering"] == "no"
    assert reply.headers["cache-control"] == "no-store"


def test_a_stream_is_resumed_exactly_after_the_given_event(client: httpx.Client) -> None:
    url, headers = "/chat/stream?user_query=Where+is+my+rebate", {"Accept": "text/event-stream"}
    whole = client.get(url, headers=headers).text
    ids = re.findall(r"^id: (.*)$", whole, re.MULTILINE)

    rest = client.get(url, headers=headers | {"Last-Event-ID": ids[2]}).text
    after_the_end = client.get(url, headers=headers | {"Last-Event-ID": ids[-1]})

    assert re.findall(r"^id: (.*)$", rest, re.MULTILINE) == ids[3:]
    assert events(rest) == events(whole)[2:]
    assert after_the_end.status_code == 204


def test_an_unknown_event_id_asks_nothing_again(client: httpx.Client) -> None:
    before = client.get("/sessions").json()["total"]

    reply = client.get(
        "/chat/stream?user_query=hello",
        headers={"Accept": "text/event-stream", "Last-Event-ID": "gone:3"},
    )

    assert reply.status_code == 204
    assert client.get("/sessions").json()["total"] == before


def test_an_idle_stream_is_kept_alive(llm_client: httpx.Client, provider: ScriptedProvider) -> None:
    provider.fault, provider.fault_on = "hang", "draft"

    reply = llm_client.get(
        "/chat/stream?user_query=how+long&subcategory=withdrawals.status",
        headers={"Accept": "text/event-stream"},
    )

    assert ": keep-alive\n\n" in reply.text
    assert events(reply.text)[-1]["done"] is True


def test_an_error_comes_before_the_stream(client: httpx.Client) -> None:
    reply = client.get("/chat/stream?user_query=x&subcategory=nonsense")

    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "unknown_name"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A real Chromium, where there is one."""
    import shutil  # noqa: PLC0415  (only this test needs them)

    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine; install Debian's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def page_with(browser: object, client: httpx.Client, html: str) -> object:
    """A page of the service's own origin that holds `html`."""
    page = browser.new_page()  # type: ignore[attr-defined]
    url = f"{client.base_url}/page"
    page.route(url, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(url)
    return page


def test_the_documented_browser_client_works_as_written(
    client: httpx.Client, browser: object
) -> None:
    page = page_with(browser, client, block("html"))

    page.wait_for_function("document.title === 'done'")  # type: ignore[attr-defined]

    assert "10 to 60 minutes" in page.inner_text("#answer")  # type: ignore[attr-defined]
    assert client.get("/sessions/visitor-7").json()["turns"] == 1


def test_a_browser_that_never_closes_its_source_asks_once(
    client: httpx.Client, browser: object
) -> None:
    html = block("html").replace("source.close();", "").replace("visitor-7", "visitor-8")
    page = page_with(browser, client, html)

    page.wait_for_function("document.title === 'done'")  # type: ignore[attr-defined]
    page.wait_for_function("source.readyState === EventSource.CLOSED")  # type: ignore[attr-defined]
    time.sleep(0.2)

    assert client.get("/sessions/visitor-8").json()["turns"] == 1
