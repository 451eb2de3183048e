"""Settings: the one file that reads the environment (and `.env`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat_models.port import ChatSettings

_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting, its default and what it does. `docs/settings.md` is held to this by a test."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on; loopback by default.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(_ROOT / "var", description="Folder of the databases; made when missing.")
    scenarios_file: Path = Field(
        _ROOT / "data" / "catalogue.json",
        description="The catalogue, in canonical or short form; watched for changes.",
    )
    off_topic_file: Path = Field(
        _ROOT / "data" / "off_topic.jsonl",
        description="Texts that belong to no scenario, one JSON object with `text` a line; "
        "an empty file for none.",
    )
    reload_interval: float = Field(
        0.1, gt=0, description="Seconds between looks at the catalogue file."
    )
    engine: Literal["auto", "embedded", "llm"] = Field(
        "auto",
        description="`auto`: `llm` when OPENAI_API_KEY or OPENAI_BASE_URL is set, else `embedded`.",
    )
    openai_api_key: SecretStr | None = Field(None, description="Key of the LLM endpoint.")
    openai_base_url: str | None = Field(
        None, description="Base URL of any OpenAI-compatible endpoint, e.g. `http://host/v1`."
    )
    openai_model: str = Field("gpt-4o-mini", description="Model that classifies and drafts.")
    openai_structured_output: Literal["json_schema", "function_calling", "json_mode"] = Field(
        "json_schema",
        description="How the endpoint is held to the enum of scenarios: `json_schema`, "
        "`function_calling` or `json_mode`.",
    )
    llm_connect_timeout: float = Field(3.0, gt=0, description="Seconds to connect to the LLM.")
    llm_first_token_timeout: float = Field(15.0, gt=0, description="Seconds to its first token.")
    llm_between_chunks_timeout: float = Field(10.0, gt=0, description="Seconds between chunks.")
    llm_total_timeout: float = Field(60.0, gt=0, description="Seconds for a whole draft.")
    keep_alive_interval: float = Field(
        15.0, gt=0, description="Seconds between keep-alive comments on an idle SSE stream."
    )
    shutdown_grace: float = Field(
        10.0, ge=0, description="Seconds that running turns get to end when the service stops."
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)
    ] = Field("INFO", description="Least severe event that is logged.")

    @model_validator(mode="after")
    def _llm_can_be_reached(self) -> Self:
        if self.engine == "llm" and not (self.openai_api_key or self.openai_base_url):
            raise ValueError("expected OPENAI_API_KEY or OPENAI_BASE_URL with ENGINE=llm")
        return self

    @property
    def uses_llm(self) -> bool:
        """Whether the LLM engine is in use."""
        configured = self.openai_api_key is not None or self.openai_base_url is not None
        return self.engine != "embedded" and configured

    def chat_settings(self) -> ChatSettings:
        """How to reach the LLM endpoint."""
        key = self.openai_api_key
        return ChatSettings(
            model=self.openai_model,
            # Endpoints of one's own often want no key; the SDK insists on one.
            api_key=key.get_secret_value() if key else "none",
            base_url=self.openai_base_url,
            structured_output=self.openai_structured_output,
            connect_timeout=self.llm_connect_timeout,
            first_token_timeout=self.llm_first_token_timeout,
            between_chunks_timeout=self.llm_between_chunks_timeout,
            total_timeout=self.llm_total_timeout,
        )


def page() -> str:
    """The Markdown page of all settings, as committed in `docs/settings.md`."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(_ROOT)
        shown = "" if default is None else f"`{default}`"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return (
        "# Settings\n\nFrom the environment, or from a file `.env` in the folder the service is "
        "started in.\nWritten by `make docs`; a test holds it to the code.\n\n"
        "| setting | default | what it does |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )
