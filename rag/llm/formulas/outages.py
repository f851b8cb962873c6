"""Further formulas of the handbook's pages on failure: retries of many kinds, breakers, budgets of errors, fallbacks."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import TIME

_MOST_RETRIES = 10
_MOST_FAILURES = 6
_RETRIES = "retries|attempts?|tries|waits?|pauses?|times|reprises|tentatives|attentes|essais"
_CAP = "cap\\b|capped|ceiling|max(?:imum)?|at most|plafonn|plafond|limit|never more"
_BASE = "base|first|initial|start|premi|de base|from|begin"
_OBJECTIVE = "objective|slo|target|availability|objectif|disponib|promise|of (?:the )?requests|success"
_NOTHING = "nothing|unanswered|no answer|get an error|still fails?|fail|down|unavailab|error|sans r[ée]ponse|rien|[ée]chou|aucune r[ée]ponse|indisponib|lost|turned away"
_LAYERS = "tries|attempts|tentatives|essais|times|fois|layers?|couches?"
# An expression is short and has no sum: so many terms, each counted where it exists; beyond them log(0) has no value.
_CAPPED = "+".join(f"min({{c}},{{b}}*{2**i})*min(1,max(0,{{n}}-{i}))" for i in range(_MOST_RETRIES)) + (
    f"+0*log({_MOST_RETRIES + 1}-{{n}})"
)
_FEWER = "+".join(
    f"comb({{w}},{i})*{{p}}**{i}*(1-{{p}})**({{w}}-{i})*min(1,max(0,ceil({{w}}*{{s}})-{i}))"
    for i in range(_MOST_FAILURES)
) + (f"+0*log({_MOST_FAILURES + 1}-ceil({{w}}*{{s}}))")

FORMULAS = (
    Formula(
        "longest sum of waits that double up to a cap", "systems/reprise-sur-panne.md",
        ("How long do the waits of so many retries last together at most when they double from a base up to a cap?",
         "Exponential backoff from 1 s, never more than 8 s, six retries: total wait in the worst case?",
         "Base, plafond et nombre de reprises : attente cumulée au plus ?",
         "Backoff capped at some seconds: sum of the upper bounds?"),
        (_CAP, "retr|backoff|wait|attente|reprise|tentative|jitter|doubl", TIME + "|total|sum|cumul|worst|at most|au plus"),
        {"b": of("time", _BASE, below="c"), "c": of("time", _CAP), "n": n(_RETRIES)}, _CAPPED, "time", needs=f"(?s:.*(?:{_CAP}))", never="mean|average|moyen|expected|on average",
    ),
    Formula(
        "mean sum of waits that double up to a cap", "systems/reprise-sur-panne.md",
        ("How long do the waits of so many retries last together on average with full jitter, a base and a cap?",
         "Full jitter, base 1 s, cap 10 s, six retries: mean total wait?",
         "Full jitter avec base et plafond : attente moyenne cumulée sur toutes les reprises ?",
         "Random waits between zero and a doubling bound that is capped: expected sum?"),
        (_CAP, "retr|backoff|wait|attente|reprise|tentative|jitter", "mean|average|moyen|expected"),
        {"b": of("time", _BASE, below="c"), "c": of("time", _CAP), "n": n(_RETRIES)}, f"({_CAPPED})/2", "time", needs="(?s:.*(?:mean|average|moyen|expected))",
    ),
    Formula(
        "calls of layers that each try several times", "systems/reprise-sur-panne.md",
        ("How many calls reach the model at most when several layers each make some attempts of their own?",
         "Browser tries 3 times, gateway 4, SDK 2, everything fails: calls for one click?",
         "Le navigateur, le serveur et le client font chacun plusieurs tentatives : combien d'appels au pire ?",
         "Attempts per layer multiplied: worst number of model calls?",
         "One request, nested retry loops with different numbers of tries: how many calls go out?"),
        ("tries|attempts|tentatives|essais|times|fois", "layers?|gateway|browser|sdk|proxy|client|server|couches?|navigateur|serveur|passerelle|app\\b|worker|queue", "calls?|requests?|appels?|requ[êe]tes?"),
        {"x": n(_LAYERS + "|gateway|browser|sdk|proxy|client|server|navigateur|serveur|passerelle|app|worker|queue", many="*")}, "{x}", unit="calls", needs="(?s:.*(?:tries|attempts|tentatives|essais)\\b)", never="retries|reprises|more times|extra|each of \\d|%|percent|probab|seconds?|\\d ?m?s\\b",
    ),
    Formula(
        "calls of three layers that each retry", "systems/reprise-sur-panne.md",
        ("How many calls reach the model at most when three layers each make some retries beside their first attempt?",
         "Three layers retry 2, 1 and 3 times after a failure: worst number of calls?"),
        ("retries|retry|reprises", "layers?|gateway|browser|sdk|proxy|client|server|couches?|navigateur|serveur", "calls?|requests?|appels?"),
        {name: n("retries|retry|reprises|times|fois|gateway|browser|sdk|proxy|client|server|layers?|couches?") for name in "abc"}, "({a}+1)*({b}+1)*({c}+1)", unit="calls", needs="(?s:.*(?:retries|retry|reprises))", never="attempts in all|tries|tentatives|%|percent|probab",
    ),
    Formula(
        "chance that some attempt succeeds", "systems/reprise-sur-panne.md",
        ("How likely is it that a call succeeds within so many attempts, when each fails with some probability?",
         "Each try fails 10% of the time, independently; three tries: success rate?",
         "Quelle probabilité qu'au moins une tentative réussisse ?"),
        ("attempts?|tries|retr|tentatives?|essais|reprises?", "succe|works?|goes through|r[ée]uss|answered|availab", "fail|[ée]chou|error"), {"p": share("fail|[ée]chou|error|each|down|probab"), "n": n("attempts?|tries|tentatives?|essais|in all|calls?|times")}, "1-{p}**{n}", "share", needs="(?s:.*(?:succe|goes through|go through|works?\\b|r[ée]uss|answered|at least one))", never="retries|reprises|attack|filter|all fail|every attempt fails|none",
    ),
    Formula(
        "attempts that a success rate needs", "systems/reprise-sur-panne.md",
        ("How many attempts does it take so that a call fails for good no more often than a given share?",
         "Each try fails 5% of the time; we want 99.99% of calls to succeed in the end: tries needed?",
         "Combien de tentatives pour atteindre ce taux de réussite ?"),
        ("attempts?|tries|retr|tentatives?|essais", "how many|combien|needed|fewest", "succe|fail|[ée]chou|r[ée]uss"), {"p": share("fails?|[ée]chou|error|each|try|call"), "t": share("want|succe|target|in the end|reach|least|overall|r[ée]uss|need|get")}, "ceil(log(1-{t})/log({p})-0.000001)", unit="attempts", needs="(?:how many|combien de) (?:\\w+ )?(?:attempts|tries|tentatives|essais)", never="attack|load|on average|amplif|filter",
    ),
    Formula(
        "time until a breaker opens, told by window and threshold", "systems/circuit-breakers.md",
        ("How long does it take until a breaker with this window and threshold opens when every call runs into its timeout?",
         "Window of 30 successes, threshold 40%, 8 s timeout, four callers in parallel, backend dead: seconds until the circuit opens?",
         "Fenêtre, seuil, délai d'attente, un seul appelant : au bout de combien de temps le disjoncteur s'ouvre-t-il ?",
         "Sequential caller, each failure waits for the timeout, breaker needs half of its window: when does it trip?"),
        ("breaker|circuit|disjoncteur", "open|trip|ouvr|detect|d[ée]tect", "timeout|time ?out|second|\\ds\\b|d[ée]lai|wait", "window|fen[êe]tre"),
        {"w": n("window|fen[êe]tre|calls?|last|successes|appels"), "s": share("threshold|seuil|failures?|of (?:them|the)|half|%"), "t": of("time", "timeout|time ?out|d[ée]lai|each|wait"), "c": n("callers?|parallel|concurren|workers?|at once|at a time|side by side|appelants|sequential", "1", below="w")}, "ceil(ceil({w}*{s})/{c})*{t}", "time",
    ),
    Formula(
        "time until a breaker opens at a rate of calls", "systems/circuit-breakers.md",
        ("Window of 20 at 50%, four failing calls a second: seconds until it opens?",
         "How long does it take until a breaker with this window and threshold opens when so many calls a second fail at once?",
         "Failures are immediate and arrive at a steady rate: seconds until half of the window has failed?"),
        ("breaker|circuit|disjoncteur", "open|trip|ouvr|detect", "per second|a second|par seconde|each second|minute|hour|day"),
        {"w": n("window|fen[êe]tre|last|successes"), "s": share("threshold|seuil|failures?|of (?:them|the)|half|%"), "r": of("rate")}, "ceil({w}*{s})/{r}", "time", never="timeout|time ?out|in flight|chance|probab",
    ),
    Formula(
        "failures of a window by chance, told by a threshold", "systems/circuit-breakers.md",
        ("How likely is it that ordinary failures open a breaker with this window and threshold by chance?",
         "Calls fail independently some of the time; window of 10, threshold 50%: probability that a given window trips it?",
         "Taux d'échec ordinaire, fenêtre et seuil : quelle probabilité que le disjoncteur s'ouvre pour rien ?"),
        ("window|fen[êe]tre", "threshold|seuil", "chance|probab|likely|often|false|share|%"),
        {"p": share("fail|error|ordinary|each|independent|[ée]chou|calls?"), "s": share("threshold|seuil|trip|open"), "w": n("window|fen[êe]tre|calls?|last|of\\b")}, f"1-({_FEWER})", "share", needs="(?s:.*(?:threshold|seuil))", never="timeout|two failures|three failures|at least (?:two|three|\\d)",
    ),
    Formula(
        "failures of so many calls by chance, told as a part of them", "systems/circuit-breakers.md",
        ("How likely is it that ordinary failures open a breaker by chance that trips on so many failures out of so many calls?",
         "The breaker opens at three failures out of five; calls fail independently some of the time: probability of a false alarm?",
         "Le disjoncteur s'ouvre à trois échecs sur cinq : quelle probabilité que ce soit par hasard ?"),
        ("breaker|circuit|disjoncteur|trip", "out of|sur\\b|of the last", "chance|probab|likely|often|false|share|%|luck|hasard"),
        {"p": share("fail independently|error|ordinary|each|independent|[ée]chou|calls?"), "s": share("out of|sur\\b|trips?|opens?|of the last|three|two|four")}, f"1-({_FEWER.replace('{w}', '{s_whole}')})", "share", needs="(?s:.*(?:out of|sur|of the last) (?:the last )?(?:\\d|three|four|five|six|eight|ten|cinq|quatre|dix))", never="timeout|second",
    ),
    Formula(
        "requests that get nothing in spite of a fallback", "systems/cached-answer-fallback.md",
        ("What share of requests gets no answer at all when the provider is up some of the time and a fallback saves a part of the rest?",
         "Model available 99% of the time, cached answers for 30% of questions: percentage that still fails?",
         "Fournisseur disponible 99 % du temps, réponse en cache pour un tiers : quelle part reste sans réponse ?",
         "Failures that remain after the cache has helped?"),
        ("up\\b|availab|works?|disponib|uptime|marche", "cache|fallback|old answer|stale|secours|backup|save", _NOTHING),
        {"a": share("up\\b|availab|works?|disponib|uptime|marche|provider|fournisseur|model"), "b": share("cache|fallback|old answer|stale|secours|backup|saves?|questions?|exists?")}, "(1-{a})*(1-{b})", "share", needs=f"(?s:.*(?:{_NOTHING}))",
    ),
    Formula(
        "coverage that a fallback needs", "systems/cached-answer-fallback.md",
        ("For what share of questions must a cached answer exist so that availability reaches a target?",
         "Provider at 99.5%, promise 99.8%: what part of the failures must the fallback absorb?",
         "Quelle part des questions doit être en cache pour atteindre cette disponibilité ?"),
        ("must|needs?|required|reach|target|promise|faut|doit|atteindre", "cache|fallback|secours|absorb|stale|backup", "availab|disponib|up\\b|provider|fournisseur|promise"),
        {"t": share("target|promise|reach|want|objective|atteindre|total|overall"), "a": share("provider|up\\b|model|fournisseur|alone|own", below="t")}, "({t}-{a})/(1-{a})", "share", needs="(?s:.*(?:must|needs?\\b|needed|required|faut|doit|reach|atteindre))",
    ),
    Formula(
        "how many times faster a cache makes the mean", "systems/cached-answer-fallback.md",
        ("How many times faster is the mean response with a cache of this hit rate?",
         "Hit time, miss time, hit rate: speed-up of the average?"),
        ("hit|cache", "times faster|speed-?up|factor|ratio|fois plus"), {"h": share("hit|cache|of (?:the )?(?:requests|questions)"), "a": of("time", "hit|cached|cache", below="b"), "b": of("time", "miss|without|model|full|otherwise|generat")}, "{b}/({h}*{a}+(1-{h})*{b})", unit="times", needs="(?s:.*(?:faster|speed-?up|factor|ratio|fois plus))",
    ),
    Formula(
        "calls that a cache leaves to the model", "systems/cached-answer-fallback.md",
        ("How many questions still reach the model when a cache answers a share of them?",
         "Questions a day and hit rate: calls that are left?",
         "Combien de questions vont encore au modèle ?"),
        ("hit|cache", "how many|combien", "left|still|reach|miss|remain|encore|restent|vont"), {"q": n("questions?|requests?|calls?|queries|day|requ[êe]tes?", least=5), "h": share("hit|cache|answers?|repeat")}, "{q}*(1-{h})", unit="calls", needs="(?s:.*(?:hit|cache))", never="token|chunk|prefix|kv|milliseconds|ms\\b",
    ),
    Formula(
        "time until an error rate has spent the budget", "systems/slos.md",
        ("In how many days is the error budget of an objective gone if errors go on at this rate?",
         "Objective 99.5% over 30 days and 2% of requests fail since this morning: when is the budget spent?",
         "Au bout de combien de jours le budget d'erreur est-il épuisé à ce taux d'échec ?",
         "SLO, period and present failure rate: time to exhaustion of the budget?",
         "A constant failure rate above the objective: how long does the month's budget last?"),
        ("budget|objective|slo|objectif|allow", "fail|error|[ée]chou|bad|erreur|wrong", "how long|days?|hours?|jours?|heures?|when|combien", "gone|spent|exhaust|last|burn|empty|[ée]puis|run out|used up|over|eaten"),
        {"a": share(_OBJECTIVE), "t": of("time", "over|period|month|window|rolling|sur\\b|mois|-day", "2592000"), "e": share("fail|error|[ée]chou|bad|erreur|now|since|morning|at a rate", below="a")}, "{t}*(1-{a})/{e}", "time", needs="(?s:.*(?:gone|spent|exhaust|lasts?\\b|burn|empty|[ée]puis|runs? out|used up|eaten))",
    ),
    Formula(
        "share of the budget that an outage uses", "systems/slos.md",
        ("What share of the error budget does an outage of so many minutes use up?",
         "Objective over 30 days, half an hour of total failure: percentage of the budget gone?",
         "Quelle part du budget d'erreur une panne de tant de minutes consomme-t-elle ?"),
        ("budget|objective|slo|objectif", "outage|incident|down|failure|panne|broken|arr[êe]t", "share|percent|%|fraction|part\\b|how much"),
        {"a": share(_OBJECTIVE), "d": of("time", "outage|incident|down|failure|panne|broken|lasted|minutes|arr[êe]t", below="t"), "t": of("time", "over|period|month|window|rolling|sur\\b|mois|-day", "2592000")}, "{d}/({t}*(1-{a}))", "share", bounds=(0.0, 1e3), needs="(?s:.*(?:outage|incident|down|failure|panne|broken|arr[êe]t))",
    ),
    Formula(
        "share of the budget that bad requests use", "systems/slos.md",
        ("What share of the error budget do so many bad requests use up of all requests of the period?",
         "Requests in the month, objective, failures so far: percentage of the budget spent?",
         "Quelle part du budget d'erreur ces requêtes ratées consomment-elles ?"),
        ("budget", "bad|fail|error|wrong|rat[ée]|[ée]chou", "share|percent|%|fraction|part\\b|how much"),
        {"a": share(_OBJECTIVE), "e": n("bad|fail|errors?|failures?|wrong|rat[ée]|[ée]chou", below="r"), "r": n("requests?|in all|million|month|total|requ[êe]tes?", least=100)}, "{e}/({r}*(1-{a}))", "share", bounds=(0.0, 1e3), needs="(?s:.*budget)", never="per day|a day|par jour|burn rate",
    ),
    Formula(
        "share of the budget that an error rate uses in a time", "systems/slos.md",
        ("What share of the error budget is used when so many percent of requests fail for some hours?",
         "Objective over a month, 5% errors during six hours: percentage of the budget burnt?",
         "Quelle part du budget brûle-t-on avec ce taux d'erreur pendant tant d'heures ?"),
        ("budget", "fail|error|[ée]chou|bad|erreur", "for\\b|during|hours?|minutes?|pendant", "share|percent|%|fraction|part\\b|how much"),
        {"a": share(_OBJECTIVE), "e": share("fail|error|[ée]chou|bad|erreur", below="a"), "d": of("time", "for\\b|during|pendant|hours?|minutes?|lasted", below="t"), "t": of("time", "over|period|month|window|rolling|sur\\b|mois|-day", "2592000")}, "{e}/(1-{a})*{d}/{t}", "share", bounds=(0.0, 1e3),
    ),
    Formula(
        "error budget that is left", "systems/slos.md",
        ("How many minutes of the error budget are left after an outage?",
         "Objective over a month, minutes already down: what downtime remains?",
         "Combien de minutes de budget d'erreur reste-t-il ?"),
        ("left|remain|reste|still", "budget|downtime|objective|slo|objectif|indisponib", "minutes?|hours?|time|heures?"),
        {"a": share(_OBJECTIVE), "d": of("time", "outage|incident|down|already|used|spent|so far|panne|d[ée]j[àa]|lost", below="t"), "t": of("time", "over|period|month|window|rolling|sur\\b|mois|-day", "2592000")}, "{t}*(1-{a})-{d}", "time", needs="(?s:.*(?:left|remain|reste|still))", never="burn rate",
    ),
    Formula(
        "availability after an outage", "systems/slos.md",
        ("What availability is left for the period after an outage of so long, everything else being perfect?",
         "One outage of some hours in a 30-day month: uptime in percent?",
         "Une panne de tant d'heures dans le mois : quelle disponibilité ?"),
        ("outage|down\\b|panne|broken|incident|unavailab", "availab|uptime|disponib|ratio|%|percent"),
        {"d": of("time", "outage|down|panne|broken|incident|lasted|unavailab", below="t"), "t": of("time", "over|period|month|window|in a|year|sur\\b|mois|-day|week|otherwise", "2592000")}, "1-{d}/{t}", "share", never="budget|objective|slo\\b|hit|cache|breaker|retr|%",
    ),
    Formula(
        "copies that an availability needs", "systems/formulas-cheat-sheet.pdf",
        ("How many independent replicas, any one of which suffices, does an availability need?",
         "Each copy is up 99% of the time; we want 99.999%: how many?",
         "Combien de copies indépendantes pour cette disponibilité ?"),
        ("replicas?|copies|servers?|zones?|instances?|r[ée]pliques?", "how many|combien|fewest", "availab|up\\b|disponib|uptime|work"), {"a": share("each|one\\b|single|copy|alone|up\\b|chacune?", below="t"), "t": share("want|need|target|reach|least|overall|total|together|atteindre|at least")}, "ceil(log(1-{t})/log(1-{a})-0.000001)", unit="replicas", needs="(?s:.*(?:availab|up\\b|disponib|uptime))", never="load|utili|rate|per second|in series|all needed",
    ),
    Formula(
        "share of slow back ends that a share of slow calls allows", "systems/formulas-cheat-sheet.pdf",
        ("How often may each of several back ends be slow so that no more than a share of fanned-out calls is slow?",
         "Call fans out to 20 services, at most 5% of calls may be slow: allowed share per service?"),
        ("fan|back ?ends?|services?|shards?|servers?", "slow|late|lente?s?", "may|allow|at most|must|budget|each"), {"x": share("at most|calls?|overall|total|whole|may|must"), "n": n("back ?ends?|services?|shards?|servers?|fans?|to\\b")}, "1-(1-{x})**(1/{n})", "share", needs="(?s:.*(?:may each|each may|each be|allowed|must each|budget|for each))",
    ),
    Formula(
        "downtime of copies when all have to fail", "systems/formulas-cheat-sheet.pdf",
        ("Deux fournisseurs, chacun en panne 2 % du temps : quelle part du temps tous deux sont-ils en panne ?",
         "How often are all of several independent replicas down at the same time?",
         "Two zones, each unavailable 1% of the time: probability that both are down?"),
        ("both|all\\b|every|same time|together|simultan", "down|fail|unavailab|indisponib|panne", "replicas?|copies|zones?|regions?|servers?|providers?|machines?"), {"p": share("down|fail|unavailab|indisponib|panne|each|of the time"), "n": n("replicas?|copies|zones?|regions?|servers?|providers?|machines?|both")}, "{p}**{n}", "share", needs="(?s:.*(?:both|all (?:of them )?(?:are )?(?:down|fail)|at the same time|at once|simultan))", never="up \\d|available \\d|uptime|\\d+(?:\\.\\d+)? ?% (?:up|available)",
    ),
)  # fmt: skip
