"""Formulas of the handbook's pages on tokens: tokenizers, languages, sampling."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import BY_WORDS, WEIGHTS, WIDTH

_VOCABULARY = "vocabular|vocabulaire|entries|entr[ée]es"
_PER_WORD = (
    "tokens? (?:per|a|each) word|jetons? (?:par|le) mot|tokens?|jetons?|pieces?|morceaux|each|fertilit"
)

FORMULAS = (
    Formula(
        "probability of the first of three tokens", "transformer/sampling.md",
        ("With what probability is the first of three tokens with these logits drawn at a temperature?", "Softmax of three logits divided by a temperature: how likely is the favourite?", "Avec quelle probabilité tire-t-on le premier de trois jetons à cette température ?"),
        ("logits?", "probab|chance|likely|often|share|%"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")},
        "exp({a}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="two tokens|apart|gap|difference|second|third|last|worst|least|middle|deuxi|troisi|dernier",
    ),
    Formula(
        "probability of the better of two tokens at a temperature", "transformer/sampling.md",
        ("What is the probability of the more likely of two tokens, given the gap of their logits and the temperature?", "Two tokens whose logits differ by so much: how often does the better one come out?", "Two tokens whose logits are so far apart, sampled at a temperature: how often is the better one chosen?"),
        ("temperature|temp[ée]rature", "logits?|gap|difference|[ée]cart", "probab|chance|likely|share|%"), {"_k": n("tokens?|two", "2"), "g": n("logits?|gap|difference|higher|[ée]cart|apart"), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "1/(1+exp(-{g}/{t}))", "share",
    ),
    Formula(
        "probability left to a token by renormalising", "transformer/sampling.md",
        ("What probability do the two tokens kept by top-p or top-k get after renormalising?", "A nucleus keeps two candidates: how likely is the first now?", "Quelle probabilité après renormalisation des deux jetons gardés ?", "Top-p leaves two options with these probabilities: new probability of the likelier?"),
        ("renormali|top-?[kp]|nucleus|kept|keeps?|gard|cut|surviv|left", "probab"), {"a": share(""), "b": share("")}, "{a}/({a}+{b})", "share",
    ),
    Formula(
        "threshold of min-p", "transformer/sampling.md",
        ("Below which probability does min-p drop tokens, given that of the most likely token?", "How probable must a token be to survive min-p?", "Sous quelle probabilité min-p écarte-t-il un jeton ?", "The top candidate has this probability and min-p is a fraction of it: cut-off?"),
        ("min-?p\\b",), {"m": n("min-?p|fraction"), "p": share("most likely|likeliest|top|best|highest|maxim|plus probable|probab|stands|favourite")}, "{m}*{p}",
    ),
    Formula(
        "chance that it never comes in independent trials", "transformer/sampling.md",
        ("How likely is it that something unlikely at each token never happens over many tokens?", "Each token may come from the bad tail: what is the chance that a text of so many tokens stays clean?", "Quelle chance qu'un texte ne tire jamais de la queue ?", "A small junk tail at every step: probability that an answer avoids it?", "How often does a whole text escape an error that each token risks?", "Every step may go wrong with a small probability: how often does a long answer stay intact?", "Each step has a small risk of derailing: how likely does a long answer stay on track?"),
        ("stays? |on track|surviv|never|jamais|no |none|not once|without|aucun|clean|avoid|spared|all good", "probabilit|chance|often|share|how likely|odds|risque|%|percent"),
        {"p": share("probabilit|chance|each|every|chaque|rate"), "n": n("tokens?|steps?|times|trials?|draws?|jetons?|tirages?|attempts?|calls?|essais")}, "(1-{p})**{n}", "share",
    ),
    Formula(
        "entropy of equal choices", "transformer/sampling.md",
        ("What is the entropy in nats of a uniform choice among tokens?", "So many tokens equally likely: how large is the entropy?", "Quelle est l'entropie d'un choix uniforme ?"),
        ("entrop", "uniform|equal|[ée]gal|equiprob|[ée]quiprob|maxim|at most"), {"n": n("tokens?|choices|candidates|outcomes|choix|options|equally")}, "log({n})", unit="nats",
    ),
    Formula(
        "bits per byte", "transformer/tokenizers.md",
        ("How many bits per byte is a loss in nats per token, with so many bytes per token?", "Which figure makes losses under different tokenizers comparable?", "Combien de bits par octet pour cette perte par jeton ?", "Convert a loss per token to a unit that does not depend on the tokenizer?"),
        ("nats?|loss|perte|entropy", "bytes?|octets?|bits? per byte|vocabular|compar"), {"loss": n("nats?|loss|perte|entropy|entropie"), "b": of("bytes", "bytes?|octets?")}, "{loss}/(log(2)*{b})", unit="bits per byte",
    ),
    Formula(
        "loss per token behind bits per byte", "transformer/tokenizers.md",
        ("Which loss in nats per token corresponds to so many bits per byte at so many bytes per token?", "From bits per byte back to the loss of a token?", "A compression figure in bits per byte and the bytes a token covers: what is the cross-entropy per token?"),
        ("nats?|loss|perte", "bits? per byte|bits? par octet"), {"r": of("bits", "bits?"), "b": of("bytes", "average|tokens?|jetons?|bytes per token|bytes")}, "{r}*log(2)*{b}", unit="nats",
    ),
    Formula(
        "bytes of text in a token", "transformer/tokenizers.md",
        ("How many bytes of text does a token hold on average?", "A text of so many bytes is cut into so many tokens: what does one cover?", "Combien d'octets de texte par jeton en moyenne ?", "A sentence of so many bytes became so many tokens: compression in bytes per token?"),
        ("bytes per token|bytes (?:a|each)|octets par jeton|bytes in a token|compress|bytes does (?:a|one|each) token|on average|a token (?:cover|hold)", "tokens?|jetons?"), {"b": of("bytes"), "t": n("tokens?|jetons?", least=2)}, "{b}/{t}", unit="bytes per token", never="parse|memory|cache|shard",
    ),
    Formula(
        "entries of a byte-level BPE vocabulary", "transformer/tokenizers.md",
        ("How many entries does a byte-level BPE vocabulary have after so many merges?", "All byte values, merges and special tokens: how large is the vocabulary?", "Combien d'entrées dans un vocabulaire BPE sur octets ?", "A tokenizer learned so many merges over bytes: how many ids are there?"),
        ("bpe|byte-level|merges?|fusions?", "vocabular|entries|entr[ée]es|vocabulaire|size|taille"), {"_b": n("bytes?|base|octets?", "256", least=256), "m": n("merges?|fusions?"), "s": n("special|control|sp[ée]cia|end-of", "0")}, "256+{m}+{s}", unit="entries",
    ),
    Formula(
        "weights of both vocabulary tables", "transformer/tokenizers.md",
        ("How many parameters do the input and output embedding tables of a vocabulary take?", "Untied input and output matrices: how many weights for this vocabulary and width?", "Combien de poids dans les deux matrices du vocabulaire ?", "Embedding and unembedding of a vocabulary at this width: how many parameters?"),
        ("vocabular|vocabulaire|embedding|table|lm head|output matrix", WEIGHTS), {"v": n(_VOCABULARY + "|tokens?", least=256), "d": n(WIDTH, least=64)}, "2*{v}*{d}", unit="parameters",
        never="lie\\b|li[ée]es?\\b|dispara[iî]|disappear|(?<!un)(?<!not )tied|shared|partag|r[ée]utilis|reus|lier|liant|single table|one table|save|[ée]conomis",
    ),
    Formula(
        "operations of the output matrix", "transformer/tokenizers.md",
        ("How many operations per generated token does the output matrix of a vocabulary cost?",),
        ("output matri|lm head|vocabular|matrice de sortie", "operations|flop|op[ée]rations"), {"v": n(_VOCABULARY, least=256), "d": n(WIDTH, least=64)}, "2*{v}*{d}", unit="operations",
    ),
    Formula(
        "weights that a larger vocabulary adds", "transformer/tokenisation-langues-riches.md",
        ("How many weights does going from one vocabulary size to a larger one add, with separate input and output matrices?", "Growing the vocabulary: how many extra parameters?", "Combien de poids ajoute-t-on en passant d'un vocabulaire à un plus grand ?", "Porter le vocabulaire d'une taille à une autre, matrices séparées : paramètres ajoutés ?"),
        (_VOCABULARY, WEIGHTS, "add|more|extra|grow|going|from|plus|ajout|passer|passe|de plus|en plus|double"),
        {"a": n("from|de\\b|entries|entr[ée]es", least=256, below="b"), "b": n("to\\b|[àa]\\b|entries|entr[ée]es", least=256), "d": n(WIDTH, least=64), "_m": n("matri|tables?", "2")}, "2*({b}-{a})*{d}", unit="parameters",
    ),
    Formula(
        "tokens per word", "transformer/tokenisation-langues-riches.md",
        ("How many tokens per word does a tokenizer make of this text?", "What is the fertility of my tokenizer on this text?", "Quelle est la fertilité du tokeniseur sur ce texte ?", "So many tokens for a text of so many words: tokens a word?"),
        ("words?|mots?", "tokens? per word|jetons? par mot|fertilit|average|moyenne"), {"t": n("tokens?|jetons?", least=5), "w": n("words?|mots?", least=5)}, "{t}/{w}",
    ),
    Formula(
        "words that a window holds", "transformer/tokenisation-langues-riches.md",
        ("How many words fit in a context window, given the tokens per word?", "Text of how many words fills this many tokens?", "Combien de mots tiennent dans une fenêtre de tant de jetons ?", "How long a text, in words, can the model take in at this fertility?"),
        ("words?|mots?", "window|context|fit|hold|fen[êe]tre|contexte|tien|entre|combien de mots|how many words"), {"w": n("window|context|fen[êe]tre|contexte|-token|of\\b|dans", least=64), "r": n(_PER_WORD)}, "{w}/{r}", unit="words", never=BY_WORDS,
    ),
    Formula(
        "tokens that a text takes by its words", "transformer/tokenisation-langues-riches.md",
        ("How many tokens does a text of so many words take?", "Chunks of so many words at this fertility: how long are they in tokens?", "Combien de jetons fait un segment de tant de mots ?"),
        ("words?|mots?", "how many tokens|combien de (?:jetons|tokens)|tokens (?:will|does|do)|in tokens|en jetons"), {"w": n("words?|mots?|text", least=5), "r": n(_PER_WORD)}, "{w}*{r}", unit="tokens", never=BY_WORDS + "|per second|a second|par seconde|a minute|per minute",
    ),
    Formula(
        "words of so many tokens, at words per token", "transformer/tokenisation-langues-riches.md",
        ("How many words are so many tokens at this number of words per token?", "Combien de mots pour tant de jetons, à tant de mots par jeton ?"),
        (BY_WORDS, "how many words|combien de mots|in words|en mots"), {"t": n("tokens?|jetons?|window|context", least=5), "r": n(BY_WORDS)}, "{t}*{r}", unit="words", needs=BY_WORDS,
    ),
    Formula(
        "tokens of so many words, at words per token", "transformer/tokenisation-langues-riches.md",
        ("How many tokens are so many words at this number of words per token?", "Combien de jetons pour tant de mots, à tant de mots par jeton ?"),
        (BY_WORDS, "how many tokens|combien de (?:jetons|tokens)|in tokens|en jetons"), {"w": n("words?|mots?", least=5), "r": n(BY_WORDS)}, "{w}/{r}", unit="tokens", needs=BY_WORDS,
    ),
    Formula(
        "how many times more tokens a language takes", "transformer/tokenisation-langues-riches.md",
        ("How many times more tokens does the same text take in one language than in another?", "The same paragraph in two languages: by what factor is one dearer in tokens?", "Combien de fois plus de jetons une langue demande-t-elle pour le même texte ?"),
        ("tokens?|jetons?", "times|factor|fois|ratio|facteur|dearer|more", "english|french|german|finnish|turkish|hungarian|language|anglais|fran[çc]ais|allemand|finnois|turc|hongrois|langue"),
        {"a": n("tokens?|jetons?|finnish|turkish|hungarian|german|french|finnois|turc", least=2), "b": n("english|anglais|tokens?|jetons?|in\\b|en\\b", least=2)}, "{a}/{b}", unit="times",
    ),
    Formula(
        "probability of the second of three tokens", "transformer/sampling.md",
        ("With what probability is the second of three tokens with these logits drawn at a temperature?", "Three logits divided by a temperature: how likely is the middle one?", "Avec quelle probabilité tire-t-on le deuxième de trois jetons ?"),
        ("logits?", "probab|chance|likely|often|share|%", "second|middle|deuxi"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "exp({b}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="two tokens|apart|gap|difference",
    ),
    Formula(
        "probability of the third of three tokens", "transformer/sampling.md",
        ("With what probability is the third of three tokens with these logits drawn at a temperature?", "Three logits divided by a temperature: how likely is the worst one?"),
        ("logits?", "probab|chance|likely|often|share|%", "third|last|worst|least|troisi|dernier"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "exp({c}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="two tokens|apart|gap|difference",
    ),
)  # fmt: skip
