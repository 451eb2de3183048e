"""The service around the routes: health, documentation, settings, errors, logs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from api.settings import Settings, page
from api.strict_json import parse
from tests.conftest import ROOT
from tests.scripted_provider import ScriptedProvider
from tests.serving import free_port


def test_the_root_says_where_to_go_on(client: httpx.Client) -> None:
    root = client.get("/").json()

    for key in ("docs", "health", "scenarios"):
        assert client.get(root[key]).status_code == 200


def test_health_says_what_is_served(client: httpx.Client) -> None:
    health = client.get("/health").json()

    assert health["status"] == "ok"
    assert health["scenarios_loaded"] == 54
    assert health["total_categories"] == 13
    assert health["engine"] == "embedded"
    assert health["languages"] == ["zh", "en"]
    assert health["versions"].keys() >= {"service", "python", "langgraph"}


def test_every_field_of_the_documentation_has_an_example(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        if name not in ("HTTPValidationError", "ValidationError")
        for field, spec in schema.get("properties", {}).items()
        if "examples" not in spec and "$ref" not in json.dumps(spec)
    ]

    assert bare == []


def test_every_documented_error_has_the_one_shape(client: httpx.Client) -> None:
    document = client.get("/openapi.json").text

    assert "HTTPValidationError" not in document
    assert "__" not in "".join(json.loads(document)["components"]["schemas"])


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("SCENARIOS_FILE", "/nowhere.json", "/nowhere.json"),
        ("OFF_TOPIC_FILE", "/nowhere.jsonl", "No such file"),
        ("DATA_DIR", "/dev/null/data", "Not a directory"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL"),
        ("PORT", "high", "PORT"),
    ],
)
def test_a_start_that_cannot_be_says_why_in_one_line(
    tmp_path: Path, setting: str, value: str, reason: str
) -> None:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), setting: value}

    run = subprocess.run(
        [sys.executable, "api_server.py"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert run.returncode == 2
    (line,) = run.stderr.strip().splitlines()
    assert reason in json.loads(line)["reason"] if line.startswith("{") else reason in line


def test_a_stream_that_is_open_does_not_hold_up_the_end(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    provider.fault, provider.fault_on = "hang", "draft"
    port = free_port()
    env = {
        "PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": str(port),
        "OPENAI_BASE_URL": provider.base_url, "SHUTDOWN_GRACE": "0.5",
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "api_server.py"], cwd=ROOT, env=env) as running:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=30) as client:
            client.get(f"http://127.0.0.1:{port}/health")
            url = f"http://127.0.0.1:{port}/chat/stream"
            body = {"user_query": "x", "subcategory": "withdrawals.status"}
            with client.stream("POST", url, json=body) as reply:
                lines = reply.iter_lines()
                next(lines)
                running.terminate()
                started = time.monotonic()
                last = [line for line in lines if line][-1]
        assert running.wait(20) in (0, -signal.SIGTERM)
        assert time.monotonic() - started < 5
    assert json.loads(last[6:])["error"]["code"] == "interrupted"


@pytest.mark.parametrize(("path", "code"), [("/nowhere", 404), ("/chat", 405)])
def test_http_errors_have_the_one_shape(client: httpx.Client, path: str, code: int) -> None:
    reply = client.get(path)

    assert reply.status_code == code
    assert reply.json()["error"].keys() == {"code", "message"}


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == page()


def test_the_llm_engine_needs_a_key_or_an_endpoint() -> None:
    with pytest.raises(ValidationError, match="expected OPENAI_API_KEY or OPENAI_BASE_URL"):
        Settings(_env_file=None, engine="llm", openai_api_key=None, openai_base_url=None)


def test_both_commands_serve(tmp_path: Path) -> None:
    for command in (["api_server.py"], ["-m", "uvicorn", "api_server:app", "--port"]):
        port = free_port()
        env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": str(port)}
        arguments = [*command, str(port)] if command[0] == "-m" else command
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=env, stderr=subprocess.PIPE
        ) as running:
            try:
                transport = httpx.HTTPTransport(retries=8)
                with httpx.Client(transport=transport) as client:
                    health = client.get(f"http://127.0.0.1:{port}/health")
                    client.get(f"http://127.0.0.1:{port}/chat/stream?user_query=canary5551234")
            finally:
                running.terminate()
                _, log = running.communicate(timeout=20)
        assert health.json()["status"] == "ok"
        assert b"canary5551234" not in log
        ours = log.splitlines() if command[0] != "-m" else []
        assert all(json.loads(line) for line in ours)


def test_strict_json_takes_what_json_allows() -> None:
    assert parse('{"a": ["中文", "😀", 1, 1.5, true, null]}'.encode()) == {
        "a": ["中文", "😀", 1, 1.5, True, None]
    }
