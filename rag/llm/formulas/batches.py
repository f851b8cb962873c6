"""Formulas of the handbook's pages on batches: static and continuous, prompts in chunks, guesses that are checked."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import TIME

_LENGTHS = "tokens?|answers?|lengths?|replies|jetons?|r[ée]ponses?|and|et|,"
_IDLE = "wast|(?<!not )idle|empty|lost|unused|perdue?s?|gaspill|vides?|inoccup|inutilis|doing no"
_CHUNKS = "chunks?|slices?|pieces?|parts?|passes|steps?|morceaux|tranches?|blocs?|[ée]tapes?"
_DECODING = (
    "decod|running|streams?|generating|already|others?|live|sequences?|d[ée]cod|flux|en cours|ride|users?"
)
_GUESSES = "guess|draft|propos|specul|sp[ée]cul|tokens?|ahead|brouillon|gamma|γ|jetons?|candidates?|k ="
_ACCEPTED = "accept|surviv|kept|keep|right|agree|holds?|correct|good|α|alpha|hit|success|gard|retenu|juste|approv|taken|pass"
_COST = "costs?|relative|fraction of|as long|draft (?:step|pass|model)|prix|co[ûu]t|c =|expens|of the (?:target|big|large)|of a (?:target|big|large)|takes"
_ROUND = "guess|draft|specul|sp[ée]cul|propos|brouillon"


def _static(count: int, word: str) -> tuple[Formula, ...]:
    """How much of its slots a static batch of ``count`` answers uses, how much it wastes."""
    slots = {chr(ord("a") + place): n(_LENGTHS, least=5) for place in range(count)}
    slots["n"] = n(
        "requests?|batch of|answers?|replies|lot de|requ[êe]tes?|slots?|customers|users|people|clients|callers",
        str(count),
    )
    lengths = ",".join(f"{{{name}}}" for name in slots if name != "n")
    useful = f"({lengths.replace(',', '+')})/({{n}}*max({lengths}))"
    about = (
        "batch|together|slots?|lot\\b|ensemble",
        "answers?|replies|lengths?|tokens?|long|r[ée]ponses?|jetons",
    )
    return (
        Formula(
            f"useful share of a static batch of {word} answers",
            "inference/continuous-batching.md",
            (
                f"What share of its slots does a static batch of {word} answers of different lengths use?",
                f"{word} requests start and end together, with answers of these lengths: how much of the slot time is useful?".capitalize(),
                f"Un lot statique de {count} réponses de longueurs différentes : quelle part des places a servi ?",
            ),
            (*about, "useful|utile|used|busy|share|percent|%|spent|servi|work"),
            slots,
            useful,
            "share",
            never=_IDLE,
        ),
        Formula(
            f"wasted share of a static batch of {word} answers",
            "inference/continuous-batching.md",
            (
                f"What share of its slots does a static batch of {word} answers of different lengths waste?",
                f"{word} requests wait for the longest of them: how much of the slot time is idle?".capitalize(),
            ),
            (*about, "share|percent|%|part\\b|fraction"),
            slots,
            f"1-{useful}",
            "share",
            needs=_IDLE,
        ),
    )


FORMULAS = (
    *(
        formula
        for count, word in enumerate(("three", "four", "five", "six", "seven", "eight"), start=3)
        for formula in _static(count, word)
    ),
    Formula(
        "wasted share of a static batch of random lengths", "inference/continuous-batching.md",
        ("What share of the slots of a static batch is wasted when the lengths of the answers are exponential at random?",
         "Exponential answer lengths, all wait for the longest: percentage of idle slots?",
         "Longueurs exponentielles, lot statique : quelle part des places est perdue ?"),
        ("exponential|random|exponentiel|hasard", "batch|lot", "share|percent|%|part\\b|fraction"),
        {"b": n("batch|answers?|requests?|sequences?|of\\b|lot|r[ée]ponses?")}, "1-1/(log({b})+0.577216+1/(2*{b})-1/(12*{b}**2))", "share", needs=_IDLE,
    ),
    Formula(
        "slot-steps that a static batch occupies", "inference/continuous-batching.md",
        ("How many slot-steps does a static batch occupy until its longest answer is done?",
         "Batch size times the longest output: slot-steps reserved?"),
        ("slot-?steps?|slot steps?", "longest|max|until|plus long"),
        {"b": n("batch|requests?|answers?|sequences?|slots?|of\\b"), "m": n("longest|max|until|tokens?|plus long")}, "{b}*{m}", unit="slot-steps", never="useful|wast|idle|%|percent|share",
    ),
    Formula(
        "cached positions that chunks read again", "inference/chunked-prefill.md",
        ("How many cached positions do the chunks of a prompt read back in total, each those of all earlier ones?",
         "Every slice attends to all slices before it: sum of the cached tokens that are reread?",
         "12 chunks of 400 tokens, chunk i reads the cache of the i - 1 before: total positions read?",
         "Price of chunking: number of earlier tokens loaded again over the whole prompt?",
         "Une invite lue en 8 tranches de 500 jetons : combien de positions du cache relues en tout ?"),
        ("cache|already|earlier|previous|before|d[ée]j[àa]|pr[ée]c[ée]dent", "read|re-?read|load|lues?|relues?|relit|attend|fetch", _CHUNKS, "how many|combien|total|sum|in all|en tout"),
        {"k": n(_CHUNKS), "c": n("tokens?|jetons?|positions?|each|of\\b|de\\b", least=8)}, "{c}*{k}*({k}-1)/2", unit="positions", needs="cache|already|earlier|previous|d[ée]j[àa]|pr[ée]c[ée]dent", never="agent|prefix|tool|conversation",
    ),
    Formula(
        "cached positions that a prompt's chunks read again", "inference/chunked-prefill.md",
        ("Invite de 6 000 jetons lue par morceaux de 500 : positions du cache relues ?",
         "How many cached positions does a prompt of so many tokens read back in chunks of this size?",
         "A prompt is cut into chunks of a few hundred tokens; each chunk rereads the ones before: positions in all?"),
        ("cache|already|earlier|previous|d[ée]j[àa]|pr[ée]c[ée]dent", "read|re-?read|load|lues?|relues?|relit|attend", "chunks? of|slices? of|budget|pieces? of|tranches? de|morceaux de"),
        {"t": n("prompt|invite|-token|tokens?|jetons?|long", least=128), "c": n("chunks? of|slices? of|budget|pieces? of|tranches? de|morceaux de|size", below="t", least=32)}, "{c}*ceil({t}/{c})*(ceil({t}/{c})-1)/2", unit="positions", needs="re-?read|read back|read again|relu|relit|load", never="agent|prefix|conversation",
    ),
    Formula(
        "prompt tokens of the last chunk", "inference/chunked-prefill.md",
        ("How many prompt tokens are left for the last step of a chunked prefill?",
         "How full is the final chunk of a long prompt, given the budget and the decoding sequences?",
         "Combien de jetons d'invite porte la dernière étape ?"),
        ("last|final|derni[èe]re?", "step|chunk|pass|slice|[ée]tape|tranche|morceau", "tokens?|jetons?|full"),
        {"t": n("prompt|invite|-token|tokens?|long", least=64), "b": n("budget|per step|step|chunks? of|limit|cap", below="t", least=16), "d": n(_DECODING, "0")}, "{t}-(ceil({t}/({b}-{d}))-1)*({b}-{d})", unit="tokens", needs="(?s:.*(?:last|final|derni))", never="agent|turn",
    ),
    Formula(
        "delay of the first token by chunking", "inference/chunked-prefill.md",
        ("By what percentage does chunked prefill delay the first token, when decode tokens ride along in each step?",
         "How much later does the new user's first token come with a token budget than in one pass?"),
        ("delay|later|longer|slower|retard", "chunk|budget", "%|percent|share|how much|pour cent"),
        {"t": n("prompt|-token|tokens?|long", least=64), "b": n("budget|per step|step|limit|cap", below="t", least=16), "d": n(_DECODING)}, "ceil({t}/({b}-{d}))*{d}/{t}", "share", needs="(?s:.*(?:delay|later|longer|slower|retard))",
    ),
    Formula(
        "time of a step of Mistral 7B that holds a prompt and decoding sequences", "inference/chunked-prefill.md",
        ("How long does the step of Mistral 7B take that contains a whole prompt beside the decoding sequences?",
         "Without chunking a long prompt joins running streams on Mistral 7B: how long do they pause at least?",
         "Pause of all streams while a prompt is processed in one pass with Mistral 7B?"),
        ("step|pause|stall|freez|hang|wait|pass\\b", "ms\\b|long|time|seconds?", _DECODING),
        {"model": of("model"), "t": n("prompt|-token|tokens?", least=64), "d": n(_DECODING), "f": of("flops", "peak|at\\b|tflops"), "u": share("peak|utili[sz]|mfu|efficien|reach|sustain", "1")}, "2*6.98e9*({t}+{d})/({f}*{u})", "time", never="mixtral|llama|budget|chunk of|chunks of",
    ),
    Formula(
        "time to the first token of Mistral 7B in chunks", "inference/chunked-prefill.md",
        ("After how many milliseconds is the first token available when the prompt is read in chunks beside decoding sequences on Mistral 7B?",
         "Budget per step, decoding streams, long prompt, Mistral 7B: time to the new user's first token?"),
        ("first token|premier jeton|ttft", "budget|chunk|per step", TIME),
        {"model": of("model"), "t": n("prompt|-token|tokens?", least=64), "b": n("budget|per step|step|limit|cap", below="t", least=16), "d": n(_DECODING, "0"), "f": of("flops", "peak|at\\b|tflops"), "u": share("peak|utili[sz]|mfu|efficien|reach|sustain", "1")}, "2*6.98e9*({t}+ceil({t}/({b}-{d}))*{d})/({f}*{u})", "time", never="mixtral|llama",
    ),
    Formula(
        "target passes that an answer takes with guesses", "inference/speculative-decoding.md",
        ("How many passes of the target model does an answer take with speculative decoding?",
         "A reply of 300 tokens, four guesses per round, 80% accepted: how many forward passes of the big model?",
         "Combien de passes du grand modèle pour une réponse avec décodage spéculatif ?"),
        (_ROUND, "passes|rounds|forward|verif|tours|runs", "answer|reply|tokens?|r[ée]ponse|text"),
        {"n": n("answer|reply|r[ée]ponse|text|output|long|words?", least=20), "p": share(_ACCEPTED), "k": n(_GUESSES)}, "{n}*(1-{p})/(1-{p}**({k}+1))", unit="passes", needs="how many (?:\\w+ ){0,3}(?:passes|rounds|runs|calls)|combien de (?:passes|tours)|number of",
    ),
    Formula(
        "speed-up of speculative decoding from the times of a step", "inference/speculative-decoding.md",
        ("What speed-up does speculative decoding give when a draft step takes some ms and a target pass more?",
         "Draft model 2 ms a token, target 30 ms a pass, five guesses, 70% kept: how many times faster?",
         "Un pas du brouillon dure 3 ms, une passe du grand modèle 40 ms : quelle accélération ?"),
        (_ROUND, "speed-?up|faster|times|acc[ée]l[ée]r|gain|factor|fois|plus vite"),
        {"p": share(_ACCEPTED), "k": n(_GUESSES), "d": of("time", "draft|small|guess|propos|brouillon|petit", below="t"), "t": of("time", "target|large|big|verif|pass|main|grand|cible")}, "(1-{p}**({k}+1))/(1-{p})/({k}*{d}/{t}+1)", unit="times",
    ),
    Formula(
        "tokens per second of speculative decoding", "inference/speculative-decoding.md",
        ("Combien de jetons par seconde avec ce brouillon et ces durées ?",
         "How many tokens per second does speculative decoding produce, given the times of draft and target?",
         "Each round costs a few draft steps and one target pass in ms: tokens a second at this acceptance?"),
        (_ROUND, "tokens? (?:per|a) second|tokens/s|jetons? par seconde|throughput|speed"),
        {"p": share(_ACCEPTED), "k": n(_GUESSES), "d": of("time", "draft|small|guess|propos|brouillon|petit", below="t"), "t": of("time", "target|large|big|verif|pass|main|grand|cible")}, "(1-{p}**({k}+1))/(1-{p})/({k}*{d}+{t})", unit="tokens/s", needs="tokens? (?:per|a) second|tokens/s|jetons? par seconde|throughput",
    ),
    Formula(
        "chance that all guesses are kept", "inference/speculative-decoding.md",
        ("How likely is it that all the drafted tokens of a round are accepted?",
         "Every one of five guesses survives the check: with what probability?",
         "Quelle probabilité que toutes les propositions d'un tour soient gardées ?"),
        (_ROUND, "all|every|none (?:is )?reject|toutes|tous|whole", _ACCEPTED),
        {"p": share(_ACCEPTED + "|chance|each|probab"), "k": n(_GUESSES)}, "{p}**{k}", "share", needs="(?:all|every one|none|the whole|toutes|tous)\\b", never="tokens per|speed|faster|considered|how many",
    ),
    Formula(
        "sequences that a verification pass can hold below the ridge", "inference/speculative-decoding.md",
        ("How many sequences can be verified together before a pass exceeds the balance point of the card?",
         "With so many guesses per sequence, from what batch size is the spare arithmetic used up?"),
        (_ROUND, "balance|ridge|spare|compute-bound|free", "sequences?|batch|streams?|users?"),
        {"k": n(_GUESSES), "r": n("balance|ridge|about|positions|flop|point", least=20)}, "floor({r}/({k}+1))", unit="sequences", needs="balance|ridge|spare|compute-bound",
    ),
    Formula(
        "chance that a guess is rejected, for two distributions over three tokens", "inference/speculative-decoding.md",
        ("How likely is a drafted token to be rejected, given the draft's and the target's distributions over three tokens?",
         "Total variation distance between draft and target over three tokens?"),
        ("draft|propos|q =|brouillon", "reject|refus|rejet|discard|variation", "target|p =|cible"),
        {name: n("\\.\\d") for name in "abcxyz"}, "1-(min({a},{x})+min({b},{y})+min({c},{z}))", needs="reject|refus|rejet|discard|variation|thrown",
    ),
)  # fmt: skip
