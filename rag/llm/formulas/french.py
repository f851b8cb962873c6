"""How a formula and the unit of its result are called in a French answer."""

from __future__ import annotations

import re

from rag.llm.formulas.base import Formula

_LONGEST = 120
"""Characters of a label, as the calculator takes it."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIGIT = re.compile(r"\d")
_IN = re.compile(r"(?<=Combien) d(?:e |')(?:secondes|minutes|heures|jours|[MG]i?o)(?![\w-])")
UNITS = {
    "a": "par",
    "adapters": "adaptateurs",
    "addresses": "adresses",
    "all-reduces": "all-reduce",
    "attempts": "tentatives",
    "billion": "milliards de",
    "blocks": "blocs",
    "byte": "octet",
    "bytes": "octets",
    "calls": "appels",
    "candidates": "candidats",
    "characters": "caractères",
    "checkpoints": "points de reprise",
    "chunks": "morceaux",
    "cold": "à froid",
    "columns": "colonnes",
    "day": "jour",
    "days": "jours",
    "entries": "entrées",
    "failures": "échecs",
    "generations": "générations",
    "hours": "heures",
    "implementations": "implémentations",
    "keys": "clés",
    "leaves": "feuilles",
    "lists": "listes",
    "look-ups": "consultations",
    "losses": "pertes",
    "micro-batches": "micro-lots",
    "million": "millions de",
    "month": "mois",
    "months": "mois",
    "multiply-adds": "multiplications-additions",
    "neighbours": "voisins",
    "nodes": "nœuds",
    "operations": "opérations",
    "pairs": "paires",
    "parameters": "paramètres",
    "per": "par",
    "proposals": "propositions",
    "replicas": "répliques",
    "requests": "requêtes",
    "results": "résultats",
    "reviewers": "relecteurs",
    "reward": "récompense",
    "rounds": "tours",
    "s": "secondes",
    "searches": "recherches",
    "second": "seconde",
    "sequences": "séquences",
    "series": "séries",
    "slot-steps": "emplacements par étape",
    "slots": "emplacements",
    "starts": "démarrages",
    "states": "états",
    "steps": "étapes",
    "super-steps": "super-étapes",
    "terms": "termes",
    "times": "fois",
    "token": "jeton",
    "tokens": "jetons",
    "trials": "essais",
    "turns": "tours",
    "vectors": "vecteurs",
    "words": "mots",
    **{f"{prefix}B": f"{prefix}o" for prefix in ("k", "M", "G", "T", "Ki", "Mi", "Gi")},
    **{
        f"GPU-{unit}": f"{name}-GPU"
        for unit, name in (("hours", "heures"), ("days", "jours"), ("seconds", "secondes"))
    },
}
"""The words of units that are others in French."""

ALIKE = frozenset((
    "bits", "conversations", "copies", "dimensions", "distances", "experts", "FLOP", "fragments", "GPU",
    "GPUs", "jetons", "minute", "morceaux", "nats", "passages", "passes", "points", "positions",
    "questions", "radian", "traces",
))  # fmt: skip
"""Those that are the same."""


def in_french(unit: str) -> str:
    """A unit word by word: ``octets par jeton`` for ``bytes per token``."""
    return _WORD.sub(lambda word: UNITS.get(word[0], word[0]), unit)


def french_name(formula: Formula) -> str:
    """The shortest question in French that ``formula`` answers, of any quantities; its name if there is none.

    A space before its mark tells which of its questions are French.
    """
    asked = [one for one in formula.wordings if one.endswith(" ?") and not _DIGIT.search(one)]
    # The unit asked for may be another one.
    named = [_IN.sub("", one).removesuffix("?") for one in asked if len(one) <= _LONGEST]
    return min(named, key=len, default=formula.name)
