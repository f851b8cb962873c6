"""Formulas of the handbook's pages on overload and failure: queues, caches, breakers, limits, retries, objectives."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CHANCE

_RETRY = "retr|attempt|tr(?:y|ies)\\b|tentative|essai|r[ée]essa|reprise|again|backoff|back-off|relance"
_ATTEMPTS = "attempts?|tries|times|tentatives?|essais?|retries|retry|reprises?|fois|try"
_REQUESTS = "requests?|questions?|calls?|requ[êe]tes?|appels?"
_FAILS = "fail|[ée]chou|[ée]chec|panne|error|down|rat(?:e|er|[ée])|[ée]chouent"
_UP = "availab|disponib|up\\b|uptime|works?|reachable|reliab|answered|served|reply|get something|marche"
_WAIT = "wait|attente|attend|delay|sleep|total|d[ée]lai|most|pause"
_OBJECTIVE = "slo|objective|objectif|target|cible|goal|promis|%"

FORMULAS = (
    Formula(
        "time in a single queue", "systems/back-pressure.md",
        ("How long does a request stay on average in a queue of a server with this service rate and arrival rate?", "A single M/M/1 queue serves so many a second and gets so many: mean time in the system?", "Combien de temps une requête passe-t-elle en moyenne dans le système ?", "Service rate and arrival rate of an M/M/1 queue: mean response time?", "An endpoint handles so many requests a second and gets nearly as many: average time in the system?"),
        ("queue|arriv|system|attente|file|server|serveur|response|spends?|stay", "serv|handle|process|capacity|trait|capacit"),
        {"m": of("rate", "serv|handle|process|capacity|capable|trait|manage|can\\b|could"), "l": of("rate", "arriv|come|load|receiv|offer|get|charge")}, "1/({m}-{l})", "time",
    ),
    Formula(
        "bound of a queue", "systems/back-pressure.md",
        ("How long may the queue be so that nobody waits longer than the timeout?", "How many requests may wait in line, given slots, time per answer and patience?", "Combien de requêtes au plus dans la file pour que personne n'attende trop ?", "So many concurrent generations of some seconds, users tolerate a wait: maximum queue length?", "Workers, seconds per answer, callers hang up after a while: beyond what queue length should we refuse?", "Requests that run at once, seconds for each, seconds of queueing allowed: how deep may the queue get?"),
        ("queue|line|waiting|file|attente|wait", "deep|depth|refuse|beyond|bound|length|long|limit|place|how many|size|cap|taille|borne|admit|combien"),
        {"t": of("time", "hang up|give up|after|wait|patien|most|longest|more than|deadline|attend|willing|accept|queue"), "c": n("workers?|slots?|concurren|at once|parallel|in flight|simultan|servers?|places?"), "s": of("time", "each|takes?|lasts?|service|answer|call|dur|request|generation|per job|job")},
        "{t}*{c}/{s}", unit="requests",
    ),
    Formula(
        "wait behind those ahead in a queue", "systems/back-pressure.md",
        ("How long does a newcomer wait behind so many waiting requests, with some served at a time?", "People ahead of me, several served at once, so many seconds each: my waiting time?", "Combien de temps attend-on derrière tant de requêtes ?", "My place in the line and the number of slots: when is it my turn?"),
        ("ahead|behind|before me|in front|queue|line|waiting|devant|file|attente", "wait|how long|attend|combien de temps"),
        {"q": n("ahead|people|waiting|behind|before|queue|requests?|in front|devant|personnes?"), "c": n("slots?|at a time|at once|workers?|served|parallel|servers?|simultan"), "s": of("time", "each|takes?|lasts?|per|chacune?|answer")}, "{q}*{s}/{c}", "time", never="refuse|what queue|queue length|may (?:wait|queue)|bound|tolerate|hang up|nobody",
    ),
    Formula(
        "requests that a server completes each second", "systems/back-pressure.md",
        ("How many requests a second does a server complete that works on several at a time, each for some seconds?",
         "16 slots, 4 s an answer: throughput in requests per second?",
         "Combien de requêtes par seconde achève un serveur de tant de places ?"),
        ("per second|a second|each second|par seconde|throughput|d[ée]bit", "slots?|at a time|at once|workers?|parallel|simultan"), {"c": n("slots?|at a time|at once|workers?|requests?|parallel"), "s": of("time", "each|takes?|lasts?|per|chacune?|answer")}, "{c}/{s}", unit="requests", never="arriv|come in|comes? in|are open|at once if|in flight|stays?\\b|each second and|en cours",
    ),
    Formula(
        "mean time with a cache", "systems/cached-answer-fallback.md",
        ("What is the average response time when some answers come from the cache and the others are produced?", "A share of requests is served from memory in no time, the rest takes the model: mean latency?", "Quel temps de réponse moyen quand une part vient du cache ?"),
        ("average|mean|moyen|expected", "cache|storage|stor|hit|ready-made|memor|r[ée]serve"),
        {"h": share("cache|storage|hit|straight|answered|found|served|come|of (?:the )?(?:questions|requests)"), "a": of("time", "cache|storage|straight|hit|from|those|stored"), "b": of("time", "others?|miss|rest|produce|else|model|generat|autres?|otherwise|full")},
        "{h}*{a}+(1-{h})*{b}", "time",
    ),
    Formula(
        "hit rate that a mean time needs", "systems/cached-answer-fallback.md",
        ("Which hit rate of the cache brings the mean response time down to a target?", "How often must a question be found in the cache so that the average latency falls to so much?", "Quel taux de succès du cache faut-il pour ramener la moyenne à tant ?", "Target latency, time of a hit, time of a miss: what cache hit rate is necessary?"),
        ("hit rate|hit|cache|taux", "average|mean|moyen", "bring|down|need|must|what hit|which hit|reach|target|faut|quel taux"),
        {"b": of("time", "miss|model|rest|generat|full|without|from"), "a": of("time", "hit|cache"), "m": of("time", "average|mean|to\\b|target|moyenne|down to")}, "({b}-{m})/({b}-{a})", "share",
    ),
    Formula(
        "availability with a fallback", "systems/cached-answer-fallback.md",
        ("What availability do users see when a cache answers some of the questions while the model is down?", "The vendor is reachable most of the time and stored replies cover a part of the questions: who gets an answer?", "Quelle disponibilité avec un repli qui couvre une part des questions ?", "Le fournisseur tient 99 % du temps et pour un tiers des questions nous avons une réponse en réserve : disponibilité vue par l'utilisateur ?", "Uptime of the endpoint, share of questions for which an older answer could be shown: overall availability?"),
        (_UP, "cache|fallback|fall back|backup|secours|stale|repli|stored|saved|spare|old|r[ée]serve"),
        {"a": share("availab|disponib|model|provider|fournisseur|up\\b|works?|vendor|reachable|of the time|du temps"), "b": share("cache|fallback|backup|secours|stale|hit|cover|repli|stored|saves?|r[ée]serve|des questions|of the rest|of (?:the )?(?:questions|requests|failures)")}, "{a}+(1-{a})*{b}", "share", never="\\b(?:is|are|being) down (?!while)|fails?\\b|unreachable|offline",
    ),
    Formula(
        "calls in flight while they hang until a timeout", "systems/circuit-breakers.md",
        ("How many calls are in flight when each hangs until the timeout?", "A dead dependency gets so many calls a second, and each is stuck for so long: how many hang at once?", "Combien d'appels restent bloqués en même temps sur un service mort ?", "A dependency dies and we keep firing calls at it: how many are hanging?", "Requests to a broken API, each gives up after some seconds: how many sockets are tied up?", "Calls to a service that has stopped answering, with a timeout: how many are outstanding?"),
        ("stopped|silent|gives? up|broken|tied up|hang|stuck|time ?out|timing out|timeout|bloqu|wait|dead", "outstanding|tied up|sockets?|in flight|open|pile|at once|concurren|en cours|simultan|pending|stuck|same time"),
        {"r": of("rate", _REQUESTS), "t": of("time", "hang|time ?out|timeout|before|wait|bloqu|d[ée]lai|stuck|each")}, "{r}*{t}", unit="calls",
    ),
    Formula(
        "time until a breaker opens", "systems/circuit-breakers.md",
        ("How long does one sequential caller take to open the breaker when each failure waits for the timeout?", "So many failed calls open the breaker and each hangs so long: how much time goes by?", "Combien de temps avant que le disjoncteur s'ouvre ?", "Timeouts one after the other until the threshold: seconds before it trips?"),
        ("breaker|disjoncteur|circuit", "time|long|seconds?|temps|secondes?|minutes?", "fail|hang|timeout|[ée]chec|d[ée]lai|time out"), {"k": n("fail|calls?|[ée]checs?|appels?|opens?"), "t": of("time", "hang|timeout|each|wait|d[ée]lai|time out")}, "{k}*{t}", "time",
    ),
    Formula(
        "failures that open a breaker", "systems/circuit-breakers.md",
        ("Window 20, threshold 50%: failed calls before it opens?", "Combien d'échecs pour ouvrir le disjoncteur avec cette fenêtre et ce seuil ?",
         "How many failures open a breaker with this window and threshold?",), ("breaker|disjoncteur|circuit", "fail|[ée]chec", "threshold|seuil|%"), {"w": n("window|fen[êe]tre|calls?|of\\b"), "s": share("threshold|seuil|%")}, "ceil({w}*{s})", unit="failures", never="independent|probab|chance",
    ),
    Formula(
        "two failures of a window by chance", "systems/circuit-breakers.md",
        ("Calls fail 4% of the time; a window of 6 opens at two failures: false alarm probability?", "Deux échecs suffisent dans la fenêtre : quelle probabilité de fausse alerte ?",
         "How likely is it that at least two of the calls in the window fail by chance and the breaker opens?", "False alarm of a breaker: two or more independent failures in one window?"),
        ("breaker|disjoncteur|window|fen[êe]tre", CHANCE, "\\b(?:two|2|deux) (?:or more|failures|failed|[ée]checs|are|bad|of\\b)|(?:at least|au moins) (?:two|2|deux)\\b"),
        {"p": share("fail|independent|each|[ée]chou|time"), "_k": n("two|2|deux", "2"), "w": n("window|fen[êe]tre|calls?|out of|of\\b", least=3)}, "1-(1-{p})**{w}-{w}*{p}*(1-{p})**({w}-1)", "share",
    ),
    Formula(
        "three failures of a window by chance", "systems/circuit-breakers.md",
        ("Calls fail 4% of the time; a window of 10 opens at three failures: false alarm probability?", "Trois échecs suffisent dans la fenêtre : quelle probabilité de fausse alerte ?",
         "How likely is it that at least three of the calls in the window fail by chance and the breaker opens?", "False alarm of a breaker: three or more independent failures in one window?"),
        ("breaker|disjoncteur|window|fen[êe]tre", CHANCE, "\\b(?:three|3|trois) (?:or more|failures|failed|[ée]checs|are|bad|of\\b)|(?:at least|au moins) (?:three|3|trois)\\b"),
        {"p": share("fail|independent|each|[ée]chou|time"), "_k": n("three|3|trois", "3"), "w": n("window|fen[êe]tre|calls?|out of|of\\b", least=4)}, "1-(1-{p})**{w}-{w}*{p}*(1-{p})**({w}-1)-comb({w},2)*{p}**2*(1-{p})**({w}-2)", "share",
    ),
    Formula(
        "time that parallel callers take to open a breaker", "systems/circuit-breakers.md",
        ("10 failures needed, 4 callers at once, 15 s timeout: seconds until it opens?", "Plusieurs appelants en parallèle : au bout de combien de secondes le disjoncteur s'ouvre-t-il ?",
         "How long do concurrent callers take to open the breaker when each failure waits for the timeout?",),
        ("breaker|disjoncteur", "concurrent|parallel|at once|simultan"), {"k": n("fail|[ée]checs?"), "c": n("callers?|concurrent|parallel|clients?|workers?"), "t": of("time", "hang|timeout|each|wait|d[ée]lai")}, "ceil({k}/{c})*{t}", "time",
    ),
    Formula(
        "requests per minute under a token quota", "systems/rate-limits.md",
        ("How many requests per minute does a token quota allow?", "A tokens-per-minute limit and calls of so many tokens in and out: how many calls fit?", "Combien de requêtes par minute permet un quota de jetons ?", "Token limit per minute, size of prompts and of answers: requests per minute?"),
        ("quota|limit|tokens? (?:a|per) minute|tpm|allow|plafond|jetons par minute|rate", "requests?|calls?|requ[êe]tes?|appels?|how many|combien"),
        {"q": of("rate", "tokens?|quota|jetons?|tpm|limit", per=60), "i": n("reads?|prompt|input|tokens? in|sends?|envo|in\\b|lit|entr[ée]e|tokens?|each|per"), "o": n("writes?|output|answer|out\\b|receiv|gets?|back|re[çc]oi|[ée]crit|sortie|generat", "0")},
        "floor({q}/({i}+{o}))", unit="requests", never="(?s:^(?!.*(?:tokens?|jetons?)[^.?]{0,25}(?:minute|min\\b|hour|second|heure)|.*tpm|.*quota|.*limit))|bucket|burst",
    ),
    Formula(
        "requests that a token bucket lets through", "systems/rate-limits.md",
        ("How many requests does a token bucket let through, given its capacity and refill?", "Burst size plus steady refill: how many calls can pass in some time at most?", "Combien de requêtes un seau à jetons laisse-t-il passer ?", "A bucket refilled at a steady rate: how many requests at most in the first minute?"),
        ("bucket|seau|burst|rafale",), {"c": n("capacity|bucket|burst|holds?|size|capacit|seau|tokens?|rafale|full"), "r": of("rate", "refill|rate|per|fill|rempli|d[ée]bit"), "t": of("time", default="60")}, "{c}+{r}*{t}", unit="requests", never="(?s:^(?!.*\\b(?:\\d+ ?s\\b|seconds?|minutes?|secondes?|hour|heure)))|costs?\\b|until|how long",
    ),
    Formula(
        "wait for permits of a bucket", "systems/rate-limits.md",
        ("How long must a request wait for a bucket to refill, given the permits it holds and those it costs?", "The bucket is nearly empty: how many seconds until my expensive call may go?", "Combien de temps avant que le seau ait assez de permis ?", "Not enough permits yet: after how long can the call start?"),
        ("bucket|seau|permits?|permis", "cost|need|co[ûu]te", "wait|until|how long|seconds?|attend|avant"), {"l": n("holds?|left|has\\b|contains?|level|permits?|contient|reste"), "r": of("rate", "refill|rate|per|fill|rempli"), "c": n("costs?|needs?|request|co[ûu]te|takes?")}, "({c}-{l})/{r}", "time",
    ),
    Formula(
        "requests around the edge of a fixed window", "systems/rate-limits.md",
        ("Limit of 100 a minute by fixed windows: worst burst within seconds?", "Combien de requêtes passent autour du bord d'une fenêtre fixe ?",
         "How many requests can a fixed window let through around its edge?",), ("fixed window|window|counter", "edge|boundary|reset|two seconds|worst|border"), {"r": of("rate", "limit|requests?|calls?|per", per=60)}, "2*{r}", unit="requests",
    ),
    Formula(
        "share of a quota for each worker", "systems/rate-limits.md",
        ("What share of a quota does each worker get when it is split equally?", "A limit divided statically among processes: how much for one?", "Combien par processus si la limite est partagée également ?", "One account, several processes, a static split: requests a minute for one process?"),
        ("workers?|processes|replicas?|clients?|teams?|instances?|processus", "each|share|split|divid|equal|chacun|partag|r[ée]parti|even"),
        {"q": of("rate", "quota|limit|requests?|calls?|permits?", per=60), "w": n("workers?|processes|replicas?|clients?|teams?|instances?|processus")}, "{q}/{w}", unit="per minute",
    ),
    Formula(
        "calls of nested retries", "systems/reprise-sur-panne.md",
        ("How many calls can one request cause when several layers each retry?", "Stacked services that each try several times: calls at the bottom for one click?", "Combien d'appels au plus quand plusieurs couches font chacune plusieurs tentatives ?", "Retries at every tier: how much can one request be amplified?"),
        (_RETRY, "layers?|levels?|couches?|niveaux|nested|stack|each|chacun|[ée]tages?|empil"),
        {"a": n(_ATTEMPTS), "l": n("layers?|levels?|couches?|niveaux|deep|services?|[ée]tages?|stack")}, "{a}**{l}", unit="calls", never="fail|[ée]chou|probab",
    ),
    Formula(
        "longest wait of exponential backoff", "systems/reprise-sur-panne.md",
        ("What is the longest total wait of retries with exponential backoff that doubles?", "Waits that double after each failure: how long at most in all?", "Combien de temps attend-on au plus avec une attente doublée à chaque reprise ?", "Exponential backoff with this base and so many retries: total waiting time in the worst case?", "Attente totale d'un backoff exponentiel de base donnée ?"),
        (_RETRY + "|attente", "doubl|exponent|factor|facteur", _WAIT),
        {"b": of("time", "base|first|initial|start|premi|d[ée]part"), "n": n(_ATTEMPTS), "x": n("factor|facteur|multipl", "2")}, "{b}*({x}**{n}-1)/({x}-1)", "time", never="average|mean|moyenne|(?<!no )(?<!without )jitter|random|au hasard|al[ée]atoire|cap\\b|capped|plafonn",
    ),
    Formula(
        "mean wait of full jitter", "systems/reprise-sur-panne.md",
        ("What is the average total wait of retries with full jitter?", "Random waits up to doubling bounds: expected waiting time over all retries?", "Combien attend-on en moyenne en tout avec une attente tirée au hasard, doublée à chaque reprise ?", "Base, retries and full jitter: seconds of waiting on average?"),
        ("jitter|random|al[ée]atoire|uniform|hasard", "average|mean|expected|moyenne|esp[ée]r", _RETRY + "|attente|wait"),
        {"b": of("time", "base|first|initial|start|premi|d[ée]part"), "n": n(_ATTEMPTS)}, "{b}*(2**{n}-1)/2", "time", never="sans hasard|without (?:jitter|random)|no jitter|cap\\b|capped|plafond|ceiling|per second|a second|par seconde",
    ),
    Formula(
        "chance that every attempt fails", "systems/reprise-sur-panne.md",
        ("How likely is it that all attempts fail when each fails independently?", "Several tries, each may fail: chance of losing them all?", "Quelle est la probabilité que toutes les tentatives échouent, ou de rater plusieurs fois de suite ?", "Independent tries that each fail with some probability: share of complete failures?"),
        (_FAILS, CHANCE, _ATTEMPTS + "|in a row|all|de suite|toutes"),
        {"p": share("fail|[ée]chou|[ée]chec|panne|error|each|chaque|down|rat"), "n": n(_ATTEMPTS + "|providers?|calls?|de suite")}, "{p}**{n}", "share", never="(?s:retr(?:y|ies|ied)\\b.*attempts?)|(?s:attempts?.*retr(?:y|ies|ied)\\b)|breaker|window|load|charge",
    ),
    Formula(
        "attempts that retries make on average", "systems/formulas-cheat-sheet.pdf",
        ("By how much do retries of failing calls multiply the load?", "Calls fail with some probability and are tried again a few times: attempts per call?", "Par combien les reprises d'appels qui échouent multiplient-elles la charge ?", "Calls fail sometimes and we retry up to a few times: average number of attempts per call?", "p = 0.2, up to three retries: mean attempts?"),
        (_FAILS, _RETRY, "load|charge|attempts per|multipl|traffic|average|how many attempts"), {"p": share("fail|[ée]chou|probab|error|p =|p="), "r": n("retries|retry|again|up to|twice|times|more|reprises?|fois")}, "(1-{p}**({r}+1))/(1-{p})", unit="times", never="(?:\\d{2,}|million|thousand) (?:calls?|requests?|appels?|requ[êe]tes?)|one retry|a single retry",
    ),
    Formula(
        "load added by retries", "systems/reprise-sur-panne.md",
        ("By what factor do retries raise the load?", "Retry budget as a part of requests and a total outage: load on the backend?", "Par quel facteur un budget de reprises relève-t-il la charge en panne totale ?", "During a total outage clients may add a budget of retries on top of normal traffic: total load?"),
        (_RETRY, "load|traffic|charge|calls", "times|factor|more|fois|facteur|budget|cap"), {"p": share("retr|budget|r[ée]essa|of\\b|%|cap")}, "1+{p}", unit="times", never="fails?\\b|[ée]chou",
    ),
    Formula(
        "time of attempts that all run into the timeout", "systems/reprise-sur-panne.md",
        ("Three attempts, 60 s timeout each, all hang: worst wait?",
         "How long does a user wait at worst when every attempt runs into the timeout?", "Combien de temps attend l'utilisateur si chaque tentative va jusqu'au délai ?"),
        ("attempts?|tries|tentatives?|essais?", "timeout|time out|d[ée]lai|expire", "wait|attend|long|at worst|pire|au plus|blocked"), {"a": n("attempts?|tries|tentatives?|essais?"), "t": of("time", "timeout|time out|each|d[ée]lai|chacun")}, "{a}*{t}", "time",
    ),
    Formula(
        "downtime that an objective allows", "systems/slos.md",
        ("How many minutes of downtime does an availability objective allow over a period?", "How long may we be completely out over some weeks at this many nines?", "Combien de minutes de panne permet un objectif de disponibilité ?", "Minutes of complete outage that we may have in a window at this target?"),
        ("outage|down|unavailab|budget|indisponib|panne|offline|interrupt|error", "slo|%|percent|pour cent|objective|availab|objectif|target"),
        {"a": share("slo|objective|availab|over|target|objectif|disponib|%"), "t": of("time", "over|in\\b|window|period|days?|weeks?|month|sur\\b|en\\b|mois|jours", "2592000")}, "{t}*(1-{a})", "time", never="in series|en s[ée]rie|in a chain",
    ),
    Formula(
        "bad requests that an objective allows", "systems/slos.md",
        ("How many bad requests does an objective allow over a period?", "At this objective, how many of the month's calls may go wrong?", "Combien de requêtes ratées un objectif permet-il ?"),
        ("bad|fail|error|wrong|mauvais|[ée]chec|erreurs?|budget|rat[ée]", _OBJECTIVE + "|availab|disponib", _REQUESTS),
        {"a": share("slo|objective|target|objectif|good|goal|%"), "r": n(_REQUESTS + "|day|jour"), "d": n("days?|jours?|-day", "1")}, "{r}*{d}*(1-{a})", unit="requests", never="retr(?:y|ies|ied)\\b",
    ),
    Formula(
        "bad requests that an objective allows over days", "systems/slos.md",
        ("How many bad requests does an objective allow over so many days of so many requests a day?", "Daily calls, an objective and a window: how many calls may go wrong in all?", "Tant de requêtes par jour, un objectif et une période : combien peuvent échouer ?", "Requests a day, SLO and period: allowed failures?"),
        ("bad|fail|error|wrong|mauvais|[ée]chec|erreurs?|budget|rat[ée]", _OBJECTIVE + "|availab|disponib", _REQUESTS),
        {"a": share("slo|objective|target|objectif|good|goal|%"), "r": of("rate", _REQUESTS + "|day|jour"), "t": of("time", "over|days?|month|window|period|jours?|mois|sur\\b", "2592000")}, "{r}*{t}*(1-{a})", unit="requests",
    ),
    Formula(
        "bad requests within an error budget", "systems/slos.md",
        ("Error budget of 0.5% and 40,000 requests a day for a month: failures allowed?", "Combien de requêtes ratées le budget d'erreur permet-il sur la période ?",
         "How many bad requests does an error budget allow over a period?",),
        ("bad|fail|error|wrong|mauvais|[ée]chec|erreurs?|budget", "budget", _REQUESTS),
        {"e": share("errors?|bad|fail|erreurs?|budget|[ée]chec"), "r": n(_REQUESTS + "|day|jour"), "d": n("days?|jours?|-day", "1")}, "{r}*{d}*{e}", unit="requests",
    ),
    Formula(
        "error budget that a burn rate uses", "systems/slos.md",
        ("What share of the error budget does a burn rate use up in some hours?", "Burning several times faster than allowed for a while: how much of the month's budget is gone?", "Quelle part du budget d'erreur ce rythme consomme-t-il ?"),
        ("burn|consomm|br[ûu]l", "budget|share|part|percent|%|much"),
        {"b": n("burn|rate|consomm|vitesse|times"), "t": of("time", "for|hour|lasts?|during|over|pendant|dur"), "w": of("time", "window|objective|month|slo|period|-day|objectif|mois|jours|budget", "2592000")}, "{b}*{t}/{w}", "share",
    ),
    Formula(
        "burn rate that spends a share of the budget", "systems/slos.md",
        ("2% of a 30-day budget in one hour: burn rate?", "Quel taux de combustion consomme 5 % du budget en six heures ?",
         "Which burn rate spends a share of the monthly error budget in some hours?",),
        ("burn|br[ûu]l", "which|what|quel", "budget"), {"s": share("budget|spend|of\\b|consum|use"), "t": of("time", "in\\b|within|hours?|heures?|en\\b"), "w": of("time", "month|budget|window|period|-day|mois", "2592000")}, "{s}*{w}/{t}",
    ),
    Formula(
        "time until a burn rate has spent the budget", "systems/slos.md",
        ("Burn rate 5, 30-day window: days until nothing is left?", "Au bout de combien de jours le budget est-il épuisé à ce taux de combustion ?",
         "After how long is the error budget of a period spent at this burn rate?", "How many days does the monthly budget last when we burn it so many times too fast?"),
        ("burn|br[ûu]l", "last|spent|gone|run out|empty|exhaust|after how|how long|[ée]puis"), {"b": n("burn|rate|times|fois"), "w": of("time", "month|budget|window|period|-day|mois", "2592000")}, "{w}/{b}", "time", never="for \\w+ (?:hours?|minutes?)",
    ),
    Formula(
        "error rate at a burn rate", "systems/slos.md",
        ("Which error rate corresponds to a burn rate of this objective?", "How many percent of requests fail when we burn the budget so many times too fast?", "À quel taux d'erreur correspond ce rythme de consommation du budget ?"),
        ("burn|br[ûu]l|consomm", "error rate|errors?|failure|taux d'erreur|[ée]chec"), {"o": share("objective|slo|target|objectif|availab"), "b": n("burn|rate|times|fois")}, "(1-{o})*{b}", "share",
    ),
    Formula(
        "burn rate of an error rate", "systems/slos.md",
        ("What is the burn rate, given the observed error rate and the objective?", "So many percent of requests fail against this objective: how fast does the budget burn?", "Quel est le rythme de consommation du budget à ce taux d'erreur ?", "Error rate of so much against this objective: burn rate?", "During an incident so many percent of calls fail against this objective: at what burn rate are we?"),
        ("burn|br[ûu]l|consomm", "error|fail|erreur|[ée]chec", "objective|slo|target|objectif|cible"), {"e": share("error|fail|bad|observ|erreur|[ée]chec"), "o": share("objective|slo|target|objectif|cible|allow")}, "{e}/(1-{o})", never="error rate is that|which error rate|what error rate",
    ),
    Formula(
        "availability of services that are all needed", "systems/slos.md",
        ("What is the availability of a chain of services that are all needed?", "Dependencies in series with their availabilities: how often does a request succeed?", "Gateway, index and model must all work: what can the service promise?", "Disponibilité d'une chaîne de services tous nécessaires ?"),
        ("both|all|together|chain|series|each needed|depends?|ensemble|tous|toutes|whole|needs?|les deux|must|through", _UP + "|succe|promise"), {"a": share(""), "b": share("", many="*")}, "{a}*{b}", "share", never="fallback|cache|stored|backup|repli|either|independent copies|hit rate",
    ),
    Formula(
        "availability of several equal services that are all needed", "systems/formulas-cheat-sheet.pdf",
        ("What is the availability of several components in series that are each up so much of the time?", "So many parts, all necessary, the same availability each: availability of the whole?", "Disponibilité de plusieurs composants en série de même disponibilité ?"),
        ("series|all|chain|each|s[ée]rie|tous|chacun", _UP, "components?|services?|parts?|dependenc|composants?|systems?|pieces?"), {"a": share(_UP + "|each|chacun"), "n": n("components?|services?|parts?|dependenc|composants?|systems?|pieces?", least=2)}, "{a}**{n}", "share",
        never="redundan|copies|either|one is enough|any one|suffices?|l'un des|suffit|replicas",
    ),
    Formula(
        "share of calls that wait for a slow back end", "systems/formulas-cheat-sheet.pdf",
        ("What share of calls is slow that fan out to several back ends, each slow some of the time?", "A request waits for many servers at once: how often is at least one of them slow?", "Quelle part des appels est lente quand chacun attend plusieurs serveurs ?", "Several shards, each with a small chance of being slow: probability that the fan-out is slow?", "A page needs many microservices, each late some of the time: share of late pages?"),
        ("slow|late|lent|tail", "back ?ends?|shards?|servers?|services?|microservices?|fan|serveurs?|nodes?", CHANCE), {"n": n("back ?ends?|shards?|servers?|services?|microservices?|serveurs?|nodes?|n[œo]uds?", least=2), "p": share("slow|late|each|lent|of the time")}, "1-(1-{p})**{n}", "share",
    ),
    Formula(
        "standard error of graded answers", "systems/slos.md",
        ("250 graded answers, 88% right: standard error in points?", "Erreur type d'un échantillon de réponses notées ?",
         "What is the standard error of a weekly quality sample of graded answers?",), ("standard error|erreur[- ]type", "answers?|graded|sample|r[ée]ponses?"), {"p": share("right|judged|correct|good|juste|%|of"), "n": n("answers?|graded|questions?|samples?|r[ée]ponses?", least=2)}, "sqrt({p}*(1-{p})/{n})", "share",
    ),
    Formula(
        "length of the short window of an alert", "systems/slos.md",
        ("Long window of 3 hours: how many minutes has its short companion?", "Durée de la fenêtre courte associée à une fenêtre longue ?",
         "How long is the short window that is paired with a long one in burn-rate alerts?",), ("window|fen[êe]tre", "short|paired|court", "alert|long|burn"), {"t": of("time", "long|window|over|hours?")}, "{t}/12", "time", never="budget",
    ),
    Formula(
        "availability with a fallback for a provider that is down some of the time", "systems/cached-answer-fallback.md",
        ("Provider down 1% of the time, cache saves 40% of those requests: availability?", "Fournisseur en panne 2 % du temps, la moitié rattrapée par le cache : disponibilité ?",
         "What availability do users see when the model is down some of the time and a cache rescues a part of the questions then?", "Share of failures and share of them that stored replies cover: who gets an answer?"),
        ("down|fails?\\b|unreachable|offline|unavailab|outage|panne", "cache|fallback|fall back|backup|secours|stale|repli|stored|saved|rescue", _UP + "|availab|answer"),
        {"a": share("down|fail|unreachable|offline|unavailab|of the time"), "b": share("cache|fallback|backup|secours|stale|hit|cover|repli|stored|saves?|rescues?|of (?:the )?(?:questions|requests|failures|what)")}, "1-{a}*(1-{b})", "share",
    ),
)  # fmt: skip
