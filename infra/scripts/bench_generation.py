"""Measures the generation side against the test provider: overhead, memory, a storm, and an outage in bursts.

``make bench-generation`` prints the tables as Markdown. The provider runs in a process of its own.
"""

import argparse
import asyncio
import gc
import multiprocessing
import platform
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

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
from rag.telemetry.counters import Counters  # noqa: E402
from rag.types import Chunk, Hit  # noqa: E402
from tests.fakes import HashingEmbedder  # noqa: E402
from tests.servers.provider import KEY, running_provider  # noqa: E402

QUESTION = "What does the KV cache store?"
TEXT = "The KV cache stores keys and values. Attention reads all of it at each step."
HITS = [Hit(Chunk("c1", "d1", TEXT, 0, len(TEXT), ("KV cache",), metadata={"language": "en"}), 1.0)]
TOKENS = (8, 136)  # of a short and a long reply: their difference is the price of 128 tokens
NAIVE_RETRIES = 8


def say(line: str) -> None:
    """One line of the report, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


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


def under_policy(chat: ChatModel, counters: Counters) -> ChatModel:
    """The backend under a policy of its own."""
    return ResilientChat(chat, Policy(chat.name, PolicyLimits(), counters))


async def median_ms(call: Callable[[], Awaitable[None]], repeats: int) -> float:
    """The median CPU time of a call in this process, one after the other, after a few that warm up."""
    times = []
    for number in range(repeats + 5):
        start = time.process_time()
        await call()
        if number >= 5:
            times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


async def drain(chat: ChatModel) -> None:
    """Streams one reply to its end."""
    async for _ in chat.stream(request()):
        pass


def bare_mistral(url: str, model: str) -> Callable[[], Awaitable[None]]:
    """A streamed reply by the ``mistralai`` SDK alone."""
    from mistralai.client import Mistral

    client = Mistral(api_key=KEY, server_url=url)

    async def call() -> None:
        messages = [{"role": "user", "content": QUESTION}]
        async for _ in await client.chat.stream_async(model=model, messages=messages, max_tokens=1024):  # type: ignore[arg-type]
            pass

    return call


def bare_openai(url: str, model: str) -> Callable[[], Awaitable[None]]:
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


async def overhead(url: str, repeats: int) -> None:
    """Streams of two lengths by the bare SDK, by our backend and under the policy: per request and token.

    CPU time of this process: the wall clock would measure what else the machine does.
    """
    say("| backend | client | CPU ms a request of 8 tokens | CPU µs a token |\n|---|---|---:|---:|")
    models = [f"load:ms=0,tokens={tokens}" for tokens in TOKENS]
    for backend, bare in (("mistral", bare_mistral), ("vllm", bare_openai)):
        for client in ("bare SDK", "ours", "ours, under the policy"):
            calls: list[Callable[[], Awaitable[None]]] = []
            for model in models:
                if client == "bare SDK":
                    calls.append(bare(url, model))
                    continue
                chat: ChatModel = (
                    MistralChat(model, KEY, url) if backend == "mistral" else VllmChat(model, url, KEY)
                )
                chat = under_policy(chat, Counters()) if "policy" in client else chat
                calls.append(lambda chat=chat: drain(chat))  # type: ignore[misc]
            short, long = [await median_ms(call, repeats) for call in calls]
            token_us = (long - short) / (TOKENS[1] - TOKENS[0]) * 1000
            say(f"| {backend} | {client} | {short:.2f} | {token_us:.0f} |")


async def memory(url: str, streams: int = 100) -> None:
    """Python's memory for each stream that is open and has said its first words."""
    say("\n| backend | KiB an open stream |\n|---|---:|")
    model = "load:ms=60000,tokens=60"
    for backend in ("mistral", "vllm"):
        chat = MistralChat(model, KEY, url) if backend == "mistral" else VllmChat(model, url, KEY)
        resilient = ResilientChat(
            chat, Policy(chat.name, PolicyLimits(start=streams + 1, most=streams + 1, idle_s=60), Counters())
        )
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
        say(f"| {backend} | {taken / streams / 1024:.0f} |")


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


async def storm(url: str, requests: int) -> None:
    """All requests at once, against 20 places of 100 ms, 429 with ``Retry-After: 1`` past them."""
    say("\n| client | answered | calls | wasted | seconds |\n|---|---:|---:|---:|---:|")
    for client in ("policy", "naive"):
        chat: ChatModel = VllmChat(
            f"load:at=20,ms=100,tokens=8,retry=1,burst={1 + (client == 'naive')}", url, KEY
        )
        counts, counters = Counter[str](), Counters()
        resilient = under_policy(chat, counters)
        start = time.perf_counter()
        work = [
            naive(chat, counts) if client == "naive" else resilient.complete(request())
            for _ in range(requests)
        ]
        done = await asyncio.gather(*work, return_exceptions=True)
        seconds = time.perf_counter() - start
        answered = sum(not isinstance(one, BaseException) for one in done)
        calls = counts["calls"] or counters.count("calls")
        wasted = calls - answered
        waste = f"{wasted} ({wasted / calls:.1%})"
        say(f"| {client} | {answered}/{requests} | {calls} | {waste} | {seconds:.1f} |")
        await chat.close()


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

    def row(self, name: str, calls: int) -> str:
        """The survey as a row of the table."""
        total = sum(self.grades.values())
        shares = (total - self.grades["none"], self.grades["full"], self.grades["extractive"])
        p95 = statistics.quantiles(self.times, n=20)[-1]
        return (
            f"| {name} | {total} | {' | '.join(f'{n / total:.1%}' for n in shares)} | {calls} | {p95:.2f} |"
        )


async def availability(url: str, seconds: float, rate: float) -> None:
    """Questions at a steady rate while the provider is down for 30% of the time, in bursts of 3 s."""
    say("\n| client | questions | answered | full | extractive | calls to the provider | p95 s |")
    say("|---|---:|---:|---:|---:|---:|---:|")
    rng = random.Random(7)  # noqa: S311 - arrivals, no secrets
    for place, client in enumerate(("one call", "policy", "policy and ladder")):
        # Another limit, far away, makes another name: each client has the schedule from its start.
        bare = VllmChat(f"load:ms=50,tokens=8,down=0.3,burst=3,at={1000 + place}", url, KEY)
        counters = Counters()
        survey = Survey(under_policy(bare, counters) if place else bare, ladder="ladder" in client)
        end, asked = time.perf_counter() + seconds, list[asyncio.Task[None]]()
        while time.perf_counter() < end:
            asked.append(asyncio.create_task(survey.ask()))
            await asyncio.sleep(rng.expovariate(rate))
        await asyncio.gather(*asked)
        say(survey.row(client, counters.count("calls") or len(asked)))
        await bare.close()


def heading() -> str:
    """Machine, date and commit, and the command."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    cores = multiprocessing.cpu_count()
    return (
        f"`make bench-generation`, {datetime.now(UTC):%Y-%m-%d}, commit {commit or 'unknown'}, "
        f"{platform.machine()} with {cores} cores, Python {platform.python_version()}; the provider"
        " in a process of its own.\n"
    )


async def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the arguments and measures everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=40.0, help="of the availability schedule")
    parser.add_argument("--rate", type=float, default=10.0, help="questions a second")
    given = parser.parse_args(arguments)
    say(heading())
    with provider_process() as url:
        await overhead(url, given.repeats)
        await memory(url)
        await storm(url, given.requests)
        await availability(url, given.seconds, given.rate)


if __name__ == "__main__":
    asyncio.run(main())
