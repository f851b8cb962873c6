"""Formulas of the handbook's pages on evaluation, agents and systems."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_CHANCE = "probabilit|chance|often|percent|%|share|how likely|odds|pour cent|part|rate|taux|risque|fraction|proportion"
_CALLS = "calls?|steps?|rounds?|turns?|appels?|tours?|[ée]tapes?|iterations?"

FORMULAS = (
    Formula(
        "prompt tokens of an agent that rereads its history", "agents/react.md",
        "How many prompt tokens does an agent read in total over its model calls when each step adds to the history?",
        ("tokens?|jetons?", _CALLS, "total|in all|altogether|read|overall|sum|en tout|lus?|process|cost|prompt tokens|how many|cumul"),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial|pr[ée]ambule"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour|observation"), "n": n(_CALLS)},
        "{n}*{p}+{s}*{n}*({n}-1)/2", unit="tokens",
    ),
    Formula(
        "prompt tokens of a growing conversation", "agents/three-memories.md",
        "How many tokens are read over a conversation when every turn sends the whole history again?",
        ("tokens?|jetons?", "turns?|tours?|messages?|exchanges?|[ée]changes?", "total|in all|altogether|read|overall|cumul|en tout|lus?|whole|sum"),
        {"t": n("tokens?|jetons?"), "n": n("turns?|tours?|exchanges?|[ée]changes?|messages?|-turn")}, "{t}*{n}*({n}+1)/2", unit="tokens",
    ),
    Formula(
        "length of an agent's last prompt", "agents/react.md",
        "How long is the prompt of an agent's last call?",
        ("last|final|longest|largest|derni|plus long|end", "tokens?|jetons?|prompt|context|long|invite", _CALLS),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour"), "n": n(_CALLS)},
        "{p}+({n}-1)*{s}", unit="tokens",
    ),
    Formula(
        "tokens of tool descriptions over a run", "agents/many-tools-or-few.md",
        "How many tokens do the descriptions of the tools cost over the calls of a run?",
        ("tools?|outils?", "tokens?|jetons?", "descri|defin|d[ée]fini|schema|sch[ée]ma|each|chaque|per\\b|apiece"),
        {"k": n("tools?|outils?|functions?"), "t": n("tokens?|jetons?"), "c": n("calls?|steps?|turns?|rounds?|appels?|[ée]tapes?|tours?", "1"), "s": n("servers?|serveurs?", "1")},
        "{k}*{t}*{c}*{s}", unit="tokens",
    ),
    Formula(
        "adapters without a protocol", "agents/model-context-protocol.md",
        "How many adapters connect every application with every service without a common protocol?",
        ("adapters?|integrations?|connectors?|adaptateurs?|connecteurs?|int[ée]grations?",), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}*{b}",
    ),
    Formula(
        "implementations with a protocol", "agents/model-context-protocol.md",
        "How many implementations are needed when applications and services share a protocol such as MCP?",
        ("mcp|protocol|protocole|standard", "implement|pieces|how many|combien|adapters?|write|[ée]crire"), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}+{b}",
    ),
    Formula(
        "recency of a memory", "agents/three-memories.md",
        "What share of its recency does a memory keep after hours or days without being used?",
        ("generative|memor|recollection|souvenir|m[ée]moire|recency|fra[îi]cheur", "recency|fresh|untouched|decay|last|old|left|untouched|reste|fra[îi]cheur|weight"),
        {"h": of("time", "ago|untouched|old|since|after|hours?|days?|later|not (?:been )?(?:read|used)|depuis|apr[èe]s"), "d": share("decay|factor|facteur|per hour", "0.995")},
        "{d}**({h}/3600)", "share",
    ),
    Formula(
        "half-life of a memory's recency", "agents/three-memories.md",
        "After how much time does a memory's recency fall to half?",
        ("memor|recency|recollection|souvenir|decay|m[ée]moire|generative", "half|moiti[ée]|halv"), {"d": share("decay|factor|facteur|per hour|times", "0.995"), "x": share("half|moiti", "0.5")}, "log(0.5)/log({d})*3600", "time",
    ),
    Formula(
        "error rate from which a review pays", "agents/human-in-the-loop.md",
        "From what error rate is a human check worth its cost, given what a mistake costs?",
        ("review|check|approv|human|colleague|relect|v[ée]rif|valid|contr[ôo]l", "worth|pays?|from what|threshold|break|rentab|seuil|vaut|justif|partir de"),
        {"t": of("time", "takes?|review|check|dur|prend|approv"), "w": of("wage"), "l": of("money", "cost|loss|bad|wrong|error|damage|perte|erreur|co[ûu]t|mistake|lose")},
        "({t}*{w})/{l}", "share",
    ),
    Formula(
        "time of human review", "agents/human-in-the-loop.md",
        "How many hours of human review do the actions of a day need?",
        ("review|check|approv|human|relect|v[ée]rif|valid|hand|escalat", "time|hours?|minutes?|work|long|temps|heures?|person"),
        {"n": n("actions?|requests?|answers?|cases?|calls?|tickets?|day|runs?|demandes?|r[ée]ponses?"), "s": share("review|check|need|stop|approv|share|of them|escalat|ask|v[ée]rif|go to"), "t": of("time", "each|takes?|per|review|chacun|one")},
        "{n}*{s}*{t}", "time",
    ),
    Formula(
        "bytes carried in base64", "agents/injection-de-prompt.md",
        "How many bytes can an attacker smuggle out in base64 in an address?",
        ("base ?64", "bytes?|octets?|carr|emport|fit|hold|much|combien"), {"c": n("characters?|caract[èe]res?|url|address|adresse|long")}, "{c}*6/8", "bytes",
    ),
    Formula(
        "characters of a base64 secret", "agents/injection-de-prompt.md",
        "How many base64 characters does a key of so many bits need?",
        ("base ?64", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/6)", unit="characters",
    ),
    Formula(
        "characters of a base32 secret", "agents/injection-de-prompt.md",
        "How many base32 characters does a key of so many bits need?",
        ("base ?32", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/5)", unit="characters",
    ),
    Formula(
        "at least one attack passes", "agents/prompt-injection.md",
        "How likely is it that at least one of many attacks gets past a filter?",
        ("attack|attaque|attempt|malicious|inject|adversar|essai|tries|filter|filtre", _CHANCE, "at least|one|any|gets? through|pass|au moins|slip|succeed|r[ée]uss|breach"),
        {"p": share("block|catch|stop|arr[êe]t|bloqu|filter|detect"), "n": n("attempts?|times|tries|attacks?|attaques?|essais?|texts?|tentatives?|messages?")}, "1-{p}**{n}", "share",
    ),
)  # fmt: skip
