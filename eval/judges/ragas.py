"""RAGAS (Es et al., 2023) on our chat model and embedder, with what it could not score told apart."""

from __future__ import annotations

import asyncio
import importlib
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from eval.judges.base import Judgement, Row
from eval.judges.patient import Limits, PatientChat
from eval.judges.ragas_checks import flaw
from eval.judges.ragas_metrics import METRICS, Metric
from eval.judges.ragas_parts import QuestionEmbedder, ragas_embeddings, ragas_llm
from eval.judges.replies import ReplyCache
from rag.errors import ConfigurationError, MissingExtra, UnknownChoice
from rag.llm.base import ChatModel

_SHOWN = 300  # characters of a reason that are kept


class RagasJudge:
    """The metrics of ``METRICS``, or those that ``metrics`` names; the numbers are RAGAS's to the digit.

    What RAGAS scores although the judge did not do its task (see ``ragas_checks``) is ``failed`` here; so
    is prose, a NaN, a reply that does not come. ``cache`` keeps replies by model, prompt and RAGAS version.

    Raises:
        UnknownChoice: a metric that is none of ``METRICS``.
        MissingExtra: ragas is not installed.
        ConfigurationError: it is installed and cannot be imported.
    """

    def __init__(
        self,
        chat: ChatModel | PatientChat,
        embedder: QuestionEmbedder,
        *,
        metrics: Sequence[str] = (),
        limits: Limits | None = None,
        cache: ReplyCache | None = None,
    ) -> None:
        known = {metric.name: metric for metric in METRICS}
        for name in metrics:
            if name not in known:
                raise UnknownChoice("RAGAS metric", name, known)
        self._metrics = [known[name] for name in metrics or known]
        self.metrics = tuple(metric.name for metric in self._metrics)
        self._ragas = _import_ragas()
        self._chat = chat if isinstance(chat, PatientChat) else PatientChat(chat, limits)
        self._embeddings = ragas_embeddings(embedder)
        self._cache = cache
        version = importlib.import_module("ragas").__version__
        self._cached_as = f"ragas {version} ({chat.name})"
        self.name = f"ragas {version} ({chat.name}, {embedder.name})"

    @property
    def spent(self) -> Mapping[str, int]:
        """Calls, cached replies, second attempts and tokens so far."""
        return self._chat.spent.view()

    async def score(self, row: Row) -> Mapping[str, Judgement]:
        """All metrics, side by side; what does not apply to the row asks nothing."""
        judgements = await asyncio.gather(*(self._judge(metric, row) for metric in self._metrics))
        return dict(zip(self.metrics, judgements, strict=True))

    async def _judge(self, metric: Metric, row: Row) -> Judgement:
        if why := metric.lacks(row):
            return Judgement.not_applicable(why)
        llm = ragas_llm(self._chat, self._cached_as, self._cache)
        built_with = {"llm": llm} if metric.llm else {}
        if metric.embeddings:
            built_with["embeddings"] = self._embeddings
        try:
            scorer = getattr(self._ragas, metric.build)(**built_with)
            # Filters of warnings are the process's: they may change only where nothing else gets a turn,
            # and metrics without a model never wait.
            with nullcontext() if metric.llm else _quiet():
                result = await scorer.ascore(**metric.inputs(row))
        except Exception as error:  # noqa: BLE001 - whatever the judge or RAGAS trips over is a row's failure
            return Judgement.failed(f"{type(error).__name__}: {_one_line(error)}")
        if undone := flaw(llm.replies):
            return Judgement.failed(undone)
        if not math.isfinite(result.value):
            return Judgement.failed(f"RAGAS gave {result.value}")
        return Judgement.scored(result.value)


def _import_ragas() -> Any:
    try:
        with _unseen(), _quiet():
            return importlib.import_module("ragas.metrics.collections")
    except ModuleNotFoundError as error:
        if error.name == "ragas":
            raise MissingExtra("the judge 'ragas'", "ragas", "ragas") from error
        raise ConfigurationError(f"ragas cannot be imported ({error}): install 'ardoise[ragas]'") from error
    except ImportError as error:
        raise ConfigurationError(f"ragas cannot be imported ({error}): install 'ardoise[ragas]'") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without warnings: deprecations among RAGAS's dependencies, and remarks on rows that score low."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _unseen() -> Iterator[None]:
    """Switches RAGAS's usage statistics off for good; the environment is as before afterwards.

    RAGAS asks the variable once and remembers the answer, so it has to be asked while it stands there.
    """
    variable = "RAGAS_DO_NOT_TRACK"
    before = os.environ.get(variable)
    os.environ[variable] = "true"
    try:
        analytics = importlib.import_module("ragas._analytics")
        analytics.do_not_track.cache_clear()
        analytics.do_not_track()
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_SHOWN]
