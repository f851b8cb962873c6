"""What happened how often, and how long it took: Prometheus instruments, one registry an application."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the histograms' buckets: from a lookup in memory to a whole request's deadline."""


class Metrics:
    """Everything that an application counts, by name and labels; ``registry`` is what ``/metrics`` shows.

    A label's values come from a list that is known beforehand: configured models, reasons, stages, kinds of
    errors. No words of a user, a document or a model, and no user's name, ever become one.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._add_requests()
        self._add_models()

    def _add_requests(self) -> None:
        self.requests = self._counter(
            "requests",
            "Requests by what came of them: an answer's grade, found, waiting for approval, left by their"
            " client, or the error's kind.",
            "request",
            "outcome",
        )
        self.requests_in_flight = self._gauge("requests_in_flight", "Requests under way.")
        self.request_seconds = self._histogram("request_seconds", "Whole requests.", "request")
        self.first_token_seconds = self._histogram(
            "first_token_seconds", "From a question to the first words of its answer."
        )
        self.stage_seconds = self._histogram(
            "stage_seconds", "Stages of a request: nodes of the graph, and the steps within them.", "stage"
        )
        self.degraded = self._counter(
            "degraded", "Requests in which a part could not do its work as configured.", "part"
        )
        self.rungs = self._counter(
            "rungs",
            "Rungs of the ladder that answers: answered, or why the model could not, which led one down.",
            "model",
            "outcome",
        )
        self.answer_cache = self._counter(
            "answer_cache",
            "Lookups: exact, semantic, miss or unavailable; shared: misses that another caller's answer met.",
            "outcome",
        )

    def _add_models(self) -> None:
        self.model_calls = self._counter(
            "model_calls", "Calls that were made, by how they ended; rate_limit is a 429.", "model", "outcome"
        )
        self.model_retries = self._counter("model_retries", "Calls that were tried again.", "model", "reason")
        self.model_gave_up = self._counter(
            "model_gave_up", "Failures that no retry could help or afford.", "model", "reason"
        )
        self.model_hedges = self._counter(
            "model_hedges", "Second calls beside a slow one, by which was heard.", "model", "heard"
        )
        self.model_tokens = self._counter(
            "model_tokens", "Tokens as models report them: prompt or completion.", "model", "kind"
        )
        self.model_first_token_seconds = self._histogram(
            "model_first_token_seconds", "From a streamed request, its queue and retries, to words.", "model"
        )
        self.model_breaker = self._gauge("model_breaker", "1 for the circuit's state.", "model", "state")
        self.model_limit = self._gauge("model_limit", "Calls that may run at once, as of now.", "model")
        self.model_in_flight = self._gauge("model_in_flight", "Calls under way.", "model")
        self.model_waiting = self._gauge("model_waiting", "Calls that wait for a place.", "model")

    def count(self, name: str, **labels: str) -> int:
        """How often the counter ``name`` counted with at least these labels."""
        return sum(
            int(sample.value)
            for family in self.registry.collect()
            for sample in family.samples
            if sample.name == f"ardoise_{name}_total" and labels.items() <= sample.labels.items()
        )

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, namespace="ardoise", registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, namespace="ardoise", registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(name, what, labels, namespace="ardoise", registry=self.registry, buckets=SECONDS)
