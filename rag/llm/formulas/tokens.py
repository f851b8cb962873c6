"""Formulas of the handbook's pages on tokens: tokenizers, languages, sampling."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import BY_WORDS, DTYPE, WEIGHTS, WIDTH

_VOCABULARY = "vocabular|vocabulaire|entries|entr[ée]es"
_PER_WORD = (
    "tokens? (?:per|a|each) word|jetons? (?:par|le) mot|tokens?|jetons?|pieces?|morceaux|each|fertilit"
)
# A language, its French name, the words for it, and its fertility with 32,000 and with 131,072 entries.
_FERTILITIES = (
    ("English", "anglais", "english|anglais", "1.13", "1.10"),
    ("French", "français", "french|fran[çc]ais", "1.59", "1.24"),
    ("German", "allemand", "german\\b|allemand", "1.88", "1.38"),
    ("Hungarian", "hongrois", "hungarian|hongrois", "2.96", "2.29"),
    ("Finnish", "finnois", "finnish|finnois|finlandais", "3.22", "2.43"),
    ("Turkish", "turc", "turkish|turc\\b|turque", "3.52", "2.43"),
)
# The same with the tokens of one text under both; English takes 34 and 33.
_COUNTS = (
    ("French", "français", "french|fran[çc]ais", (54, 42)),
    ("German", "allemand", "german\\b|allemand", (49, 36)),
    ("Hungarian", "hongrois", "hungarian|hongrois", (71, 55)),
    ("Finnish", "finnois", "finnish|finnois|finlandais", (74, 56)),
    ("Turkish", "turc", "turkish|turc\\b|turque", (74, 51)),
)
_OTHER = "|".join(cues for _, _, cues, _, _ in _FERTILITIES)
_SMALL, _LARGE = "mistral[ -]7b|32[, ]?000", "tekken|nemo|131[, ]?072"

FORMULAS = (
    Formula(
        "probability of the first of three tokens", "transformer/sampling.md",
        ("Three candidates score so and so before the softmax, sampled at a temperature: chance of drawing the favourite?", "exp(z1/T) over the sum of three: percent?", "Trois logits et une température : probabilité du plus probable ?",
         "With what probability is the first of three tokens with these logits drawn at a temperature?", "Softmax of three logits divided by a temperature: how likely is the favourite?", "Avec quelle probabilité tire-t-on le premier de trois jetons à cette température ?"),
        ("logits?|softmax|score", "probab|chance|likely|often|share|%"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")},
        "exp({a}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="from \\d+(?:\\.\\d+)? to|de \\d+(?:[.,]\\d+)? [àa] \\d|two tokens|apart|gap|difference|second|third|last|worst|least|middle|deuxi|troisi|dernier",
    ),
    Formula(
        "probability of the better of two tokens at a temperature", "transformer/sampling.md",
        ("Logit gap and temperature: chance of the stronger of two candidates?", "σ(gap/T)?", "Écart de logits et température : probabilité du meilleur des deux ?",
         "What is the probability of the more likely of two tokens, given the gap of their logits and the temperature?", "Two tokens whose logits differ by so much: how often does the better one come out?", "Two tokens whose logits are so far apart, sampled at a temperature: how often is the better one chosen?"),
        ("temperature|temp[ée]rature", "logits?|gap|difference|[ée]cart", "probab|chance|likely|share|%"), {"_k": n("tokens?|two", "2"), "g": n("logits?|gap|difference|higher|[ée]cart|apart"), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "1/(1+exp(-{g}/{t}))", "share",
    ),
    Formula(
        "probability left to a token by renormalising", "transformer/sampling.md",
        ("Nucleus sampling leaves two tokens: chance of the first once they sum to one?", "p1 over p1 + p2 after the cut?",
         "What probability do the two tokens kept by top-p or top-k get after renormalising?", "A nucleus keeps two candidates: how likely is the first now?", "Quelle probabilité après renormalisation des deux jetons gardés ?", "Top-p leaves two options with these probabilities: new probability of the likelier?"),
        ("renormali|top-?[kp]|nucleus|kept|keeps?|gard|cut|surviv|left", "probab"), {"a": share(""), "b": share("")}, "{a}/({a}+{b})", "share",
    ),
    Formula(
        "threshold of min-p", "transformer/sampling.md",
        ("min-p times the top probability: cut-off?", "Lowest probability that still survives min-p sampling?",
         "Below which probability does min-p drop tokens, given that of the most likely token?", "How probable must a token be to survive min-p?", "Sous quelle probabilité min-p écarte-t-il un jeton ?", "The top candidate has this probability and min-p is a fraction of it: cut-off?"),
        ("min-?p\\b",), {"m": n("min-?p|fraction"), "p": share("most likely|likeliest|top|best|highest|maxim|plus probable|probab|stands|favourite")}, "{m}*{p}",
    ),
    Formula(
        "chance that it never comes in independent trials", "transformer/sampling.md",
        ("(1 − p)^n: no accident over so many tokens?", "Tail mass at each step, length of the answer: chance of never sampling from the tail?", "Probabilité qu'une réponse de tant de jetons ne tire jamais un mauvais jeton ?",
         "How likely is it that something unlikely at each token never happens over many tokens?", "Each token may come from the bad tail: what is the chance that a text of so many tokens stays clean?", "Quelle chance qu'un texte ne tire jamais de la queue ?", "A small junk tail at every step: probability that an answer avoids it?", "How often does a whole text escape an error that each token risks?", "Every step may go wrong with a small probability: how often does a long answer stay intact?", "Each step has a small risk of derailing: how likely does a long answer stay on track?"),
        ("stays? |on track|surviv|never|jamais|no |none|not once|without|aucun|clean|avoid|spared|all good", "probabilit|chance|often|share|how likely|odds|risque|%|percent"),
        {"p": share("probabilit|chance|each|every|chaque|rate"), "n": n("tokens?|steps?|times|trials?|draws?|jetons?|tirages?|attempts?|calls?|essais")}, "(1-{p})**{n}", "share",
    ),
    Formula(
        "entropy of equal choices", "transformer/sampling.md",
        ("ln n for n equal candidates?", "Maximum entropy over so many tokens, in nats?",
         "What is the entropy in nats of a uniform choice among tokens?", "So many tokens equally likely: how large is the entropy?", "Quelle est l'entropie d'un choix uniforme ?"),
        ("entrop", "uniform|equal|[ée]gal|equiprob|[ée]quiprob|maxim|at most"), {"n": n("tokens?|choices|candidates|outcomes|choix|options|equally")}, "log({n})", unit="nats",
    ),
    Formula(
        "bits per byte", "transformer/tokenizers.md",
        ("loss / (ln 2 · bytes per token)?", "Cross-entropy of so many nats at so many bytes a token: compression in bits per byte?", "Perte en nats par jeton et octets par jeton : bits par octet ?",
         "How many bits per byte is a loss in nats per token, with so many bytes per token?", "Which figure makes losses under different tokenizers comparable?", "Combien de bits par octet pour cette perte par jeton ?", "Convert a loss per token to a unit that does not depend on the tokenizer?"),
        ("nats?|loss|perte|entropy", "bytes?|octets?|bits? per byte|vocabular|compar"), {"loss": n("nats?|loss|perte|entropy|entropie"), "b": of("bytes", "bytes?|octets?")}, "{loss}/(log(2)*{b})", unit="bits per byte",
    ),
    Formula(
        "loss per token behind bits per byte", "transformer/tokenizers.md",
        ("Bits per byte times ln 2 times bytes per token?",
         "Which loss in nats per token corresponds to so many bits per byte at so many bytes per token?", "From bits per byte back to the loss of a token?", "A compression figure in bits per byte and the bytes a token covers: what is the cross-entropy per token?"),
        ("nats?|loss|perte", "bits? per byte|bits? par octet"), {"r": of("bits", "bits?"), "b": of("bytes", "average|tokens?|jetons?|bytes per token|bytes")}, "{r}*log(2)*{b}", unit="nats",
    ),
    Formula(
        "bytes of text in a token", "transformer/tokenizers.md",
        ("File of so many bytes encoded into so many tokens: bytes per token?",
         "How many bytes of text does a token hold on average?", "A text of so many bytes is cut into so many tokens: what does one cover?", "Combien d'octets de texte par jeton en moyenne ?", "A sentence of so many bytes became so many tokens: compression in bytes per token?"),
        ("bytes per token|bytes (?:a|each)|octets par jeton|bytes in a token|compress|bytes does (?:a|one|each) token|on average|a token (?:cover|hold)", "tokens?|jetons?"), {"b": of("bytes"), "t": n("tokens?|jetons?", least=2)}, "{b}/{t}", unit="bytes per token", never="parse|memory|cache|shard",
    ),
    Formula(
        "entries of a byte-level BPE vocabulary", "transformer/tokenizers.md",
        ("256 + merges + specials?", "Byte-level tokenizer: base bytes, learned merges, control tokens: vocabulary size?", "Taille d'un vocabulaire BPE d'octets après tant de fusions ?",
         "How many entries does a byte-level BPE vocabulary have after so many merges?", "All byte values, merges and special tokens: how large is the vocabulary?", "Combien d'entrées dans un vocabulaire BPE sur octets ?", "A tokenizer learned so many merges over bytes: how many ids are there?"),
        ("bpe|byte-level|merges?|fusions?", "vocabular|entries|entr[ée]es|vocabulaire|size|taille"), {"_b": n("bytes?|base|octets?", "256", least=256), "m": n("merges?|fusions?"), "s": n("special|control|sp[ée]cia|end-of", "0")}, "256+{m}+{s}", unit="entries",
    ),
    Formula(
        "weights of both vocabulary tables", "transformer/tokenizers.md",
        ("2·V·d for untied matrices?", "Poids des matrices d'entrée et de sortie, non liées ?",
         "How many parameters do the input and output embedding tables of a vocabulary take?", "Untied input and output matrices: how many weights for this vocabulary and width?", "Combien de poids dans les deux matrices du vocabulaire ?", "Embedding and unembedding of a vocabulary at this width: how many parameters?"),
        ("vocabular|vocabulaire|embedding|table|lm head|output matrix", WEIGHTS), {"v": n(_VOCABULARY + "|tokens?", least=256), "d": n(WIDTH, least=64)}, "2*{v}*{d}", unit="parameters",
        never="lie\\b|li[ée]es?\\b|dispara[iî]|disappear|(?<!un)(?<!not )tied|shared|partag|r[ée]utilis|reus|lier|liant|single table|one table|save|[ée]conomis",
    ),
    Formula(
        "operations of the output matrix", "transformer/tokenizers.md",
        ("2·V·d: cost of the LM head per generated token?", "Arithmetic of projecting one state to logits over the vocabulary?",
         "How many operations per generated token does the output matrix of a vocabulary cost?",),
        ("output matri|lm head|vocabular|matrice de sortie", "operations|flop|op[ée]rations"), {"v": n(_VOCABULARY, least=256), "d": n(WIDTH, least=64)}, "2*{v}*{d}", unit="operations",
    ),
    Formula(
        "weights that a larger vocabulary adds", "transformer/tokenisation-langues-riches.md",
        ("2·(V2 − V1)·d?", "Swap the tokenizer for one with more entries: how many parameters does the model gain?",
         "How many weights does going from one vocabulary size to a larger one add, with separate input and output matrices?", "Growing the vocabulary: how many extra parameters?", "Combien de poids ajoute-t-on en passant d'un vocabulaire à un plus grand ?", "Porter le vocabulaire d'une taille à une autre, matrices séparées : paramètres ajoutés ?"),
        (_VOCABULARY, WEIGHTS, "add|more|extra|grow|going|from|plus|ajout|passer|passe|de plus|en plus|double"),
        {"a": n("from|de\\b|entries|entr[ée]es", least=256, below="b"), "b": n("to\\b|[àa]\\b|entries|entr[ée]es", least=256), "d": n(WIDTH, least=64), "_m": n("matri|tables?", "2")}, "2*({b}-{a})*{d}", unit="parameters",
    ),
    Formula(
        "tokens per word", "transformer/tokenisation-langues-riches.md",
        ("Fertility of this tokenizer: tokens over words?", "Combien de jetons par mot en moyenne ?",
         "How many tokens per word does a tokenizer make of this text?", "What is the fertility of my tokenizer on this text?", "Quelle est la fertilité du tokeniseur sur ce texte ?", "So many tokens for a text of so many words: tokens a word?"),
        ("words?|mots?", "tokens? per word|jetons? par mot|fertilit|average|moyenne"), {"t": n("tokens?|jetons?", least=5), "w": n("words?|mots?", least=5)}, "{t}/{w}",
    ),
    Formula(
        "words that a window holds", "transformer/tokenisation-langues-riches.md",
        ("So many tokens at so many tokens a word: how many words?",
         "Context divided by fertility: words?", "Nombre de mots qu'une fenêtre contient à cette fertilité ?",
         "How many words fit in a context window, given the tokens per word?", "Text of how many words fills this many tokens?", "Combien de mots tiennent dans une fenêtre de tant de jetons ?", "How long a text, in words, can the model take in at this fertility?"),
        ("words?|mots?", "tokens? at|jetons [àa]|window|context|fit|hold|fen[êe]tre|contexte|tien|entre|combien de mots|how many words"), {"w": n("window|context|fen[êe]tre|contexte|-token|of\\b|dans", least=64), "r": n(_PER_WORD)}, "{w}/{r}", unit="words", never=BY_WORDS + "|how many tokens|combien de (?:jetons|tokens)|tokens ?\\?|jetons ?\\?",
    ),
    Formula(
        "tokens that a text takes by its words", "transformer/tokenisation-langues-riches.md",
        ("words × fertility?", "Contract of so many words, tokens per word known: prompt length?", "Texte de tant de mots à telle fertilité : longueur en jetons ?",
         "How many tokens does a text of so many words take?", "Chunks of so many words at this fertility: how long are they in tokens?", "Combien de jetons fait un segment de tant de mots ?"),
        ("words?|mots?", "how many tokens|combien de (?:jetons|tokens)|tokens (?:will|does|do)|in tokens|en jetons"), {"w": n("words?|mots?|text", least=5), "r": n(_PER_WORD)}, "{w}*{r}", unit="tokens", never=BY_WORDS + "|how many words|combien de mots|words ?\\?|mots ?\\?|per second|a second|par seconde|a minute|per minute",
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
        ("Token counts of a translation and of its original: ratio?", "Surcoût en jetons d'une langue par rapport à l'anglais ?",
         "How many times more tokens does the same text take in one language than in another?", "The same paragraph in two languages: by what factor is one dearer in tokens?", "Combien de fois plus de jetons une langue demande-t-elle pour le même texte ?"),
        ("tokens?|jetons?", "times|factor|fois|ratio|facteur|dearer|more", "english|french|german|finnish|turkish|hungarian|language|anglais|fran[çc]ais|allemand|finnois|turc|hongrois|langue"),
        {"a": n("tokens?|jetons?|finnish|turkish|hungarian|german|french|finnois|turc", least=2), "b": n("english|anglais|tokens?|jetons?|in\\b|en\\b", least=2)}, "{a}/{b}", unit="times",
    ),
    Formula(
        "probability of the second of three tokens", "transformer/sampling.md",
        ("Three logits at a temperature: chance of the runner-up?",
         "With what probability is the second of three tokens with these logits drawn at a temperature?", "Three logits divided by a temperature: how likely is the middle one?", "Avec quelle probabilité tire-t-on le deuxième de trois jetons ?"),
        ("logits?", "probab|chance|likely|often|share|%", "second|middle|runner|deuxi"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "exp({b}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="two tokens|apart|gap|difference",
    ),
    Formula(
        "probability of the third of three tokens", "transformer/sampling.md",
        ("Three logits at a temperature: chance of the least likely?",
         "With what probability is the third of three tokens with these logits drawn at a temperature?", "Three logits divided by a temperature: how likely is the worst one?"),
        ("logits?", "probab|chance|likely|often|share|%", "third|last|worst|least|troisi|dernier"), {"_k": n("tokens|jetons|three|trois", "3"), "a": n(""), "b": n(""), "c": n(""), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "exp({c}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share", never="two tokens|apart|gap|difference",
    ),
    *(
        one
        for language, french, cues, small, large in _FERTILITIES
        for tokenizer, name, needs, rate in (("Mistral 7B's tokenizer", "Mistral 7B", _SMALL, small), ("Tekken", "Tekken", _LARGE, large))
        for one in (
            Formula(
                f"tokens of {language} words with {tokenizer}", "transformer/tokenisation-langues-riches.md",
                (f"How many tokens does {tokenizer} make of so many {language} words, by the measured fertility?", f"A text of so many words in {language}: tokens with {tokenizer}?", f"Combien de jetons pour un texte de tant de mots en {french} avec le tokeniseur {name} ?"),
                (cues, needs, "tokens|jetons"), {"_m": of("model", default="0"), "w": n("words?|mots?|text", least=5)}, f"{{w}}*{rate}", unit="tokens", needs=f"(?=.*(?:{cues}))(?=.*(?:{needs})).*(?:how many tokens|combien de (?:jetons|tokens)|in tokens|en jetons|tokens (?:will|does|do|should)|token count)", never=_OTHER.replace(cues, "(?!)") + "|how many words|combien de mots",
            ),
            Formula(
                f"{language} words that a window holds with {tokenizer}", "transformer/tokenisation-langues-riches.md",
                (f"How many {language} words fit in a context of so many tokens with {tokenizer}?", f"Combien de mots en {french} tiennent dans tant de jetons avec le tokeniseur {name} ?"),
                (cues, needs, "words|mots"), {"_m": of("model", default="0"), "t": n("tokens?|jetons?|window|context|fen[êe]tre|-token", least=64)}, f"{{t}}/{rate}", unit="words", needs=f"(?=.*(?:{cues}))(?=.*(?:{needs})).*(?:how many \\w* ?words|combien de mots|in words|en mots)", never=_OTHER.replace(cues, "(?!)"),
            ),
        )
    ),
    Formula(
        "probability of the first of two tokens", "transformer/sampling.md",
        ("With what probability is the first of two tokens with these logits drawn at a temperature?", "Two logits and a temperature: how likely is the first?", "Deux logits, une température : probabilité du premier ?"),
        ("logits?", "probab|chance|likely|often|share|%", "two|deux|both|and|et"), {"_k": n("tokens|jetons|two|deux", "2"), "a": n("logits?|first|and|et"), "b": n("logits?|second|and|et"), "t": n("temperature|temp[ée]rature|t =|t=", "1")},
        "1/(1+exp(-({a}-{b})/{t}))", "share", never="apart|gap|difference|differ|three|trois|second|weaker|lesser|penalt",
    ),
    Formula(
        "probability left to the first of three kept tokens", "transformer/sampling.md",
        ("Three tokens survive top-k or top-p with these probabilities: chance of the first after renormalising?", "Trois jetons gardés : probabilité du premier après renormalisation ?"),
        ("renormali|top-?[kp]|nucleus|kept|keeps?|gard|cut|surviv|left", "probab"), {"_k": n("top-?k|k =|tokens|three|jetons|trois", "3"), "a": share(""), "b": share(""), "c": share("")}, "{a}/({a}+{b}+{c})", "share", never="logits?|second|last|third",
    ),
    Formula(
        "chance that the tail is drawn at least once", "transformer/sampling.md",
        ("How likely is it that a text of so many tokens draws at least one token from the tail?", "Junk probability per step: chance that a long answer hits it somewhere?", "Quelle chance qu'un texte tire au moins une fois de la queue ?"),
        ("tail|junk|implausible|unlikely|bad token|queue", "at least|ever|somewhere|any|once|au moins", "probabilit|chance|likely|often|percent|%"), {"p": share("probabilit|chance|each|every|tail|mass|chaque"), "n": n("tokens?|steps?|draws?|jetons?|long")}, "1-(1-{p})**{n}", "share", needs="at least|ever\\b|somewhere|any\\b|au moins|once", never="never|stays|clean|without|jamais",
    ),
    Formula(
        "entropy of two probabilities", "transformer/sampling.md",
        ("What is the entropy in nats of a choice between two tokens with these probabilities?", "Entropie de deux jetons de ces probabilités ?"),
        ("entrop",), {"_k": n("tokens|two|deux", "2"), "a": share(""), "b": share("")}, "-({a}*log({a})+{b}*log({b}))", unit="nats", never="uniform|equal|bits|cross",
    ),
    Formula(
        "entropy of three probabilities", "transformer/sampling.md",
        ("What is the entropy in nats of a choice among three tokens with these probabilities?", "Entropie de trois jetons de ces probabilités ?"),
        ("entrop",), {"_k": n("tokens|three|trois", "3"), "a": share(""), "b": share(""), "c": share("")}, "-({a}*log({a})+{b}*log({b})+{c}*log({c}))", unit="nats", never="uniform|equal|bits|cross",
    ),
    Formula(
        "logit under a repetition penalty", "transformer/sampling.md",
        ("What becomes of a positive logit under a repetition penalty?", "A repeated token's score divided by the penalty factor?", "Que devient un logit positif avec une pénalité de répétition ?"),
        ("repetition|r[ée]p[ée]tition|repeat", "penalt|p[ée]nalit", "logit|score"), {"z": n("logit|score|of\\b|de\\b"), "p": n("penalt|p[ée]nalit|factor|facteur", "1.2")}, "{z}/{p}", needs="penalt|p[ée]nalit", never="negative|minus|n[ée]gatif|-\\d|moins",
    ),
    Formula(
        "negative logit under a repetition penalty", "transformer/sampling.md",
        ("What becomes of a negative logit under a repetition penalty?", "Que devient un logit négatif avec une pénalité de répétition ?"),
        ("repetition|r[ée]p[ée]tition|repeat", "penalt|p[ée]nalit", "logit|score"), {"z": n("logit|score|of\\b|de\\b|-|minus|moins"), "p": n("penalt|p[ée]nalit|factor|facteur", "1.2")}, "-{z}*{p}", needs="negative|minus|n[ée]gatif|-\\d|moins",
    ),
    Formula(
        "bytes that a larger vocabulary adds", "transformer/tokenisation-langues-riches.md",
        ("How many gigabytes does going from one vocabulary size to a larger one add in 16 bits?", "Bigger tokenizer, untied matrices: extra memory of the embeddings?", "Combien de Go ajoute un vocabulaire plus grand, matrices séparées ?"),
        (_VOCABULARY, "gb\\b|go\\b|mb\\b|mo\\b|gib|mib|memory|m[ée]moire|bytes|octets", "add|more|extra|grow|going|from|ajout|passer|passe|de plus|en plus"),
        {"a": n("from|de\\b|entries|entr[ée]es", least=256, below="b"), "b": n("to\\b|[àa]\\b|entries|entr[ée]es", least=256), "d": n(WIDTH, least=64), "_m": n("matri|tables?", "2"), "w": of("dtype", DTYPE, "2")}, "2*({b}-{a})*{d}*{w}", "bytes",
    ),
    *(
        Formula(
            f"tokens of a {language} translation with {tokenizer}", "transformer/tokenisation-langues-riches.md",
            (f"An English text of so many tokens is translated into {language}: how many tokens with {tokenizer}, by the measured ratio?", f"Texte anglais de tant de jetons traduit en {french} : combien de jetons avec le tokeniseur {name} ?"),
            (cues, "english|anglais", "tokens|jetons"), {"_m": of("model", default="0"), "t": n("tokens?|jetons?|english|anglais|-token", least=5)}, f"{{t}}*{many}/{one}", unit="tokens", needs=f"(?=.*(?:{cues}))(?=.*(?:{needs}))(?=.*(?:english|anglais)).*(?:translat|tradui|version|same)", never="\\bwords?\\b|\\bmots?\\b",
        )
        for language, french, cues, counts in _COUNTS
        for tokenizer, name, needs, many, one in (("Mistral 7B's tokenizer", "Mistral 7B", _SMALL, counts[0], 34), ("Tekken", "Tekken", _LARGE, counts[1], 33))
    ),
    Formula(
        "tokens of a translation by a ratio", "transformer/tokenisation-langues-riches.md",
        ("A language takes so many times the tokens of English: how many tokens does the translation of a text take?", "Ratio of tokens between two languages, English count known: count in the other?"),
        ("times|fois|ratio", "tokens?|jetons?", "translat|tradui|version|language|langue|english|anglais"), {"t": n("tokens?|jetons?|english|anglais|-token", least=5), "r": n("times|fois|ratio|factor|x\\b")}, "{t}*{r}", unit="tokens", needs="translat|tradui|version", never="\\bwords?\\b|\\bmots?\\b",
    ),
    Formula(
        "tokens of a text by its bytes", "transformer/tokenizers.md",
        ("How many tokens does a text of so many bytes take, at so many bytes per token?", "Corpus size over bytes per token: tokens?", "Combien de jetons pour un texte de tant d'octets ?"),
        ("bytes (?:per|a|each) token|octets par jeton|bytes/token", "how many|combien|tokens"), {"b": of("bytes", "text|corpus|file|document|texte|of\\b"), "r": of("bytes", "per token|a token|each|par jeton|average")}, "{b}/{r}", unit="tokens", needs="how many(?: \\w+)? tokens|combien de jetons|tokens (?:do|does|is|will)", never="cache|kv|loss|nats",
    ),
    Formula(
        "temperature at which the better of two tokens has a probability", "transformer/sampling.md",
        ("At which temperature does the better of two tokens come out so often, given the gap of their logits?", "Gap over the log-odds: temperature?", "À quelle température le meilleur de deux jetons sort-il avec cette probabilité ?"),
        ("(?:which|what|quelle) temp", "logits?|gap|apart|[ée]cart", "probab|chance|%|percent|time"), {"_k": n("tokens?|two|deux", "2"), "g": n("logits?|gap|apart|differ|higher|[ée]cart"), "p": share("probab|chance|%|percent|time")}, "{g}/log({p}/(1-{p}))", needs="(?:which|what|quelle) temp",
    ),
)  # fmt: skip
