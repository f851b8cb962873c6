"""Every setting, and the only place that reads the environment.

A setting comes, first match wins, from ``ARDOISE_<SECTION>__<NAME>`` or one of the short names in
``SHORT_NAMES``, then from ``ardoise.toml`` in the working directory, then from its default here.
Unknown names and values out of bounds fail at start.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from app.sections import (
    NO_KEY,
    AgentSettings,
    CacheSettings,
    ChunkingSettings,
    EmbeddingSettings,
    GenerationSettings,
    IndexSettings,
    JudgeSettings,
    McpSettings,
    MemorySettings,
    PriceSettings,
    RequestSettings,
    ResilienceSettings,
    RetrievalSettings,
    Section,
)
from rag.errors import ConfigurationError, MissingKey
from rag.index.names import NAME_PATTERN

PREFIX = "ARDOISE_"
TOML = "ardoise.toml"
SERVER_PATTERN = "^[A-Za-z0-9][A-Za-z0-9-]{0,31}$"

SHORT_NAMES = {
    "ARDOISE_HOME": ("home",),
    "ARDOISE_LLM": ("generation", "llm"),
    "ARDOISE_LLM_MODEL": ("generation", "model"),
    "MISTRAL_API_KEY": ("generation", "mistral_api_key"),
    "ARDOISE_MISTRAL_URL": ("generation", "mistral_url"),
    "ARDOISE_VLLM_API_KEY": ("generation", "vllm_api_key"),
    "ARDOISE_VLLM_URL": ("generation", "vllm_url"),
    "ARDOISE_EMBEDDER": ("embedding", "model"),
    "ARDOISE_EMBEDDER_API_KEY": ("embedding", "api_key"),
    "ARDOISE_RERANKER": ("retrieval", "reranker"),
    "QDRANT_URL": ("index", "qdrant_url"),
    "QDRANT_API_KEY": ("index", "qdrant_api_key"),
    "DATABASE_URL": ("memory", "database_url"),
    "REDIS_URL": ("cache", "redis_url"),
}
"""Short environment names and the settings that they stand for."""


class Settings(Section):
    """All settings. ``home`` holds everything that is kept."""

    home: Path = Path(".ardoise")
    collection: str = Field("default", pattern=f"^{NAME_PATTERN}$")
    embedding: EmbeddingSettings = EmbeddingSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    index: IndexSettings = IndexSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    generation: GenerationSettings = GenerationSettings()
    request: RequestSettings = RequestSettings()
    resilience: ResilienceSettings = ResilienceSettings()
    agent: AgentSettings = AgentSettings()
    memory: MemorySettings = MemorySettings()
    cache: CacheSettings = CacheSettings()
    judge: JudgeSettings = JudgeSettings()
    prices: dict[str, PriceSettings] = Field({}, description="by the model's name at its backend")
    mcp: dict[Annotated[str, Field(pattern=SERVER_PATTERN)], McpSettings] = Field(
        {}, description="servers of tools, by the name that their tools begin with"
    )

    @model_validator(mode="after")
    def _overlap_fits(self) -> Settings:
        if self.chunking.overlap >= self.chunking.size:
            raise ValueError(
                f"chunking.overlap ({self.chunking.overlap}) must be smaller than "
                f"chunking.size ({self.chunking.size})"
            )
        return self

    @model_validator(mode="after")
    def _expansion_has_its_model(self) -> Settings:
        expansion = self.retrieval.expansion
        if expansion in ("multi_query", "hyde") and self.generation.backend == "extractive":
            raise ValueError(
                f"retrieval.expansion {expansion} needs a language model: set ARDOISE_LLM to mistral or vllm,"
                " or choose rewrite or decompose, which can go by rule"
            )
        return self


def load_settings(
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    file: Path | None = None,
) -> Settings:
    """Settings from ``file`` (else ``ardoise.toml``), the environment and ``overrides``.

    ``overrides`` maps ``section.name`` to a value, and wins; a value of ``None`` is no override.

    Raises:
        ConfigurationError: an unknown name, a value out of bounds, or a file that is not TOML.
        MissingKey: all that is wrong is a key that no header can carry.
    """
    environ = os.environ if environ is None else environ
    if file is not None and not file.is_file():
        raise ConfigurationError(f"there is no settings file {file}")
    values = _from_toml(file or Path(TOML))
    for name, value in environ.items():
        path = _path_of(name)
        if path is not None and value != "":
            _put(values, path, value, name)
    for name, value in (overrides or {}).items():
        if value is not None:
            _put(values, tuple(name.split(".")), value, name)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        mistakes = {mistake["type"] for mistake in error.errors(include_url=False)}
        raise (MissingKey if mistakes == {NO_KEY} else ConfigurationError)(_explain(error)) from None


def _path_of(name: str) -> tuple[str, ...] | None:
    if name in SHORT_NAMES:
        return SHORT_NAMES[name]
    if not name.startswith(PREFIX):
        return None
    path = tuple(name.removeprefix(PREFIX).lower().split("__"))
    if len(path) < 2 and path[0] not in Settings.model_fields:
        known = ", ".join(sorted(key for key in SHORT_NAMES if key.startswith(PREFIX)))
        raise ConfigurationError(
            f"unknown setting {name}: use one of {known}, or {PREFIX}<SECTION>__<NAME> with a section of "
            f"{', '.join(_sections())}"
        )
    return path


def _sections() -> list[str]:
    return [name for name, field in Settings.model_fields.items() if isinstance(field.default, Section)]


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read as settings: {error}") from error
    for short, (*sections, name) in SHORT_NAMES.items():
        section = values.get(sections[0], {}) if sections else values
        if name.endswith(("api_key", "database_url", "redis_url")) and name in section:
            raise ConfigurationError(f"{path} holds a secret: set {short} in the environment instead")
    return values


def _put(values: dict[str, Any], path: tuple[str, ...], value: object, name: str) -> None:
    section = values
    for part in path[:-1]:
        section = section.setdefault(part, {})
        if not isinstance(section, dict):
            raise ConfigurationError(f"{name} names a setting inside {part!r}, which is not a section")
    section[path[-1]] = value


def _explain(error: ValidationError) -> str:
    """One line a mistake. Values of secrets are never shown: pydantic's ``input`` is left out for them."""
    lines = []
    for mistake in error.errors(include_url=False):
        name = ".".join(str(part) for part in mistake["loc"]) or "settings"
        hidden = not mistake["loc"] or any(word in name for word in ("key", "database", "redis"))
        shown = "" if hidden else f" (got {str(mistake['input'])[:80]!r})"
        what = "no such setting" if mistake["type"] == "extra_forbidden" else mistake["msg"]
        lines.append(f"{name}: {what}{shown}")
    return "settings: " + "; ".join(lines)
