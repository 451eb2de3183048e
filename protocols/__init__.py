"""Wire formats of one act, "run a turn": a request model in, encoded events out; a file each."""

from fastapi import APIRouter

from protocols import chat

PROTOCOLS: list[APIRouter] = [chat.router]
"""The wire formats api_server includes."""
