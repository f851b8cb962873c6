"""What a question asks to be done, recognised by its words: notes, documents, comparisons, several in one.

English and French. Each function gives the arguments of a tool, or nothing where the question asks otherwise.
"""

# ruff: noqa: E501 - patterns are read as wholes
from __future__ import annotations

import re
from typing import Any

from rag.lexical import content_stems

_REMEMBER = re.compile(
    r"^\s*(?:please |could you |can you |s'il te pla[iî]t,? )?(?:remember|note|keep in mind|don't forget|retiens|note bien"
    r"|souviens-toi|rappelle-toi|n'oublie pas|garde en m[ée]moire)(?: (?:that|for later|down|que|bien))*[\s:,]+(?P<text>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_RECALL = re.compile(
    r"\b(?:do you (?:still )?remember|what do you (?:know|remember) about (?:me|us)|what did I (?:tell|ask) you"
    r"|what have I told you|did I (?:say|tell you)|recall what I|as I told you(?=\W*$)|ai-je dit"
    r"|te (?:rappelles|souviens)-tu|tu te (?:rappelles|souviens)|que sais-tu (?:de moi|sur moi)"
    r"|qu'est-ce que je t'ai dit|que t'ai-je dit)\b",
    re.IGNORECASE,
)
_ALL_THAT = re.compile(r"\b(?:earlier|before|so far|anything|everything|d[ée]jà|avant|tout)\b", re.IGNORECASE)
_LIST = re.compile(
    r"\b(?:list|show|enumerate|which|what|liste[rz]?|montre|quels?|how many|combien)\b[^?.]{0,30}\b(?:documents|pages|files|fichiers|sources)\b"
    r"(?P<about>[^?.]*)",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"\b(?:list|enumerate|liste[rz]?)\b|\b(?:do you have|are there|can you read|avez-vous|as-tu|y a-t-il)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:on|about|named|containing|sur|contenant|nomm[ée]s?)\s+(?:the |la |le |les |l')?(?P<topic>[\w-]+)",
    re.IGNORECASE,
)
_FILE = re.compile(r"\b(?P<file>[\w/-]+\.(?:md|pdf|docx|html?|txt))\b", re.IGNORECASE)
_READ = re.compile(
    r"\b(?:read|open|show|display|summari[sz]e|résumer?|lis|lire|ouvre|montre|affiche|section|page|heading|rubrique)\b",
    re.IGNORECASE,
)
# "Summarise the page on chunking": an order, so that what it names is a document and no subject.
_ORDER = re.compile(
    r"^\W*(?:please |can you |could you |s'il te pla[iî]t,? |peux-tu |pouvez-vous )?"
    r"(?:read|open|show(?: me)?|display|summari[sz]e|résume[rz]?|lis(?:ez)?|lire|ouvre[rz]?|montre[rz]?(?:-moi)?|affiche[rz]?)\b"
    r".*?\b(?:page|pdf|document|docx|file|chapter|fiche|fichier|chapitre)\s+(?:on|about|called|named|sur|du|des?|intitulée?)\s+"
    r"(?:the |la |le |les |l['’])?[\"'«“]?\s*(?P<topic>[\w+.-]*\w(?: [\w+.-]*\w){0,3})\s*[\"'»”]?\W*$",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\bpage (?P<page>\d{1,4})\b", re.IGNORECASE)
_SECTION = re.compile(
    r"\b(?:section|heading|rubrique|partie)\s+(?:called |named |on |sur |intitulée? )?[\"'«“]?\s*(?P<name>[^\"'»”?.,]+?)\s*"
    r"[\"'»”]?\s*(?:$|[?.,]|\b(?:of|in|from|de|dans|du)\b)|[\"«“](?P<quoted>[^\"»”]+)[\"»”]",
    re.IGNORECASE,
)
_NAME = r"[\w+][\w+./-]*(?:[ ][\w+./()-]+){0,3}?"
_OTHERS = rf"(?:, (?:the |la |le |les |l')?{_NAME}){{0,4}},?"
_END = r"(?=\s*[?,.;:!]|$| in | for | on | en | pour )"
_BETWEEN = re.compile(
    r",? (?:and|with|to|et|avec|à|vs\.?|versus|against|contre) (?:the |la |le |les |l')?"
    r"|, (?:the |la |le |les |l')?|(?: |^)ou bien ",
    re.IGNORECASE,
)
_MOST_ENTITIES = 6  # as the tool takes
_COMPARED = (
    re.compile(rf"\b(?:differences?|différences?) (?:is there )?(?:between|entre) (?:the |la |le |les |l')?(?P<all>{_NAME}{_OTHERS} (?:and|et) {_NAME}){_END}", re.IGNORECASE),
    re.compile(rf"\b(?:compare[rz]?|comparer) (?:the |la |le |les |l')?(?P<all>{_NAME}{_OTHERS} (?:and|with|to|et|avec|à|vs\.?|versus) {_NAME}){_END}", re.IGNORECASE),
    re.compile(rf"(?:^|[,;:] )(?P<all>{_NAME}(?: (?:vs\.?|versus|against|contre|ou bien) {_NAME})+){_END}", re.IGNORECASE),
)  # fmt: skip
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut"
    r"|(?P<thanks>thanks?(?: you)?(?: very much| a lot)?|merci(?: beaucoup| bien)?))[\s!.,]*$",
    re.IGNORECASE,
)
_ASKING = r"(?:what|how|why|which|who|when|where|does|do|is|are|can|should|will|did|could|would|que|quel\w*|comment|pourquoi|combien|où|quand|est-ce)"
_SEVERAL = re.compile(
    rf"\?\s+|;\s+|,? (?:and|et|but|mais) (?={_ASKING}\b)|(?<=[.!]) (?={_ASKING}\b)", re.IGNORECASE
)
_LEAST = 2  # words of content that a question of its own has
_MOST_PARTS = 3


def to_remember(question: str) -> dict[str, Any] | None:
    """``Remember that we own two RTX 4090``: the note."""
    match = _REMEMBER.match(question)
    return {"text": match["text"].strip()[:500]} if match and not question.rstrip().endswith("?") else None


def to_recall(question: str) -> dict[str, Any] | None:
    """``What do you remember about my GPU?``: what to look for; of somebody "about me", everything."""
    found = _RECALL.search(question)
    if found is None:
        return None
    rest = _ALL_THAT.sub("", f"{question[: found.start()]} {question[found.end() :]}")
    told = any(content_stems(rest, language) for language in ("en", "fr"))
    return {"query": question.strip()[:500]} if told else {}


def to_list(question: str) -> dict[str, Any] | None:
    """``List the documents on caching``: which ones."""
    match = _LIST.search(question)
    if not match or not _LISTING.search(question):
        return None
    topic = _TOPIC.search(match["about"])
    french = re.search(r"\b(?:in French|en français|French)\b", question, re.IGNORECASE)
    return ({"containing": topic["topic"]} if topic else {}) | ({"language": "fr"} if french else {})


def to_read(question: str) -> dict[str, Any] | None:
    """``Read page 2 of cheat-sheet.pdf``, ``Summarise the page on RRF``: the document, and the part of it."""
    document = _FILE.search(question)
    page = _PAGE.search(question)
    if not document and (order := _ORDER.match(question)):
        return {"document": order["topic"]} | ({"page": int(page["page"])} if page else {})
    if not document or not _READ.search(question):
        return None
    section = _SECTION.search(question)
    if page:
        return {"document": document["file"], "page": int(page["page"])}
    name = (section["name"] or section["quoted"]).strip() if section else ""
    return {"document": document["file"], **({"heading": name} if name and name != document["file"] else {})}


def named_document(question: str) -> str | None:
    """``In kv-cache.md, how …``: the document that the question is about."""
    match = _FILE.search(question)
    return match["file"] if match else None


def to_compare(question: str) -> dict[str, Any] | None:
    """``GPTQ vs AWQ``, ``différence entre A et B``: the entities."""
    for pattern in _COMPARED:
        if match := pattern.search(question):
            entities = [name.strip(" .,;:!?") for name in _BETWEEN.split(match["all"])]
            return {"entities": entities[:_MOST_ENTITIES]} if len(entities) > 1 else None
    return None


def nobody_to_remember(language: str) -> str:
    """What is answered to a note where nobody is named to keep it for."""
    if language == "fr":
        return "Rien n'est retenu : nommez d'abord un utilisateur (`user`)."
    return "Nothing is kept: name a user first (`user`)."


def greeting(question: str, language: str) -> str | None:
    """What is answered to a greeting or to thanks; nothing to a question."""
    match = _GREETING.match(question)
    if match is None:
        return None
    if match["thanks"]:
        return "De rien !" if match["thanks"].casefold().startswith("merci") else "You are welcome."
    if language == "fr":
        return "Bonjour ! Posez une question sur les documents de la collection."
    return "Hello! Ask a question about the documents of the collection."


def pieces(question: str) -> list[str]:
    """``3 * 4 and what is RRF?``: what stands between the question's joints, however little each says."""
    return [piece for part in _SEVERAL.split(question) if (piece := part.strip(" ,;?"))]


def parts(question: str, language: str) -> list[str]:
    """The questions that stand in one, at most three; empty where it is a single one.

    A part that says little by itself is no question of its own.
    """
    whole = [piece for piece in pieces(question) if len(content_stems(piece, language)) >= _LEAST]
    return [f"{piece.rstrip('.')}?" for piece in whole[:_MOST_PARTS]] if len(whole) > 1 else []
