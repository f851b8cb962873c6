"""Abbreviations of the field and what they stand for, for matching both ways."""

from __future__ import annotations

import re

_PAIRS = {
    "ANN": "approximate nearest neighbour",
    "API": "application programming interface",
    "CoT": "chain of thought",
    "CPU": "processor",
    "DPO": "direct preference optimization",
    "FSDP": "fully sharded data parallel",
    "GQA": "grouped-query attention",
    "HNSW": "hierarchical navigable small world",
    "HFU": "hardware FLOPs utilization",
    "HPA": "horizontal pod autoscaler",
    "HyDE": "hypothetical document embeddings",
    "IDF": "inverse document frequency",
    "ITL": "inter-token latency",
    "KL": "Kullback-Leibler",
    "KV": "key-value",
    "LLM": "large language model",
    "LoRA": "low-rank adaptation",
    "MCP": "model context protocol",
    "MFU": "model FLOPs utilization",
    "MHA": "multi-head attention",
    "MLP": "feed-forward network",
    "MoE": "mixture of experts",
    "MQA": "multi-query attention",
    "MRR": "mean reciprocal rank",
    "nDCG": "normalized discounted cumulative gain",
    "PPO": "proximal policy optimization",
    "PQ": "product quantization",
    "RAG": "retrieval-augmented generation",
    "RGPD": "règlement général sur la protection des données",
    "RL": "reinforcement learning",
    "RLHF": "reinforcement learning from human feedback",
    "RoPE": "rotary position embedding",
    "RRF": "reciprocal rank fusion",
    "SLO": "service level objective",
    "SRE": "site reliability engineering",
    "TTFT": "time to first token",
    "ZeRO": "zero redundancy optimizer",
}
_LONG = {short.lower(): long for short, long in _PAIRS.items()}
_SHORT = {re.sub(r"\W+", " ", long.lower()): short for short, long in _PAIRS.items()}


def expand(text: str) -> list[str]:
    """Other forms of what ``text`` mentions: long for each abbreviation in it, short for each long form."""
    words = re.findall(r"\w+", text.lower())
    plain = f" {' '.join(words)} "
    longer = [_LONG[word] for word in dict.fromkeys(words) if word in _LONG]
    shorter = [short for long, short in _SHORT.items() if f" {long} " in plain]
    return longer + shorter
