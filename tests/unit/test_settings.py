"""Settings come from the environment, then a file, then defaults, and mistakes fail at start."""

from pathlib import Path

import pytest

from app.sections import GenerationSettings
from app.settings import Settings, load_settings
from rag.errors import ConfigurationError, MissingKey

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_anything_set_the_defaults_need_no_service() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert settings.generation.backend == "extractive"
    assert settings.index.qdrant_url is None


def test_short_names_and_sections_reach_the_same_settings() -> None:
    short = load_settings({"ARDOISE_LLM": "vllm", "ARDOISE_HOME": "/data"})
    long = load_settings({"ARDOISE_GENERATION__LLM": "vllm", "ARDOISE_HOME": "/data"})
    assert short == long
    assert short.home == Path("/data")


def test_the_environment_wins_over_the_file_and_an_argument_over_both(tmp_path: Path) -> None:
    (tmp_path / "ardoise.toml").write_text("[retrieval]\ntop_k = 3\nrrf_k = 10\n")
    settings = load_settings({"ARDOISE_RETRIEVAL__TOP_K": "4"}, {"chunking.size": 99, "collection": None})
    assert (settings.retrieval.top_k, settings.retrieval.rrf_k, settings.chunking.size) == (4, 10, 99)
    assert settings.collection == "default"


def test_a_key_alone_selects_mistral_unless_another_model_is_named() -> None:
    assert load_settings({"MISTRAL_API_KEY": "k"}).generation.backend == "mistral"
    assert load_settings({"MISTRAL_API_KEY": "k", "ARDOISE_LLM": "vllm"}).generation.backend == "vllm"


def test_the_model_at_a_backend_is_the_one_that_is_set_and_only_mistral_has_one_without() -> None:
    key = {"MISTRAL_API_KEY": "k"}
    default = GenerationSettings.model_fields["mistral_model"].default
    assert load_settings(key).generation.model_at("mistral") == default
    assert load_settings(key).generation.model_at("vllm") == ""
    another = key | {"ARDOISE_GENERATION__MISTRAL_MODEL": "ministral"}
    assert load_settings(another).generation.model_at("mistral") == "ministral"
    assert load_settings(another | {"ARDOISE_LLM_MODEL": "m"}).generation.model_at("mistral") == "m"


def test_no_model_is_named_outside_the_settings_and_the_page_that_shows_the_default() -> None:
    default = str(GenerationSettings.model_fields["mistral_model"].default)
    assert f"by {default}" in (ROOT / "README.md").read_text(encoding="utf-8")
    boxes = (ROOT / box for box in ("rag", "ingest", "agents", "eval", "app"))
    named = [
        path for box in boxes for path in box.rglob("*.py") if default in path.read_text(encoding="utf-8")
    ]
    assert [path.relative_to(ROOT).as_posix() for path in named] == ["app/sections.py"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"ARDOISE_HOMEE": "x"}, "ARDOISE_HOMEE"),
        ({"ARDOISE_RETRIEVAL__TOPK": "3"}, "retrieval.topk: no such setting"),
        ({"ARDOISE_RETREIVAL__TOP_K": "3"}, "retreival: no such setting"),
        ({"ARDOISE_RETRIEVAL__TOP_K": "0"}, "greater than or equal to 1"),
        ({"ARDOISE_LLM": "gpt"}, "'gpt'"),
        ({"ARDOISE_CHUNKING__SIZE": "20", "ARDOISE_CHUNKING__OVERLAP": "20"}, "smaller than"),
    ],
)
def test_a_mistake_is_named_with_its_value(environ: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told.replace(".", r"\.")):
        load_settings(environ)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "ardoise.toml").write_text("top_k: 3")
    with pytest.raises(ConfigurationError, match=r"ardoise\.toml"):
        load_settings({})


def test_no_secret_shows_in_a_mistake_or_in_the_settings_themselves() -> None:
    environ = {"MISTRAL_API_KEY": "sk-secret", "QDRANT_API_KEY": "qd-secret", "ARDOISE_LLM": "nope"}
    with pytest.raises(ConfigurationError) as told:
        load_settings(environ)
    shown = repr(load_settings(environ | {"ARDOISE_LLM": "mistral"}))
    assert "secret" not in str(told.value)
    assert "secret" not in shown


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-é", "sk one"])
def test_a_key_that_no_header_can_carry_is_told_without_it(key: str) -> None:
    with pytest.raises(MissingKey, match="one word of ASCII") as told:
        load_settings({"MISTRAL_API_KEY": key})
    assert "sk" not in str(told.value).replace("mistral", "")
    with pytest.raises(ConfigurationError, match="one word of ASCII") as both:
        load_settings({"MISTRAL_API_KEY": key, "ARDOISE_LLM": "nope"})
    assert not isinstance(both.value, MissingKey)


def test_blanks_around_a_key_are_no_part_of_it() -> None:
    key = load_settings({"ARDOISE_VLLM_API_KEY": " k\n"}).generation.vllm_api_key
    assert key is not None
    assert key.get_secret_value() == "k"


def test_a_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ardoise.toml").write_text('[generation]\nmistral_api_key = "sk-secret"\n')
    with pytest.raises(ConfigurationError, match="environment") as told:
        load_settings({})
    assert "sk-secret" not in str(told.value)
