"""Threads: read, listed, deleted without a trace, and still there after a restart or a kill."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, Serve, ask
from tests.scripted_provider import ScriptedProvider
from tests.serving import free_port


def test_a_thread_holds_both_sides_of_every_turn(client: httpx.Client) -> None:
    first = ask(client, "my withdrawal is still processing", "both-sides")
    ask(client, "thanks", "both-sides")

    session = client.get("/sessions/both-sides", params={"lang": "en"}).json()

    assert [m["role"] for m in session["messages"]] == ["user", "assistant"] * 2
    assert session["messages"][0]["text"] == "my withdrawal is still processing"
    assert session["messages"][1]["text"] == first["response"]
    assert session["messages"][1]["route"]["subcategory"] == "Withdrawal status"
    assert session["messages"][1]["id"] == f"{first['run_id']}-assistant"
    assert session["messages"][0]["at"] <= session["messages"][1]["at"]
    assert session["latest_route"]["category_id"] == "fallback"
    assert session["turns"] == 2


def test_threads_are_listed_in_pages_the_latest_first(serve: Serve, small_catalogue: Path) -> None:
    client = serve(scenarios_file=small_catalogue)
    for n in range(5):
        ask(client, "where is my parcel", f"thread-{n}")

    page = client.get("/sessions", params={"limit": 2, "offset": 1}).json()

    assert page["total"] == 5
    assert [s["thread_id"] for s in page["sessions"]] == ["thread-3", "thread-2"]


def test_threads_that_wait_for_a_human_can_be_listed(client: httpx.Client) -> None:
    ask(client, "agent please", "waits-for-human")
    ask(client, "hello", "waits-for-none")

    ask(client, "my order number is W202511200001, thanks", "waits-for-human")
    waiting = client.get("/sessions", params={"waiting": True, "limit": 200}).json()

    ids = [s["thread_id"] for s in waiting["sessions"]]
    assert "waits-for-human" in ids
    assert "waits-for-none" not in ids


def test_an_empty_service_lists_nothing(serve: Serve, small_catalogue: Path) -> None:
    client = serve(scenarios_file=small_catalogue)

    assert client.get("/sessions").json() == {
        "total": 0, "limit": 50, "offset": 0, "sessions": [],
    }  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_thread_is_404_in_one_shape(client: httpx.Client, method: str) -> None:
    reply = client.request(method, "/sessions/never-seen")

    assert reply.status_code == 404
    assert reply.json() == {
        "error": {
            "code": "thread_not_found",
            "message": "expected the id of a thread, got 'never-seen'",
        }
    }


def test_a_deleted_thread_leaves_no_byte_behind(
    serve: Serve, small_catalogue: Path, tmp_path: Path
) -> None:
    client = serve(scenarios_file=small_catalogue)
    canary = "canary7f3a"
    ask(client, f"where is my parcel {canary}", "gone")
    ask(client, "where is my parcel", "stays")

    receipt = client.delete("/sessions/gone")

    assert receipt.json() == {"thread_id": "gone", "deleted": True, "turns": 1}
    assert client.get("/sessions/gone").status_code == 404
    assert client.get("/sessions/stays").status_code == 200
    # The write-ahead log keeps old pages until it is taken over; docs/threads.md says how long.
    files = sorted((tmp_path / "data").glob("*.db"))
    assert len(files) == 2
    for path in files:
        assert canary.encode() not in path.read_bytes(), path


def test_a_deleted_thread_begins_anew(client: httpx.Client) -> None:
    before = ask(client, "how long does a withdrawal take", "anew")
    client.delete("/sessions/anew")

    answer = ask(client, "how long then?", "anew")

    assert client.get("/sessions/anew").json()["turns"] == 1
    assert answer["subcategory_id"] != before["subcategory_id"]


def test_a_thread_deleted_while_it_is_written_never_comes_back(
    serve: Serve, small_catalogue: Path, tmp_path: Path
) -> None:
    client = serve(scenarios_file=small_catalogue)
    secret = "secretword9"

    def talk(n: int) -> None:
        body = {"user_query": f"where is my parcel {secret}", "thread_id": f"race-{n % 8}"}
        client.post("/chat", json=body)

    def delete(n: int) -> None:
        client.delete(f"/sessions/race-{n % 8}")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for n in range(64):
            pool.submit(talk, n)
            pool.submit(delete, n)
    for n in range(8):
        client.delete(f"/sessions/race-{n}")

    assert client.get("/sessions").json()["total"] == 0
    with sqlite3.connect(tmp_path / "data" / "checkpoints.db") as database:
        assert database.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM writes").fetchone() == (0,)


def test_a_thread_takes_only_so_many_turns_at_once(
    llm_client: httpx.Client, provider: ScriptedProvider
) -> None:
    provider.fault, provider.fault_on = "hang", "draft"

    def talk(_: int) -> int:
        body = {"user_query": "x", "thread_id": "full", "subcategory": "withdrawals.status"}
        return llm_client.post("/chat", json=body).status_code

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        statuses = list(pool.map(talk, range(24)))

    assert set(statuses) == {200, 429}
    assert statuses.count(200) == 17


def test_turns_of_one_thread_at_once_are_all_kept_in_order(client: httpx.Client) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ask(client, f"hello {n}", "crowded"), range(8)))

    messages = client.get("/sessions/crowded").json()["messages"]
    assert len(messages) == 16
    assert {m["text"] for m in messages if m["role"] == "user"} == {f"hello {n}" for n in range(8)}
    assert all(m["status"] == "finished" for m in messages)


@contextmanager
def process(data_dir: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`python api_server.py` as a process of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "ENGINE": "embedded",
        "LOG_LEVEL": "WARNING",
    }
    running = subprocess.Popen([sys.executable, "api_server.py"], cwd=ROOT, env=env)
    try:
        for _ in range(400):
            try:
                httpx.get(f"http://127.0.0.1:{port}/health")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_thread_is_still_there_after_the_service_ends(tmp_path: Path, ending: int) -> None:
    port = free_port()
    with (
        process(tmp_path, port) as running,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        before = ask(client, "提现一般多久到账", "survives")
        running.send_signal(ending)
        assert running.wait(20) in (0, -ending)

    with process(tmp_path, port), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        session = client.get("/sessions/survives").json()
        follow_up = ask(client, "那 USDT 呢？", "survives")

        headers = {"Accept": "text/event-stream", "Last-Event-ID": f"{before['run_id']}:2"}
        rest = client.get("/chat/stream", params={"user_query": "x"}, headers=headers)
        last_id = rest.text.splitlines()[0].removeprefix("id: ")
        headers["Last-Event-ID"] = last_id
        read = client.get("/chat/stream", params={"user_query": "x"}, headers=headers)

    assert json.loads(rest.text.splitlines()[1][6:])["response"] == before["response"]
    assert read.status_code == 204
    assert session["messages"][1]["text"] == before["response"]
    assert follow_up["subcategory_id"] == "withdrawals.status"


def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": str(other)}
    with process(tmp_path, port):
        second = subprocess.run(
            [sys.executable, "api_server.py"],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    assert second.returncode != 0
    assert "expected to be the only process on" in second.stderr
