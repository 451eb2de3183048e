"""The baseline: FastAPI on uvicorn with one route that validates a body and answers a constant."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Body(BaseModel):
    """As little as `POST /chat` takes."""

    user_query: str


app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    """Ready."""
    return {"status": "ok"}


@app.post("/chat")
async def chat(body: Body) -> dict[str, str]:
    """A constant answer."""
    return {"response": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
