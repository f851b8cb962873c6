"""Words that name the same quantity in many formulas, English and French."""

# ruff: noqa: E501 - a pattern is read as a whole

LAYERS = "layers?|couches?|blocks?|blocs?"
WIDTH = "d\\b|d_?model|model width|width|dimension|largeur|wide|large de"
HIDDEN = "hidden|cach[ée]e|d_?ff|ffn|inner|intermediate|interm[ée]diaire"
TOKENS = "tokens?|jetons?|positions?|words?|long|length|sequence|s[ée]quence|prompt|text"
PARAMETERS = "parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le|net\\b|network"
WEIGHTS = "weights?|parameters?|poids|param[èe]tres?"
CARDS = "gpus?|cards?|cartes?|accelerators?|acc[ée]l[ée]rateurs?|devices?|a100s?|h100s?|ranks"
PERCENT = "%|percent|pour cent|share|part\\b|fraction|proportion|pourcentage"
CHANCE = "probabilit|chance|often|percent|%|share|how likely|odds|pour cent|part|rate|taux|risque|fraction|proportion"
MEMORY = "memory|gb\\b|go\\b|mb\\b|mo\\b|gib\\b|gio\\b|mib\\b|mio\\b|kib\\b|bytes|m[ée]moire|octets|gigabytes|big|size|weigh|p[èe]se|room"
MONTHS = "months?|mois|monthly"
TIME = "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|minutes?|hours?|heures?|dure|temps|quick|fast"
STATES = "train|pre-?train|entra[îi]n|pr[ée]-?entra[îi]n|fine-?tun|affin|adam|optimi[sz]|gradient|zero\\b|zero-|fsdp|states?\\b|[ée]tats?\\b"
SERVING = "infer|inf[ée]r|serv(?:e|es|ed|ing|ir)\\b|hold (?:just |only )?(?:the |its )?weights"
BY_WORDS = "words? (?:per|a|each|for (?:a|one|each)|to (?:a|the|each)) token|words?/token|mots? (?:par|le|pour un) (?:jeton|token)"
