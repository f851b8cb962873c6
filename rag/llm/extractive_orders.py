"""Sentences that give orders to whoever reads for a user: they answer a question about such an order only.

An order to an assistant that stands in a page is often the sentence that is likest to the question it was
planted for. Quoted without its page around it, it reads as advice.
"""

from __future__ import annotations

import re

_READER = r"(?:the |any |all |every )?(?:users?|readers?|customers?|reader)"
_LECTEUR = (
    r"(?:à |au |aux )?(?:l['’]|la |le |les |tout |chaque )?(?:utilisat(?:eur|rice)s?|lect(?:eur|rice)s?)"
)
_INSTRUCTIONS = r"(?:instructions?|prompts?|consignes?)"
_ORDERS = re.compile(
    # What was said before is to be forgotten.
    rf"(?:^|[,:;.!>]\s*|\b(?:please|and|et|must)\s+)(?:ignorez?|disregard|forget|override|oublie[zr]?)"
    rf"(?:\s+\w+){{1,3}}\s+{_INSTRUCTIONS}\b"
    rf"|\byour\s+{_INSTRUCTIONS}\s+(?:have|has|are)\s+(?:been|now|changed)"
    rf"|\b(?:vos|tes)\s+{_INSTRUCTIONS}\s+(?:ont|sont)\s+"
    # The sentence begins with an order to say or to hide something.
    rf"|(?:^|[,:;.!>]\s*|\b(?:please|then|and)\s+)(?:tell|inform|assure|warn|remind)\s+{_READER}\s+(?:that|to)\b"
    rf"|(?:^|[,:;.!>]\s*|\bet\s+)(?:dis|dites|dire|informe[zr]?|préviens|prévenez|assure[zr]?|rappelle[zr]?)"
    rf"\s+{_LECTEUR}\s+(?:qu|d)"
    r"|\b(?:do not|don['’]t|never)\s+(?:mention|reveal|disclose)\s+(?:this|these)\s+(?:note|notice|message|"
    r"text|passage|instructions?|line)"
    r"|\bne\s+(?:mentionne[zr]?|révèle[zr]?|cite[zr]?)\s+(?:pas|jamais)\s+(?:cette|ce|ces)\s+(?:note|message|"
    r"avis|texte|passage|consignes?|instructions?)"
    # What is to be said whatever is asked.
    r"|\byou\s+must\s+(?:always\s+|also\s+)?(?:recommend|state|tell|say|answer|claim|reply|respond|include)\b"
    r"|\b(?:vous\s+devez|tu\s+dois)\s+(?:toujours\s+|aussi\s+)?(?:recommander|affirmer|dire|répondre|conseiller)\b"
    r"|\bpresent\s+this\s+as\s+your\s+own\b|\bprésente[zr]?\s+(?:cela|ceci)\s+comme\s+(?:ton|votre)\b"
    # A heading for them.
    r"|^[\W_]*(?:system\s+)?(?:note|notice|message|instructions?|attention)\s+(?:to|for)\s+(?:all\s+)?"
    r"(?:ai|llms?|language models?|assistants?|automated readers?|chatbots?|agents?)\b"
    r"|^[\W_]*(?:note|avis|message|consignes?|instructions?|attention)\s+(?:système\s+)?"
    r"(?:aux?|pour\s+les|à\s+l['’])\s*(?:assistants?|agents?|ia|modèles?|lecteurs automatiques)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«][^\"“”«»]*[\"”»]")
_ASKED_OF = re.compile(
    r"\b(?:notes?|notices?|instructions?|assistants?|inject\w*|poison\w*|plant(?:ed|é\w*)|attack\w*|"
    r"jailbreak\w*|hidden|obey\w*|ignor\w*|specimen|avis|consignes?|empoisonn\w*|attaqu\w*|"
    r"cach[ée]e?s?|malicious|malveill\w*|untrusted|said to|automated readers?)\b"
    # What it would have those do who are answered.
    r"|\b(?:try|tries|trying|attempts?|wants?|tells?|asks?|push\w*|urges?|commands?)\b[^.?!]*"
    r"\b(?:users?|readers?|visitors?)\b"
    r"|\b(?:essa[iy]\w+|cherch\w+|veut|dit|demande|pouss\w+|incit\w+)\b[^.?!]*"
    r"\b(?:utilisat(?:eur|rice)s?|lect(?:eur|rice)s?|visiteurs?)\b",
    re.IGNORECASE,
)


def orders(sentence: str) -> bool:
    """Whether a sentence gives an order to an assistant; one between quotation marks is told of."""
    return _ORDERS.search(" ".join(_QUOTED.sub(" ", sentence).split())) is not None


def asked_of_orders(question: str) -> bool:
    """Whether a question speaks of notes, instructions or attacks: then an order may be what it asks for."""
    return _ASKED_OF.search(question) is not None
