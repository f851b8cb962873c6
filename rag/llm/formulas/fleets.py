"""Formulas of the handbook's pages on running a service: capacity, starts, scaling, telemetry, budgets, data."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CHANCE, MEMORY, MONTHS, PARAMETERS, PERCENT

_TIME = "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|minutes?|hours?|heures?|dure|temps|how fast|when|until"
_GROWS = "grow|climb|rise|increas|cro[îi]|augment|mont"
_REQUESTS = "requests?|questions?|calls?|queries|requ[êe]tes?|appels?|arriv|visits?|visitors?|users"
_REPLICAS = (
    "replicas?|r[ée]pliques?|machines?|gpus?|cards?|cartes?|servers?|serveurs?|instances?|pods?|fleet|nodes?"
)
_USERS = "users?|people|employees|utilisateurs?|salari[ée]s?|clients?|staff|persons?|personnes?"
_EACH = "questions?|requests?|each|times|queries|requ[êe]tes?|chacun"
_START = "start|boot|ready|arriv|takes?|needs?|d[ée]marr|delay|serv|machine|replica|warm"
_FULL = "how full|may we run|at what|utili[sz]ation|capacity|headroom|capacit|charge|busy|loaded"
_LEFT, _GPU_HOURS = (
    "left|remain|rest\\b|reste|restent|room|budget|over for",
    "gpu-?hours|hours of gpu|heures[- ]gpu",
)
_SAMPLED = "sampl|traced?|keep|kept|[ée]chantillon|gard|trace"
_SECOND = "per second|a second|each second|second|par seconde"
_CHUNKS = "chunks?|passages?|fragments?|pieces?"

FORMULAS = (
    Formula(
        "replicas for a load", "systems/capacity-planning.md",
        ("How many replicas are needed for a rate of requests with these input and output tokens at a target utilisation?", "Peak traffic, tokens in and out, measured speeds for prefill and decode: how many machines, spare included?", "Combien de répliques pour ce trafic à ce taux d'occupation ?"),
        (_REPLICAS, "how many|combien|need|number"),
        {"r": of("rate", "calls?|requests?|questions?|peak|requ[êe]tes?|appels?|pic|pointe"), "i": n("in\\b|prompt|input|read|invite|entr[ée]e|lus?"), "o": n("out\\b|output|answer|written|sortie|produi|generat|r[ée]ponse"),
         "p": of("rate", "prefill|prompts?|input|tokens?|invite|lecture|reading"), "d": of("rate", "output|decode|generation|writing|d[ée]cod|sortie|g[ée]n[ée]ration|out\\b"), "u": share("busy|utili[sz]|aim|target|load|occup|charge|cible", "1"),
         "x": n("extra|spare|more|failure|secours|suppl[ée]ment|réserve", "0")},
        "ceil(({r}*{i}/{p}+{r}*{o}/{d})/{u})+{x}", unit="replicas",
    ),
    Formula(
        "replicas for GPU-seconds of work per second", "systems/capacity-planning.md",
        ("How many replicas do so many GPU-seconds per second need at a target utilisation, with a spare?",
         "Demand is 4.8 GPU-seconds per second, we allow 65% utilisation and keep one spare: replicas?",
         "Tant de secondes de GPU par seconde, taux d'occupation visé, une réplique de secours : combien en tout ?"),
        (_REPLICAS + "|gpu work", "how many|combien|need", "busy|utili[sz]|target|loaded|occup|cible|%"),
        {"d": of("rate", "gpu-seconds|work|demand|load|secondes"), "u": share("busy|utili[sz]|aim|target|load|occup|charge|cible|allow"), "x": n("spare|extra|more|failure|secours|r[ée]serve", "0")}, "ceil({d}/{u})+{x}", unit="replicas", needs="(?s:.*(?:gpu-seconds|gpu seconds|secondes (?:de )?gpu|replicas of work))", never="grow|climb|rise",
    ),
    Formula(
        "replicas for an amount of work", "systems/capacity-planning.md",
        ("How many replicas does so much GPU work per second need at a target utilisation?", "Each second of traffic demands so many seconds of GPU: how many machines if they should be only partly busy?", "Combien de répliques pour tant de secondes de GPU par seconde ?", "GPU-seconds of work per second and a utilisation target: fleet size?"),
        (_REPLICAS + "|gpu work", "how many|combien|need", "busy|utili[sz]|target|loaded|occup|cible|%"),
        {"d": of("time", "work|demand|gpu|load|need|takes?|asks?|travail|secondes?"), "u": share("busy|utili[sz]|aim|target|load|occup|charge|cible"), "x": n("spare|extra|more|failure|secours|r[ée]serve", "0")}, "ceil({d}/{u})+{x}", unit="replicas", never="grow|climb|rise",
    ),
    Formula(
        "utilisation of replicas", "systems/capacity-planning.md",
        ("5.3 GPU-seconds of work a second over 8 replicas: utilisation?", "Quel taux d'occupation pour cette charge répartie sur les répliques ?",
         "What is the utilisation of the replicas under this load?", "Work demanded each second spread over the machines: how busy are they?"),
        (_REPLICAS, "utili[sz]ation|busy|loaded|load factor|charge|occup"),
        {"d": n("demand|load|need|work|requires?|gpu-seconds|takes|demande"), "r": n(_REPLICAS + "|run|have|with")}, "{d}/{r}", "share", never="lose|lost|losing|dies?\\b|fails?|crash|perd|tombe",
    ),
    Formula(
        "load of the others when one replica is lost", "systems/capacity-planning.md",
        ("How busy are the other replicas when one of them is lost?", "Several machines run at this utilisation and one dies: load on those that are left?", "Quel taux d'occupation pour les autres répliques quand l'une tombe ?", "Servers at this utilisation: what does utilisation become if one goes down?", "Replicas at this utilisation each; one goes: new utilisation?"),
        (_REPLICAS, "one goes|goes (?:down|away)|lose|lost|losing|dies?\\b|fails?|crash|down|gone|drops? out|perd|tombe|panne", "busy|utili[sz]ation|load|others?|charge|occup|rest\\b"),
        {"n": n(_REPLICAS, least=2), "u": share("utili[sz]|busy|at\\b|load|run|occup|charge|%"), "_k": n("one|une?\\b|dies|fails|lost", "1")}, "{u}*{n}/({n}-1)", "share",
    ),
    Formula(
        "load factor of the others when one replica is lost", "systems/capacity-planning.md",
        ("One of five replicas dies: by how much does the load of the rest grow?", "Une réplique sur quatre tombe : par combien la charge des autres est-elle multipliée ?",
         "By what factor does the load of the others grow when one replica is lost?",), (_REPLICAS, "lose|lost|losing|dies?\\b|fails?|crash|perd|tombe", "factor|times|multipl|facteur|fois"), {"n": n(_REPLICAS, least=2), "_k": n("one|une?\\b|dies|fails|lost", "1")}, "{n}/({n}-1)",
    ),
    Formula(
        "requests in flight on each replica", "systems/capacity-planning.md",
        ("96 open requests over 6 replicas: how many on each?", "Combien de requêtes en cours par réplique ?",
         "How many requests are in flight on each replica?", "Concurrent requests shared evenly by the machines: how many on one?"),
        ("in flight|concurren|en cours|simultan|at once|open", "each|per replica|every|chaque|chacun|par r[ée]plique"), {"q": n("in flight|concurren|requests?|en cours|simultan|requ[êe]tes?"), "r": n(_REPLICAS)}, "{q}/{r}", unit="requests",
    ),
    Formula(
        "growth over months", "systems/capacity-planning.md",
        ("By what factor does traffic that grows each month increase over several months?", "Demand rises by so much a month: multiple of today's after some months?", "Par combien le trafic est-il multiplié après plusieurs mois de croissance ?", "Demand grows by so many percent per month and hardware takes months to arrive: growth factor to plan for?", "Monthly growth of so many percent: by what factor will we have grown in a year?"),
        (_GROWS, "factor|times|by how much|multipl|facteur|fois", MONTHS + "|year|ans?\\b|ann[ée]e"), {"g": share("month|mois|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "months?|mois|after|in\\b|over|apr[èe]s|en\\b")}, "(1+{g})**({t}/2592000)",
    ),
    Formula(
        "GPU-hours of replicas over a period", "systems/capacity-planning.md",
        ("How many GPU-hours do replicas use over a period?", "A fleet left on for a month: how many hours of GPU are billed?", "Combien d'heures-GPU pour cette flotte sur un mois ?", "Machines times hours of the month: billed GPU time?"),
        (_GPU_HOURS + "|hours? (?:billed|on the bill)",), {"a": n(_REPLICAS), "t": of("time")}, "{a}*{t}/3600", unit="GPU-hours",
    ),
    Formula(
        "tokens per second of a rate of requests", "systems/capacity-planning.md",
        ("15 requests a second, 2,000 prompt tokens each: prompt tokens per second?", "Combien de jetons par seconde pour ce débit de requêtes ?",
         "How many tokens per second is a rate of requests with so many tokens each?",),
        ("tokens? (?:per|a) second|tokens/s|jetons par seconde|jetons/s", _REQUESTS), {"r": of("rate", _REQUESTS), "t": n("tokens?|jetons?|prompt|each|of\\b")}, "{r}*{t}", unit="tokens/s",
    ),
    Formula(
        "GPU-seconds of work that arrive each second", "systems/capacity-planning.md",
        ("12 requests a second of 2,500 tokens, a replica reads 9,000 a second: GPU-seconds per second?", "Combien de secondes de GPU par seconde de trafic ?",
         "How many GPU-seconds of prefill or decode work arrive each second, given the tokens of requests and a replica's speed?",),
        ("gpu-seconds|work|load|demand|busy|secondes", "per second|each second|arriv|par seconde"), {"r": of("rate", _REQUESTS), "t": n("tokens?|jetons?|prompt"), "c": of("rate", "tokens?|jetons?|replica|speed|prefill")}, "{r}*{t}/{c}",
    ),
    Formula(
        "mean that rare long prompts make", "systems/capacity-planning.md",
        ("5% of requests carry 20,000 tokens: what do they add to the mean?", "Combien de jetons de la moyenne viennent des rares invites très longues ?",
         "How many tokens of the average prompt come from the few very long requests alone?",), ("average|mean|moyenne", "tokens?|jetons?", "long|large|rare|one (?:request )?in|sur"), {"p": share("requests?|one|in\\b|sur|carr"), "t": n("tokens?|jetons?", least=100)}, "{p}*{t}", unit="tokens",
    ),
    Formula(
        "availability of redundant copies, of which one is enough", "systems/formulas-cheat-sheet.pdf",
        ("What is the availability of redundant copies when any one of them is enough?", "Independent replicas that each fail sometimes: how often is at least one of them up?", "Disponibilité de copies indépendantes dont une suffit ?"),
        ("redundan|copies|either|one is enough|any one|suffices?|replicas?|one of them|l'un des|suffit|independent|pair\\b|zones?", "availab|disponib|up\\b|uptime|works?"),
        {"a": share("availab|each|up\\b|disponib|chac|of the time"), "n": n("copies|replicas?|servers?|zones?|regions?|machines?|independent|exemplaires|nodes?", least=2)}, "1-(1-{a})**{n}", "share", never="utili[sz]ation|busy|load|\\bdown|fails?\\b|unavailab|indisponib|en panne",
    ),
    Formula(
        "time to load weights or an image", "systems/cold-start.md",
        ("How long does it take at least to bring so many gigabytes of weights or image over a link?", "Download time of a checkpoint at this bandwidth?", "Combien de secondes au moins pour charger tant de Go à ce débit ?", "A container image over a saturated network link: seconds?"),
        (_TIME, "load|download|come|pull|fetch|transfer|move|charg|t[ée]l[ée]charg|copy|image|weights|link|disk|store"), {"b": of("bytes"), "bw": of("bandwidth"), "_r": of("rate", "gbit", "0")}, "{b}/{bw}", "time", never="step|token|decod|generat|cache|[ée]tape|jeton",
    ),
    Formula(
        "requests that meet a cold start", "systems/cold-start.md",
        ("What share of requests meets a cold server that sleeps after idle minutes, when they arrive at random?", "Scale to zero after some quiet time: how many visitors have to wake the machine?", "Quelle part des requêtes réveille un serveur endormi ?", "Poisson traffic of a few requests an hour and an idle timeout: percentage of cold requests?"),
        ("cold|froid|wake|sleep|idle|r[ée]veil|scale.to.zero|inactif|veille|quiet|stopp", CHANCE),
        {"r": of("rate", _REQUESTS), "t": of("time", "idle|sleep|after|inactiv|veille|timeout|apr[èe]s|without|quiet|nothing")}, "exp(-{r}*{t})", "share",
    ),
    Formula(
        "stages of a start one after the other", "systems/cold-start.md",
        ("Boot 90 s, weights 30 s: seconds until ready?", "Combien de secondes pour deux étapes de démarrage successives ?",
         "How long is a cold start whose stages of booting, pulling, loading and warming up follow one another?", "Node, image, weights, initialisation: when is the replica ready?"),
        ("start|boot|ready|serves?|cold|warm|d[ée]marr|pr[êe]t", "total|in all|how long|until|before|altogether|combien de temps|en tout"), {"a": of("time"), "b": of("time", many="+")}, "{a}+{b}", "time", never=PERCENT,
    ),
    Formula(
        "share of a start that one stage takes", "systems/cold-start.md",
        ("What share of a cold start do the weights take among its stages?", "Which part of the total start-up time goes to loading?", "Quelle part du démarrage à froid va aux poids ?", "Of all the seconds until readiness, how much is the loading of weights, in percent?"),
        ("start|boot|cold|d[ée]marr|ready", PERCENT, "weights?|load|image|poids"), {"w": of("time", "weights?|poids|load"), "a": of("time", "node|image|machine|init|warm|n[œo]ud", many="+")}, "{w}/({w}+{a})", "share",
    ),
    Formula(
        "cost of machines over a time", "systems/cold-start.md",
        ("What does it cost to keep GPUs running for a day or a month at a price per hour?", "A card left on day and night: what is the bill?", "Combien coûte une carte allumée en permanence ?", "Hourly price of a GPU that runs round the clock: what does a month come to?"),
        ("cost|co[ûu]t|price|prix|bill|pay|spend|how much|combien|facture|euros", _REPLICAS), {"w": of("wage"), "t": of("time"), "g": n(_REPLICAS, "1")}, "{w}*{t}*{g}", "money",
    ),
    Formula(
        "bandwidth of PCIe 4.0", "systems/cold-start.md",
        ("PCIe 4.0 x8: GB/s at most?", "Quelle bande passante pour PCIe 4.0 à tant de voies ?",
         "What is the peak bandwidth of PCIe 4.0 with so many lanes?", "16 GT/s per lane with 128/130 encoding: how many GB/s?"), ("pcie|pci express", "lanes?|voies"), {"_g": n("4\\.0|pcie", "4"), "l": n("lanes?|voies|x\\b")}, "16*{l}*128/130/8", unit="GB/s", never="gt/s",
    ),
    Formula(
        "replicas that the HPA asks for", "systems/gpu-autoscaling.md",
        ("How many replicas does the autoscaler ask for, given the current load per replica and the target?", "Pods now, running requests on each and the goal: what will Kubernetes want?", "Combien de répliques l'autoscaler demande-t-il ?", "Replicas, mean queue, target: what does the HPA want?"),
        ("replicas?|pods?|r[ée]plique|hpa|autoscal", "target|goal|cible|aim|objectif"),
        {"r": n("replicas?|pods?|r[ée]plique|currently"), "c": n("average|running|measured|observed|current|actual|moyenne|mesur|queue|each"), "t": n("target|goal|cible|aim|objectif")}, "ceil({r}*{c}/{t})", unit="replicas",
    ),
    Formula(
        "growth over a delay", "systems/gpu-autoscaling.md",
        ("Load grows 10% each step for four steps: factor?", "Par combien la charge est-elle multipliée après ce délai ?",
         "By what factor does traffic grow at a steady rate over a delay?",),
        (_GROWS, "minute|month|mois|week|hour|day|jour", "when|after|later|by then|times|factor|much|facteur|apr[èe]s|fois|bout"),
        {"g": share("minute|month|grow|climb|rise|mois|par|increas|cro|augment|per|a\\b|each"), "t": n("minutes?|months?|mois|weeks?|days?|hours?|jours?")}, "(1+{g})**{t}",
    ),
    Formula(
        "growth over a delay in minutes", "systems/gpu-autoscaling.md",
        ("8% more load every minute, 5 minutes to start: growth factor meanwhile?", "La charge monte chaque minute pendant le démarrage : facteur ?",
         "By which factor has the load grown by the time a machine is ready?", "Load climbs each minute while a replica boots: how much larger is it then?"),
        (_GROWS, "factor|times|by how much|when|facteur|fois|multipl", "minute"), {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "start|boot|ready|takes?|d[ée]marr|delay|serv|later|after")}, "(1+{g})**({t}/60)",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine starts", "systems/gpu-autoscaling.md",
        ("How full may the servers run so that load can grow while a new machine starts?",), (_GROWS, _FULL), {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": n("minutes?|start|boot|ready|takes?|d[ée]marr|delay", None)}, "1/(1+{g})**{t}", "share", never="die|lost|lose",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine boots", "systems/gpu-autoscaling.md",
        ("How full may the servers run so that load can grow while a new machine boots?", "Highest utilisation that absorbs growth until the next replica serves, without a queue?", "À quel taux d'occupation au plus peut-on tourner si la charge croît pendant le démarrage ?", "Traffic increases every minute and a pod needs minutes to come up: maximum safe utilisation?"),
        (_GROWS, _FULL), {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", _START)}, "1/(1+{g})**({t}/60)", "share", never="die|lost|lose",
    ),
    Formula(
        "backlog while a machine starts", "systems/gpu-autoscaling.md",
        ("How many requests accumulate while a new machine starts?", "Demand exceeds capacity by so many a second for some minutes: how long does the queue grow?", "Combien de requêtes s'accumulent pendant le démarrage ?", "Demand outruns us by so many requests per second for some minutes: how many pile up?"),
        ("pile up|backlog|accumul|pile|queue|waiting|attente|file|build|entass", "outrun|beyond|excess|exceed|above|more|over|missing|exc[èe]s|surplus|short|too many|d[ée]pass|deficit"),
        {"r": of("rate", "beyond|excess|exceed|above|more|over|exc[èe]s|surplus|short|too many|requests?"), "t": of("time", "start|boot|ready|arriv|minutes?|d[ée]marr|takes?|until|for\\b|during|pendant")}, "{r}*{t}", unit="requests", never="spare|afterwards|then have|drain|gone",
    ),
    Formula(
        "time to drain a backlog", "systems/gpu-autoscaling.md",
        ("How long does it take to drain a queue of waiting requests with some spare capacity?", "En combien de temps vide-t-on une file avec cette capacité de reste ?", "A queue of waiting requests and some spare throughput: seconds to clear?"),
        ("drain|clear|catch up|empty|absorb|work (?:it|them)? ?off|vider|r[ée]sorb|[ée]couler|[ée]puis|gone|disappear", _TIME), {"q": n("queue|backlog|waiting|requests?|attente|requ[êe]tes?|accumul", least=2), "r": of("rate", "spare|extra|excess|more|surplus|free|beyond|de plus")}, "{q}/{r}", "time", never="bucket|permits?|cost",
    ),
    Formula(
        "time to drain what an excess piled up", "systems/gpu-autoscaling.md",
        ("How long does it take to drain the backlog that an excess of requests built up over some minutes, with spare capacity afterwards?", "More arrived than we could take for a while, now there is some slack: when is the queue gone?", "En combien de temps résorbe-t-on la file accumulée pendant un pic ?"),
        ("drain|clear|catch up|empty|absorb|gone|r[ée]sorb|vider|backlog|queue|disappear", _TIME, "spare|slack|extra|afterwards|then|free|marge|reste"),
        {"r": of("rate", "beyond|excess|exceed|above|more|over|too many|surplus|than"), "t": of("time", "for\\b|during|minutes?|pendant"), "s": of("rate", "spare|slack|extra|free|afterwards|marge|reste")}, "{r}*{t}/{s}", "time",
    ),
    Formula(
        "GPU-hours of two phases of a day", "systems/gpu-autoscaling.md",
        ("How many GPU-hours are two phases of the day with different numbers of GPUs?",
         "14 GPUs for 8 hours and 5 for the remaining 16: GPU-hours a day?",
         "Douze GPU le jour, quatre la nuit : combien d'heures-GPU par jour ?",
         "Day shift with many cards, night shift with few: GPU-hours consumed?"), (_GPU_HOURS,), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?|then|for the (?:rest|remaining|other)|otherwise|at night|and|la nuit|puis"), "k": of("time")}, "({a}*{h}+{b}*{k})/3600", unit="GPU-hours", never=PERCENT,
    ),
    Formula(
        "GPU-hours of three phases of a day", "systems/gpu-autoscaling.md",
        ("How many GPU-hours are three phases of the day with different numbers of GPUs?",
         "Peak, shoulder and night with so many cards each: GPU-hours in a day?",
         "Trois tranches de la journée avec des nombres de GPU différents : combien d'heures-GPU ?"), (_GPU_HOURS,), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?|and"), "k": of("time"), "c": n("gpus?|cards?|replicas?|and"), "m": of("time")}, "({a}*{h}+{b}*{k}+{c}*{m})/3600", unit="GPU-hours", never=PERCENT,
    ),
    Formula(
        "share that scaling to three phases of a day saves", "systems/gpu-autoscaling.md",
        ("What share of GPU-hours does scaling over three phases of the day save against a fixed fleet of the largest size?", "Many GPUs at the peak, fewer in between, few at night: how much cheaper than always the maximum?", "Quelle part économise-t-on en adaptant le nombre de GPU aux trois phases du jour ?"),
        ("gpus?|cards?|replicas?|cartes?|machines?", PERCENT, "sav|cheaper|[ée]conomi|less"), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?|and"), "k": of("time"), "c": n("gpus?|cards?|replicas?|and"), "m": of("time")},
        "1-({a}*{h}+{b}*{k}+{c}*{m})/(max({a},{b},{c})*({h}+{k}+{m}))", "share",
    ),
    Formula(
        "bytes of text logged in a day", "systems/observability.md",
        ("How many bytes of text are logged in a day?", "All prompts and answers stored: volume per day?", "Combien de Mo de texte par jour si l'on garde tout ?"),
        ("log|stor|record|journal|keep|captur", MEMORY + "|volume|space", "day|jour|daily"), {"q": n(_REQUESTS + "|day"), "t": n("tokens?|jetons?"), "b": of("bytes", "per token|each|a token|token|par jeton")}, "{q}*{t}*{b}", "bytes",
    ),
    Formula(
        "items that sampling keeps", "systems/observability.md",
        ("How many traces does sampling keep of all the requests?", "Head sampling at a fixed rate: traces per day?", "Combien de traces garde l'échantillonnage ?", "Head sampling at this rate: how many traces remain out of all the requests?"),
        (_SAMPLED, "how many|combien|number"), {"s": share("sampl|traced?|keep|kept|of\\b|[ée]chantillon|gard"), "n": n("requests?|questions?|traces?|spans?|requ[êe]tes?|calls?|day|jour", least=2)}, "{s}*{n}", unit="traces", never="none|miss|probab|chance",
    ),
    Formula(
        "chance that sampling keeps none of several", "systems/observability.md",
        ("How likely is it that sampling keeps none of several errors?", "A rare error and a small sampling rate: chance that no trace of it exists?", "Quelle chance que l'échantillonnage ne garde aucune des erreurs ?", "With a small share of requests traced at random, how likely is it that none of the failures leaves a trace?"),
        (_SAMPLED, "none|no |never|not one|all are lost|miss|aucun|jamais|not a single", "%|percent|chance|probab|likely|often|share|pour cent|risque"), {"s": share("sampl|traced?|keep|kept|of the|[ée]chantillon|gard"), "n": n("errors?|events?|traces?|requests?|failures?|times|erreurs?|cases?|day")}, "(1-{s})**{n}", "share",
    ),
    Formula(
        "series of a metric", "systems/observability.md",
        ("How many time series does a metric with labels and histogram buckets make?", "Models, routes and outcomes on a histogram: how many series does Prometheus store?", "Every combination of label values has its buckets, a sum and a count: how many series?", "Combien de séries temporelles pour un histogramme et ses étiquettes ?", "Finite buckets, tenants and routes: how many series?"),
        ("series|s[ée]ries|cardinal", "labels?|buckets?|[ée]tiquettes?|values?|histogram"),
        {"b": n("buckets?|bounds?|finite"), "x": n("models?|routes?|endpoints?|values?|methods?|mod[èe]les?|status|codes?|regions?|tenants?|replicas?|instances?|pods?|outcomes?|issues?|users?|labels?", many="*")}, "({b}+1+2)*{x}", unit="series",
    ),
    Formula(
        "questions per second at the busy hour", "systems/rag-10k-users.md",
        ("How many questions per second do users ask in the busiest hour of the day?", "Users, questions a day and the share of the peak hour: rate at the peak?", "Combien de questions par seconde à l'heure de pointe ?", "Employees, questions each per day, a part of them in one hour: requests per second in that hour?", "Daily users and their habits: how many queries a second must we serve at rush hour?", "Staff, questions a day each, share of the peak hour: questions a second at peak?"),
        (_USERS, "peak|busiest|busy|pointe|rush|charg|hour|heure", _SECOND), {"u": n(_USERS), "q": n(_EACH), "s": share("hour|peak|busiest|of the day|heure|pointe"), "_h": of("time", "hour|heure", "3600")}, "{u}*{q}*{s}/3600", unit="per second",
    ),
    Formula(
        "questions per second over a whole day", "systems/rag-10k-users.md",
        ("8,000 users, five questions each: average per second over 24 hours?", "Combien de questions par seconde en moyenne sur la journée ?",
         "How many questions per second do users ask on average over the day?",), ("average|mean|moyenne|over (?:the|a) (?:whole )?day|per second|par seconde", _USERS), {"u": n(_USERS), "q": n(_EACH)}, "{u}*{q}/86400", unit="per second",
    ),
    Formula(
        "requests in flight at the busy hour", "systems/rag-10k-users.md",
        ("Users, questions a day, peak share, 6 s per answer: concurrent requests at the peak?", "Combien de requêtes en cours à l'heure de pointe ?",
         "How many requests are in flight in the busiest hour when users ask questions that take some seconds each?",), ("in flight|concurren|simultan|at once|en cours|open", _USERS), {"u": n(_USERS), "q": n(_EACH), "s": share("hour|peak|busiest|heure|pointe"), "t": of("time", "takes?|lasts?|each|dure|latency")}, "{u}*{q}*{s}/3600*{t}", unit="requests", never="per second in|a second in|par seconde [àa]",
    ),
    Formula(
        "tokens of all users in a day", "systems/rag-10k-users.md",
        ("3,000 users, ten requests each of 1,500 tokens: tokens a day?", "Combien de jetons par jour pour tous les utilisateurs ?",
         "How many tokens a day do users send with their questions?",), ("tokens?|jetons?", _USERS, "day|daily|jour"), {"u": n(_USERS), "q": n("questions?|requests?|queries|chacun"), "t": n("tokens?|jetons?")}, "{u}*{q}*{t}", unit="tokens", needs="(?s:.*(?:day|daily|jour))", never="reward|nats|β|beta",
    ),
    Formula(
        "memory of the chunks' vectors of documents", "systems/rag-10k-users.md",
        ("How much memory do the vectors of documents take that are cut into several chunks each?", "Documents, passages in each, dimensions of the embedding: gigabytes of index?", "Combien de Go pour les vecteurs des passages de tous les documents ?", "Pages in several chunks of float32 numbers: gigabytes?"),
        ("documents?|pages?", _CHUNKS, MEMORY), {"n": n("documents?|pages?|articles?|files?"), "c": n(_CHUNKS + "|each"), "d": n("dimensions?|components?|-d\\b|values|dimensional"), "b": of("dtype", default="4")}, "{n}*{c}*{d}*{b}", "bytes",
    ),
    Formula(
        "time to embed documents of several chunks", "systems/rag-10k-users.md",
        ("40,000 documents of 5 chunks at 250 chunks a second: how long?", "Combien de temps pour vectoriser des documents de plusieurs fragments chacun ?",
         "How long does it take to embed documents of several chunks each at so many chunks per second?",), ("documents?|pages?", _CHUNKS, _TIME), {"n": n("documents?|pages?|articles?|files?"), "c": n(_CHUNKS + "|each"), "r": of("rate", "chunks?|passages?|fragments?|texts?")}, "{n}*{c}/{r}", "time",
    ),
    Formula(
        "time to embed passages", "systems/rag-10k-users.md",
        ("How long does it take to embed all passages again at so many a second?", "Re-embedding time of an index?", "Combien de temps pour recalculer tous les vecteurs ?"), ("embed|vector|re-?index|vecteur", _TIME, _CHUNKS + "|texts?|vectors?|vecteurs?"), {"n": n(_CHUNKS + "|texts?|vectors?|vecteurs?", least=100), "r": of("rate")}, "{n}/{r}", "time", never="documents?",
    ),
    Formula(
        "rest of a latency budget", "systems/rag-10k-users.md",
        ("How many milliseconds of the latency target are left after the other stages?", "A first token is promised within so long and several steps take their part: what remains for the model?", "Combien de millisecondes restent pour le modèle ?", "Time to first token is capped and the steps before generation use some of it: what may prefill take?"),
        (_LEFT, _TIME, "target|budget|stages?|limit|objectif|[ée]tapes?|promis|within|first token"), {"all": of("time", "target|budget|limit|within|objectif|first token|promis|in\\b"), "a": of("time", many="+")}, "{all}-{a}", "time", never="error budget|slo|burn|hit",
    ),
    Formula(
        "fine by the share of turnover", "systems/residence-des-donnees.md",
        ("How large a GDPR fine may be at most for a company of this turnover?", "Highest penalty under the data protection rules, given the yearly revenue?", "Quelle est l'amende maximale du RGPD pour un tel chiffre d'affaires ?", "Chiffre d'affaires annuel : plafond de l'amende ?"),
        ("fine\\b|fined|penalt|amende|sanction", "turnover|revenue|chiffre d'affaires|sales"), {"m": of("money", "turnover|revenue|chiffre|sales")}, "max(20*10**6,0.04*{m})", "money",
    ),
    Formula(
        "share of turnover that a fine may reach", "systems/residence-des-donnees.md",
        ("4% of 2 billion euros of turnover: fine?", "Amende égale à une part du chiffre d'affaires : combien d'euros ?",
         "How large a fine may be, as a share of turnover?",), ("fine\\b|fined|penalt|amende|sanction", "turnover|revenue|chiffre d'affaires|sales"), {"s": share(""), "m": of("money")}, "{s}*{m}", "money",
    ),
    Formula(
        "bytes that an export of logs has", "systems/residence-des-donnees.md",
        ("How many gigabytes of logs pile up when each request is kept for days?", "Traces of so many kilobytes each, retained for a month: how much storage?", "Combien de Go de traces pour tant de jours de conservation ?", "Combien de Go de traces en tant de jours avec tant de questions par jour ?"),
        ("log|stor|record|journal|keep|kept|conserv|retention|retain|traces?|gard", MEMORY + "|volume|space"), {"q": of("rate", "questions?|requests?|calls?|requ[êe]tes?|day|jour"), "b": of("bytes", "each|per|chacune?|a request|trace"), "t": of("time", "days?|jours?|months?|kept|for\\b|pendant")}, "{q}*{b}*{t}", "bytes",
    ),
    Formula(
        "cases that a detector misses", "systems/residence-des-donnees.md",
        ("How many cases does a detector with this recall miss?", "A name detector finds most names: how many slip through?", "Combien de noms un détecteur laisse-t-il passer ?", "A detector finds a share of the names in a document: how many escape?"),
        ("miss|escape|slip|remain|unseen|oubli|rat[ée]|[ée]chapp|manqu|through|passer", "how many|combien"), {"n": n("names?|cases?|items?|documents?|noms?|cas\\b|of\\b|sur\\b"), "r": share("recall|rappel|finds?|detect|catch|d[ée]tect|retrouv")}, "{n}*(1-{r})",
    ),
    Formula(
        "bytes parsed again at each token", "systems/streaming-partial-json.md",
        ("How many bytes does a parser read when it parses the whole buffer again at each token?", "Reparsing everything received so far at every token: bytes read in total?", "Combien d'octets lit-on en réanalysant tout à chaque jeton ?"),
        ("pars|analys", "again|whole|each|every|from the start|buffer|re-?pars|chaque"), {"n": n("tokens?|jetons?|chunks?|pieces?|deltas?"), "b": of("bytes", "each|token|per|chunks?")}, "{b}*{n}*({n}+1)/2", "bytes",
    ),
    Formula(
        "tokens that arrive in an interval", "systems/streaming-partial-json.md",
        ("How many tokens arrive between two refreshes when parsing is throttled to an interval?", "Combien de jetons arrivent entre deux analyses ?", "Tokens a second and a redraw every few milliseconds: tokens per redraw?"),
        ("tokens?|jetons?", "interval|between|every|throttl|refresh|intervalle|toutes les|each|during"), {"r": of("rate", "tokens?|jetons?"), "t": of("time", "every|interval|each|toutes|during")}, "{r}*{t}", unit="tokens",
    ),
    Formula(
        "tokens of a budget left for passages", "systems/token-budget-4k.md",
        ("How many tokens of the context window are left for passages after system prompt, history and answer?", "Combien de jetons restent pour les passages ?", "Budget less system, history, question, answer and margin: what is left for passages?", "A window with instructions, history and a reserve for the answer: tokens free for evidence?", "A window minus instructions, history, question and answer leaves how much?"),
        (_LEFT + "|free", "tokens?|jetons?|window|budget|context|fen[êe]tre"), {"all": n("window|budget|context|fen[êe]tre|of an?\\b|room", least=1000), "a": n("system|prompt|instructions|tools|invite|history|question|conversation|historique|answer|r[ée]ponse|margin|reserve|marge", many="+")}, "{all}-{a}", unit="tokens", never="how many (?:whole )?passages|combien de passages",
    ),
    Formula(
        "passages that a budget with overhead holds", "systems/token-budget-4k.md",
        ("How many whole passages with their overhead fit in what the budget leaves after instructions, history, question, answer and margin?", "Passages of so many tokens plus a header: how many go into the window beside the rest?", "Combien de passages entiers tiennent dans le budget restant ?", "Evidence has to share the window with the rest: how many chunks with their titles go in?"),
        ("passages?", "fit|how many|combien|whole|tien", "overhead|header|title|identifier|plus|en-t[êe]te"),
        {"all": n("window|budget|context|fen[êe]tre|room|of an?", least=256), "a": n("system|prompt|instructions|tools|invite"), "b": n("history|historique|turns"), "c": n("question|query"), "d": n("answer|output|reply|r[ée]ponse"), "e": n("margin|marge", "0"), "p": n("passages? of|text|each|tokens?"), "h": n("overhead|header|title|plus|identifier|en-t[êe]te")},
        "floor(({all}-{a}-{b}-{c}-{d}-{e})/({p}+{h}))", unit="passages",
    ),
    Formula(
        "passages that a passage budget with overhead holds", "systems/token-budget-4k.md",
        ("2,000 tokens for passages, each 350 plus 50 of title: how many whole ones?", "Combien de passages avec leur en-tête tiennent dans le budget des passages ?",
         "How many passages with their overhead fit in the tokens kept for passages?",), ("passages?", "fit|how many|combien|hold|tien", "overhead|header|title|en-t[êe]te"), {"all": n("budget|for passages|room|in\\b|dans", least=256), "p": n("passages? of|text|each|tokens?"), "h": n("overhead|header|title|plus|identifier|en-t[êe]te")}, "floor({all}/({p}+{h}))", unit="passages",
    ),
    Formula(
        "share of a passage that its overhead takes", "systems/token-budget-4k.md",
        ("360 tokens of text and 40 of header: overhead in percent?", "Quelle part d'un passage son en-tête prend-il ?",
         "What share of a passage's tokens do its identifier, title and date take?",), ("overhead|header|title|identifier|en-t[êe]te", PERCENT), {"p": n("text|passage|tokens?"), "h": n("overhead|header|title|identifier|en-t[êe]te")}, "{h}/({p}+{h})", "share",
    ),
    Formula(
        "time of Mistral 7B's prefill", "systems/token-budget-4k.md",
        ("How many seconds of prefill does a prompt take Mistral 7B on a GPU that sustains so many TFLOP/s?", "Reading a long prompt with the 7B model at this compute rate: how long until the first token?", "Combien de secondes de prefill pour cette invite sur Mistral 7B ?", "How long does a long prompt keep the GPU busy before the first token on the 7B model?"),
        ("prefill|prompt|invite|reading|first token", _TIME, "mistral"), {"_m": of("model"), "t": n("tokens?|jetons?|prompt|-token|invite", least=16), "f": of("flops"), "u": share("peak|utili[sz]|efficien|sustain", "1")}, "2*7.11*10**9*{t}/({f}*{u})", "time",
    ),
    Formula(
        "requests that fit in the cache of Mistral 7B", "systems/token-budget-4k.md",
        ("How many requests of so many tokens fit together in the free cache memory of Mistral 7B?", "Gigabytes left beside the weights, conversations of this length: how many at once?", "Combien de conversations tiennent dans le cache libre de Mistral 7B ?"),
        ("cache|free|left|libre", "requests?|conversations?|sequences?|users?|chats?|requ[êe]tes?", "fit|at once|together|serve|concurren|tien"), {"_m": of("model"), "m": of("bytes", "left|free|cache|libre|reste"), "t": n("tokens?|jetons?|each|of\\b", least=16), "_d": of("dtype", default="2")}, "floor({m}/({t}*131072))", unit="requests",
    ),
    Formula(
        "arithmetic of Mistral 7B's prefill", "systems/token-budget-4k.md",
        ("Mistral 7B, prompt of so many tokens: TFLOP of prefill with the output head?", "Combien de TFLOP pour lire cette invite avec Mistral 7B ?",
         "How many TFLOP does the prefill of a prompt need on Mistral 7B, attention ignored?",), ("prefill", "flop", "mistral"), {"_m": of("model"), "t": n("tokens?|jetons?|prompt|-token", least=16)}, "2*7.11*10**9*{t}", unit="FLOP", never=_TIME + "|" + PARAMETERS,
    ),
    Formula(
        "availability of redundant copies that are down some of the time", "systems/formulas-cheat-sheet.pdf",
        ("Three zones, each down 2% of the time, one suffices: availability?", "Chaque copie est en panne 1 % du temps et une suffit : disponibilité ?",
         "What is the availability of independent replicas that are each down some of the time, when any one is enough?", "Copies that each fail with some probability: how often is at least one of them working?"),
        ("redundan|copies|either|one is enough|any one|suffices?|replicas?|one of them|suffit|independent|pair\\b|zones?", "availab|disponib|up\\b|uptime|works?", "down|fail|unavailab|indisponib|panne"), {"p": share("down|fail|unavailab|indisponib|panne|of the time"), "n": n("copies|replicas?|servers?|zones?|regions?|machines?|independent|exemplaires|nodes?", least=2)}, "1-{p}**{n}", "share",
    ),
    Formula(
        "share that scaling to two phases of a day saves", "systems/gpu-autoscaling.md",
        ("10 GPUs by day for 10 hours and 3 at night against 10 always: percent saved?", "Quelle part économise-t-on en réduisant la flotte la nuit ?",
         "What share of GPU-hours does scaling over two phases of the day save against a fixed fleet of the larger size?", "Many GPUs at the peak, few otherwise: how much cheaper than always the maximum?"),
        ("gpus?|cards?|replicas?|cartes?|machines?", PERCENT, "sav|cheaper|[ée]conomi|less"), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?|and"), "k": of("time")}, "1-({a}*{h}+{b}*{k})/(max({a},{b})*({h}+{k}))", "share",
    ),
    Formula(
        "growth over a year of months", "systems/capacity-planning.md",
        ("5% more each month: factor after a year?", "Croissance mensuelle : par combien en un an ?",
         "By what factor does traffic grow in a year at so many percent each month?", "Monthly growth rate: multiple after twelve months?"),
        (_GROWS + "|growth", "factor|times|by how much|multipl|facteur|fois", "year|\\ban\\b|ann[ée]e"), {"g": share("month|mois|grow|growth|climb|rise|increas|cro|augment|per|a\\b|each"), "_y": of("time", "year|an\\b", "1")}, "(1+{g})**12",
    ),
    Formula(
        "requests that meet a cold start, told by the time between them", "systems/cold-start.md",
        ("Une requête toutes les dix minutes en moyenne, arrêt après un quart d'heure : quelle part de démarrages à froid ?",
         "What share of requests meets a cold start when one comes every so many minutes on average and the server sleeps after idle minutes?", "A request every few minutes at random, scale to zero after a while: percentage of cold starts?"),
        ("cold|froid|wake|sleep|idle|r[ée]veil|scale.to.zero|scale to zero|inactif|veille|quiet|stopp", "every|toutes les|apart|between", CHANCE), {"m": of("time", "every|between|apart|average|toutes"), "t": of("time", "idle|sleep|after|inactiv|veille|timeout|apr[èe]s|without|quiet|nothing")}, "exp(-{t}/{m})", "share",
    ),
)  # fmt: skip
