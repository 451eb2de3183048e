"""Start, memory and latency of the service beside a bare FastAPI route, in one run.

    python -m benchmarks [--requests 500]

Both are real processes on real ports. The load comes from this process, so on two cores the
service has about one and a half to itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

_ROOT = Path(__file__).resolve().parent.parent
CONCURRENCY = (1, 16)


@dataclass(frozen=True)
class Figures:
    """What was measured of one server."""

    ready: float
    """Seconds from start of the process to the first answer of `GET /health`."""
    idle_rss: float
    """Resident memory when ready, in MiB."""
    rss: float
    """Resident memory after the load, in MiB."""
    latency: dict[int, tuple[float, float]]
    """Concurrency -> p50 and p99 of `POST /chat`, in ms."""


def measure(
    command: Sequence[str], port: int, bodies: Sequence[bytes], env: dict[str, str]
) -> Figures:
    """Start a server and put every body to it, at each concurrency."""
    started = time.perf_counter()
    with _running(command, env) as process:
        _wait_for(port)
        ready = time.perf_counter() - started
        idle = _rss(process.pid)
        latency = {n: asyncio.run(_load(port, bodies, n)) for n in CONCURRENCY}
        return Figures(ready, idle, _rss(process.pid), latency)


@contextmanager
def _running(command: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=_ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(1000):
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.01)
    raise TimeoutError(f"nothing answers on port {port}")


async def _load(port: int, bodies: Sequence[bytes], concurrency: int) -> tuple[float, float]:
    """p50 and p99 in ms of every body sent once, `concurrency` at a time."""
    waiting = iter(bodies)
    times: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in waiting:
            head = (
                f"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            started = time.perf_counter()
            writer.write(head.encode() + body)
            status, rest = await _answer(reader)
            times.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise RuntimeError(f"expected 200, got {status}: {rest[:200]!r}")
        writer.close()

    await asyncio.gather(*(client() for _ in range(concurrency)))
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


def _rss(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    requests = parser.parse_args().requests
    cases = (_ROOT / "data/evaluation/routing_dev.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(case)["text"] for case in cases]
    bodies = [json.dumps({"user_query": texts[n % len(texts)]}).encode() for n in range(requests)]
    with tempfile.TemporaryDirectory() as folder:
        port, bare_port = _free_port(), _free_port()
        env = {
            "PATH": "/usr/bin:/bin",
            "DATA_DIR": folder,
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
        }
        bare = measure(
            [sys.executable, "-m", "benchmarks.bare", str(bare_port)], bare_port, bodies, env
        )
        ours = measure([sys.executable, "api_server.py"], port, bodies, env)
    rows = [
        ("start to ready, s", ours.ready, bare.ready),
        ("memory when ready, MiB", ours.idle_rss, bare.idle_rss),
        ("memory after the load, MiB", ours.rss, bare.rss),
    ]
    for n in CONCURRENCY:
        rows.append((f"POST /chat p50 at {n}, ms", ours.latency[n][0], bare.latency[n][0]))
        rows.append((f"POST /chat p99 at {n}, ms", ours.latency[n][1], bare.latency[n][1]))
    sys.stdout.write(f"{requests} requests at each concurrency\n")
    sys.stdout.write(f"{'':<30}{'service':>10}{'bare':>10}{'ratio':>8}\n")
    for title, mine, theirs in rows:
        sys.stdout.write(f"{title:<30}{mine:>10.2f}{theirs:>10.2f}{mine / theirs:>8.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
