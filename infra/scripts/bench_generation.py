"""Measures the generation side against the test provider: overhead, memory, a storm, and an outage in bursts.

``make bench-generation`` writes the tables into docs/benchmarks-generation.md. The provider runs in a process
of its own.
"""

import argparse
import asyncio
import gc
import multiprocessing
import random
import statistics
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from page_section import provenance, write_section

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rag.answer.answerer import Answerer  # noqa: E402
from rag.errors import ArdoiseError, ModelUnavailable  # noqa: E402
from rag.llm.base import ChatModel, ChatRequest, Message  # noqa: E402
from rag.llm.extractive import ExtractiveChat  # noqa: E402
from rag.llm.mistral import MistralChat  # noqa: E402
from rag.llm.resilient import ResilientChat  # noqa: E402
from rag.llm.vllm import VllmChat  # noqa: E402
from rag.resilience.deadline import Deadline  # noqa: E402
from rag.resilience.policy import Policy, PolicyLimits  # noqa: E402
from rag.telemetry.metrics import Metrics  # noqa: E402
from rag.types import Chunk, Hit  # noqa: E402
from tests.fakes import HashingEmbedder  # noqa: E402
from tests.servers.provider import KEY, running_provider  # noqa: E402

PAGE = ROOT / "docs" / "benchmarks-generation.md"
QUESTION = "What does the KV cache store?"
TEXT = "The KV cache stores keys and values. Attention reads all of it at each step."
HITS = [Hit(Chunk("c1", "d1", TEXT, 0, len(TEXT), ("KV cache",), metadata={"language": "en"}), 1.0)]
TOKENS = (8, 136)  # of a short and a long reply: their difference is the price of 128 tokens
NAIVE_RETRIES = 8
WARM_UP = 5
Call = Callable[[], Awaitable[None]]


def _serve(urls: "multiprocessing.Queue[str]", done: Event) -> None:
    with running_provider() as provider:
        urls.put(provider.url)
        done.wait()


@contextmanager
def provider_process() -> Iterator[str]:
    """The provider's address; its work is not on our clock."""
    context = multiprocessing.get_context("spawn")
    urls, done = context.Queue(), context.Event()
    process = context.Process(target=_serve, args=(urls, done), daemon=True)
    process.start()
    try:
        yield urls.get(timeout=60)
    finally:
        done.set()
        process.join(10)


def request(seconds: float = 120.0) -> ChatRequest:
    """The question, with so much time."""
    return ChatRequest((Message("user", QUESTION),), Deadline.after(seconds))


def under_policy(chat: ChatModel, metrics: Metrics) -> ChatModel:
    """The backend under a policy of its own."""
    return ResilientChat(chat, Policy(chat.name, PolicyLimits(), metrics))


async def drain(chat: ChatModel) -> None:
    """Streams one reply to its end."""
    async for _ in chat.stream(request()):
        pass


def bare_mistral(url: str, model: str) -> Call:
    """A streamed reply by the ``mistralai`` SDK alone."""
    from mistralai.client import Mistral

    client = Mistral(api_key=KEY, server_url=url)

    async def call() -> None:
        messages = [{"role": "user", "content": QUESTION}]
        async for _ in await client.chat.stream_async(model=model, messages=messages, max_tokens=1024):  # type: ignore[arg-type]
            pass

    return call


def bare_openai(url: str, model: str) -> Call:
    """A streamed reply by the ``openai`` SDK alone."""
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)

    async def call() -> None:
        stream = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": QUESTION}], stream=True, max_tokens=1024
        )
        async for _ in stream:
            pass

    return call


async def medians_ms(calls: Sequence[Call], repeats: int) -> list[float]:
    """The median CPU time of each call in this process; they take turns, so that a drift meets them all."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(WARM_UP + repeats):
        for kept, call in zip(times, calls, strict=True):
            start = time.process_time()
            await call()
            if number >= WARM_UP:
                kept.append((time.process_time() - start) * 1000)
    return [statistics.median(kept) for kept in times]


async def overhead(url: str, repeats: int) -> str:
    """Streams of two lengths by the bare SDK, by our backend and under the policy: per request and token."""
    lines = [
        "### What our client costs beside the bare SDK",
        "",
        f"CPU time of the client's process, the median of {repeats} streams one after the other (the wall"
        f" clock would measure what else the machine does). A token's is the difference between replies of"
        f" {TOKENS[1]} and {TOKENS[0]} tokens. *More*: than the backend's SDK alone.",
        "",
        f"| backend | client | CPU ms a request of {TOKENS[0]} tokens | more | CPU µs a token | more |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for backend in ("mistral", "vllm"):
        clients = _clients(backend, url)
        times = iter(await medians_ms([call for pair in clients.values() for call in pair], repeats))
        first: tuple[float, float] | None = None
        for client in clients:
            short, long = next(times), next(times)
            token = (long - short) / (TOKENS[1] - TOKENS[0]) * 1000
            more = (f"{short - first[0]:+.2f}", f"{token - first[1]:+.0f}") if first else ("", "")
            first = first or (short, token)
            lines.append(f"| {backend} | {client} | {short:.2f} | {more[0]} | {token:.0f} | {more[1]} |")
    return "\n".join(lines)


def _clients(backend: str, url: str) -> dict[str, tuple[Call, Call]]:
    """A call for a short and one for a long reply, by who makes them."""
    bare = bare_mistral if backend == "mistral" else bare_openai
    models = [f"load:ms=0,tokens={tokens}" for tokens in TOKENS]
    ours = [_backend(backend, model, url) for model in models]
    wrapped = [under_policy(chat, Metrics()) for chat in ours]

    def streams(chats: Sequence[ChatModel]) -> tuple[Call, Call]:
        short, long = (partial(drain, chat) for chat in chats)
        return short, long

    return {
        "bare SDK": (bare(url, models[0]), bare(url, models[1])),
        "ours": streams(ours),
        "ours, under the policy": streams(wrapped),
    }


def _backend(kind: str, model: str, url: str) -> ChatModel:
    return MistralChat(model, KEY, url) if kind == "mistral" else VllmChat(model, url, KEY)


async def memory(url: str, streams: int = 100) -> str:
    """Python's memory for each stream that is open and has said its first words."""
    lines = [
        "### Memory of an open stream",
        "",
        f"What Python's allocator holds (`tracemalloc`) for {streams} streams under the policy that are open"
        " and have said their first words, divided by their number; the kernel's buffers are not in it.",
        "",
        "| backend | KiB an open stream |",
        "|---|---:|",
    ]
    for backend in ("mistral", "vllm"):
        chat = _backend(backend, "load:ms=60000,tokens=60", url)
        limits = PolicyLimits(start=streams + 1, most=streams + 1, idle_s=60)
        resilient = ResilientChat(chat, Policy(chat.name, limits, Metrics()))
        first = resilient.stream(request())
        await anext(first)  # what is loaded once is not a stream's
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        opened = [resilient.stream(request()) for _ in range(streams)]
        await asyncio.gather(*(anext(stream) for stream in opened))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        for stream in (first, *opened):
            await stream.aclose()
        await chat.close()
        lines.append(f"| {backend} | {taken / streams / 1024:.0f} |")
    return "\n".join(lines)


async def naive(chat: ChatModel, counts: Counter[str]) -> None:
    """What is often written: try again after 1, 2, 4 … s, without jitter, whoever else does the same."""
    for retry in range(NAIVE_RETRIES + 1):
        counts["calls"] += 1
        try:
            await chat.complete(request())
        except ModelUnavailable:
            if retry == NAIVE_RETRIES:
                raise
            await asyncio.sleep(min(2.0**retry, 8.0))
        else:
            return


async def storm(url: str, requests: int) -> str:
    """All requests at once, against 20 places of 100 ms, 429 with ``Retry-After: 1`` past them."""
    lines = [
        "### A storm",
        "",
        f"{requests} requests at once against a provider that takes 20 at a time, 100 ms each, and answers"
        f" 429 with `Retry-After: 1` past them: {requests / 20 * 0.1:.1f} s at least. *Wasted*: calls without"
        f" an answer. *Naive* is what is often written: up to {NAIVE_RETRIES} retries after 1, 2, 4 and then"
        " 8 s, without jitter.",
        "",
        "| client | answered | calls | wasted | seconds |",
        "|---|---:|---:|---:|---:|",
    ]
    for client in ("policy", "naive"):
        # Another number of seconds of an outage that never comes makes another name, and so a fresh provider.
        model = f"load:at=20,ms=100,tokens=8,retry=1,burst={1 + (client == 'naive')}"
        chat = _backend("vllm", model, url)
        counts, metrics = Counter[str](), Metrics()
        resilient = under_policy(chat, metrics)
        start = time.perf_counter()
        work = [
            naive(chat, counts) if client == "naive" else resilient.complete(request())
            for _ in range(requests)
        ]
        done = await asyncio.gather(*work, return_exceptions=True)
        seconds = time.perf_counter() - start
        answered = sum(not isinstance(one, BaseException) for one in done)
        calls = counts["calls"] or metrics.count("model_calls")
        wasted = calls - answered
        waste = f"{wasted} ({wasted / calls:.1%})"
        lines.append(f"| {client} | {answered}/{requests} | {calls} | {waste} | {seconds:.1f} |")
        await chat.close()
    return "\n".join(lines)


class Survey:
    """Asks questions and keeps how often each grade came (``none``: no answer), and seconds."""

    def __init__(self, chat: ChatModel, ladder: bool) -> None:
        self._chat = chat
        self._ladder = ladder
        self._answerer = Answerer(ExtractiveChat(HashingEmbedder()))
        self.grades: Counter[str] = Counter()
        self.times: list[float] = []

    async def ask(self) -> None:
        """One question within 20 s."""
        start = time.perf_counter()
        try:
            self.grades[await self._grade()] += 1
        except ArdoiseError:
            self.grades["none"] += 1
        self.times.append(time.perf_counter() - start)

    async def _grade(self) -> str:
        if self._ladder:
            deadline = Deadline.after(20)
            return (await self._answerer.answer(QUESTION, HITS, self._chat, "en", deadline)).grade
        await self._chat.complete(request(20))
        return "full"

    def share(self, grade: str) -> float:
        """The share of the questions with that grade."""
        return self.grades[grade] / len(self.times)


def arrivals(seconds: float, rate: float, seed: int) -> list[float]:
    """Seconds from the start at which questions come: a Poisson process, its first one at 0."""
    rng, at, times = random.Random(seed), 0.0, list[float]()  # noqa: S311 - arrivals, no secrets
    while at < seconds:
        times.append(at)
        at += rng.expovariate(rate)
    return times


async def outage(bare: ChatModel, client: str, times: Sequence[float]) -> tuple[Survey, int]:
    """Questions at these times, and the calls that the provider got."""
    metrics = Metrics()
    chat = under_policy(bare, metrics) if "policy" in client else bare
    survey = Survey(chat, ladder="ladder" in client)
    start, asked = time.perf_counter(), list[asyncio.Task[None]]()
    for at in times:
        await asyncio.sleep(max(0.0, start + at - time.perf_counter()))
        asked.append(asyncio.create_task(survey.ask()))
    await asyncio.gather(*asked)
    await bare.close()
    return survey, metrics.count("model_calls") or len(asked)


async def availability(url: str, seconds: float, rate: float, seeds: int) -> str:
    """Questions at a steady rate while the provider is down for 30% of the time, in bursts of 3 s."""
    lines = [
        "### An outage in bursts",
        "",
        f"{seeds} times {seconds:.0f} s, {rate:g} questions a second (Poisson) meet a provider that answers"
        " 503 for 3 s of every 10, from the first question on. Each time has arrivals of its own, the same"
        " for all clients. Shares are means over the times, with the 95% interval of the mean (Student's t)."
        " *Against one call*: the difference in full answers, time by time, in percentage points; one"
        " whose interval holds zero is none. *Ladder*: where the model cannot answer, the extractive answer"
        " does.",
        "",
        "| client | questions | answered | grade full | against one call | grade extractive | calls to the"
        " provider | p95 s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    full: dict[str, list[float]] = {}
    for place, client in enumerate(("one call", "policy", "one call and ladder", "policy and ladder")):
        surveys, calls = list[Survey](), 0
        for seed in range(seeds):
            # Another limit, far away, makes another name, and so a schedule of its own.
            model = f"load:ms=50,tokens=8,down=0.3,burst=3,at={1000 + place * seeds + seed}"
            survey, made = await outage(_backend("vllm", model, url), client, arrivals(seconds, rate, seed))
            surveys.append(survey)
            calls += made
        full[client] = [survey.share("full") for survey in surveys]
        lines.append(_outage_row(client, surveys, full, calls))
    return "\n".join(lines)


def _outage_row(
    client: str, surveys: Sequence[Survey], full: Mapping[str, Sequence[float]], calls: int
) -> str:
    asked = sum(len(survey.times) for survey in surveys)
    answered = statistics.fmean(1 - survey.share("none") for survey in surveys)
    extractive = statistics.fmean(survey.share("extractive") for survey in surveys)
    once = client.replace("policy", "one call")
    less = [100 * (one - other) for one, other in zip(full[client], full[once], strict=True)]
    against = "" if once == client else _interval(less, "+.1f")
    p95 = statistics.quantiles([one for survey in surveys for one in survey.times], n=20)[-1]
    return (
        f"| {client} | {asked} | {answered:.1%} | {_interval(full[client], '.1%')} | {against} |"
        f" {extractive:.1%} | {calls} | {p95:.2f} |"
    )


def _interval(values: Sequence[float], form: str) -> str:
    """The mean of some repetitions, with its 95% interval where there are two or more."""
    from scipy.stats import t

    mean, many = statistics.fmean(values), len(values)
    if many == 1:
        return f"{mean:{form}}"
    half = float(t.ppf(0.975, many - 1)) * statistics.stdev(values) / many**0.5
    return f"{mean:{form}} [{mean - half:{form}}, {mean + half:{form}}]"


async def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the arguments, measures everything and writes the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each client's schedule of outages")
    parser.add_argument("--seeds", type=int, default=5, help="schedules of arrivals in an outage")
    parser.add_argument("--rate", type=float, default=10.0, help="questions a second")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args(arguments)
    parts = [f"{provenance('make bench-generation')}; the provider in a process of its own."]
    with provider_process() as url:
        for measuring in (
            overhead(url, given.repeats),
            memory(url),
            storm(url, given.requests),
            availability(url, given.seconds, given.rate, given.seeds),
        ):
            parts.append(await measuring)
            sys.stdout.write(parts[-1] + "\n\n")
            sys.stdout.flush()
    write_section(given.page, "make bench-generation", "\n\n".join(parts))


if __name__ == "__main__":
    asyncio.run(main())
