"""Further formulas of the handbook's pages on load: rates of users, replicas, starts of machines, limits and logs."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import TIME

_USERS = "users?|employees|people|staff|customers?|students?|agents|lawyers|nurses|teachers|doctors|developers|utilisateurs?|salari[ée]s|employ[ée]s|personnes|clients|members|citizens|workers|colleagues|analysts|engineers"
_EACH = "questions?|requests?|queries|asks?|each|chacune?|requ[êe]tes?|posent?|prompts?|times"
_PEAK = "hour|peak|busiest|heure|pointe|rush|of the day|du jour|share|part"
_BURST = "burst|safety|factor|facteur|margin|spike|rafale|times|s[ée]curit[ée]|headroom"
_COLD = "cold|froid|asleep|sleep|stopped|wake|idle|scale.to.zero|scale to zero|veille|arr[êe]t"
_IDLE = "idle|timeout|time-out|after|inactiv|veille|d[ée]lai|sleep|quiet"

FORMULAS = (
    Formula(
        "design rate of questions with a safety factor", "systems/rag-10k-users.md",
        ("For how many requests per second do we design when users ask so often, a share falls in the busiest hour and bursts double it?",
         "Employees, questions each per day, share of the busiest hour, burst factor: requests per second to design for?",
         "Utilisateurs, questions par jour, part de l'heure de pointe et facteur de sécurité : combien de requêtes par seconde prévoir ?",
         "Peak-hour rate times a safety margin: queries a second?",
         "Headcount, habits, rush hour, spikes: design throughput?"),
        (_USERS, "peak|busiest|hour|heure|pointe|rush", _BURST, "second|seconde|rate|qps|/s"),
        {"u": n(_USERS), "q": n(_EACH), "s": share(_PEAK), "f": n(_BURST), "_h": of("time", "hour|heure", "3600")}, "{u}*{q}*{s}/3600*{f}", unit="per second", needs="(?s:.*(?:burst|safety|factor|facteur|margin|spike|rafale|s[ée]curit[ée]|headroom))", never="in flight|at once|tokens",
    ),
    Formula(
        "requests in flight with a safety factor", "systems/rag-10k-users.md",
        ("How many requests are in flight at the busy hour with a safety factor for bursts?",
         "Users, questions a day, share of the peak hour, seconds per answer, factor for bursts: concurrency to size for?"),
        ("in flight|concurren|simultan|at once|en cours|open", _USERS, _BURST),
        {"u": n(_USERS), "q": n(_EACH), "s": share(_PEAK), "t": of("time", "takes?|lasts?|answer|dure|latency|each"), "f": n(_BURST)}, "{u}*{q}*{s}/3600*{t}*{f}", unit="requests", needs="(?s:.*(?:burst|safety|factor|facteur|margin|spike|rafale|s[ée]curit[ée]|headroom))",
    ),
    Formula(
        "prompt tokens per second at the busy hour", "systems/rag-10k-users.md",
        ("How many tokens per second arrive in the busiest hour when users send questions of so many tokens?",
         "Users, questions a day, share of the peak hour, tokens per request: prefill tokens a second?",
         "Combien de jetons par seconde à l'heure de pointe ?"),
        (_USERS, "peak|busiest|hour|heure|pointe|rush", "tokens?|jetons?", "second|seconde|/s"),
        {"u": n(_USERS), "q": n(_EACH), "s": share(_PEAK), "t": n("tokens?|jetons?|prompt", least=16), "_h": of("time", "hour|heure", "3600")}, "{u}*{q}*{s}/3600*{t}", unit="tokens/s",
    ),
    Formula(
        "share of a day's load that the busy hour has over the mean", "systems/rag-10k-users.md",
        ("How many times the average load is the busiest hour that holds so many percent of the day?",
         "Peak hour has a fifth of the day's traffic: ratio of peak to mean?"),
        ("average|mean|moyenne", "peak|busiest|pointe", "times|ratio|factor|fois"), {"s": share(_PEAK)}, "24*{s}", unit="times", needs="(?s:.*(?:times|ratio|factor|fois))",
    ),
    Formula(
        "idle timeout for a share of cold starts", "systems/cold-start.md",
        ("What idle timeout keeps the share of requests that meet a cold start below so much, at this rate of random arrivals?",
         "Eight random requests an hour and scale to zero: after how many idle minutes may the box stop so that only 10% find it asleep?",
         "Requêtes au hasard : quel délai d'inactivité pour que seules 5 % trouvent le serveur arrêté ?",
         "Poisson arrivals, target share of cold starts: timeout?"),
        (_COLD, "timeout|time-out|idle|d[ée]lai|minutes|after|how long", "share|percent|%|one in|part\\b|of (?:the )?requests|only|find"),
        {"r": of("rate", "requests?|arriv|calls?|requ[êe]tes?|random|visits?"), "p": share("cold|asleep|stopped|find|share|only|at most|arr[êe]t|froid|sleep|meet|wake")}, "log(1/{p})/{r}", "time", needs="(?s:.*(?:" + _COLD + "))",
    ),
    Formula(
        "idle timeout for a share of cold starts, told by the time between requests", "systems/cold-start.md",
        ("What idle timeout keeps the share of cold starts below so much when a request comes every so many minutes on average?",
         "One visit every ten minutes at random: how long must the server stay up so that 5% at most wake it?"),
        (_COLD, "every|between|apart|toutes les", "share|percent|%|one in|part\\b"),
        {"m": of("time", "every|between|apart|average|toutes|each"), "p": share("cold|asleep|stopped|find|share|only|at most|arr[êe]t|froid|sleep|wake")}, "log(1/{p})*{m}", "time", needs="(?s:.*(?:" + _COLD + "))", never="idle for|after \\d+ (?:idle|quiet)|sleeps after|stops after",
    ),
    Formula(
        "cold starts in a day", "systems/cold-start.md",
        ("Combien de réveils par jour avec ces arrivées au hasard ?",
         "How many requests a day meet a cold start when they arrive at random and the server stops after an idle time?",
         "Random requests an hour, idle timeout: expected wake-ups per day?"),
        (_COLD, "how many|combien|number", "day|daily|jour"),
        {"r": of("rate", "requests?|arriv|calls?|requ[êe]tes?"), "t": of("time", _IDLE), "_d": of("time", "day|jour", "86400")}, "86400*{r}*exp(-{r}*{t})", unit="cold starts per day", needs="(?s:.*(?:" + _COLD + "))", never="share|percent|%|probab|chance",
    ),
    Formula(
        "all stages of a start", "systems/cold-start.md",
        ("How long does a cold start take whose stages follow each other: node, image, weights, initialisation, warm-up?",
         "Seconds for the machine, the download, the load and the warm-up: total until the first request is served?",
         "Nœud, image, poids, démarrage, préchauffage : combien de secondes en tout ?"),
        ("start|boot|node|image|warm|d[ée]marr|n[œo]ud", "weights?|image|warm|init|poids|load|charg", "total|in all|altogether|until|how long|en tout|sum|combien"),
        {"a": of("time", many="+")}, "{a}", "time", needs="(?s:.*(?:cold|start|boot|node|provision|image|warm|d[ée]marr))", never="share|percent|%|parallel|overlap|idle|day|cost|euro|budget|first token within|grows?|growth|timeout|jitter|retr",
    ),
    Formula(
        "share of all stages of a start that one takes", "systems/cold-start.md",
        ("What share of a cold start does loading the weights take among all its stages?",
         "Node, image, weights, initialisation and warm-up in seconds: percentage spent on the weights?"),
        ("weights?|image|node|poids|load", "start|boot|node|image|warm|init|d[ée]marr", "share|percent|%|part\\b|fraction"),
        {"w": of("time", "weights?|poids|load"), "a": of("time", "node|image|init|warm|start|boot|d[ée]marr", many="+")}, "{w}/({w}+{a})", "share", needs="(?s:.*weights?|poids)", never="day|idle|budget",
    ),
    Formula(
        "time to load the weights of a model", "systems/cold-start.md",
        ("How long does it take to load a model of so many billion parameters at this bandwidth?",
         "7 billion weights in 16 bits from a store at 0.5 GB/s: seconds?",
         "Combien de secondes pour charger un modèle de tant de milliards de paramètres ?",
         "Parameters, bytes each, link: download time of a checkpoint?"),
        ("load|download|fetch|copy|read|pull|charg|t[ée]l[ée]charg|start", "parameters?|weights?|billion|milliards?|param[èe]tres?|poids|checkpoint", TIME),
        {"p": n("parameters?|model|weights?|billion|param[èe]tres?|milliards?", least=1e6), "b": of("dtype", default="2"), "bw": of("bandwidth")}, "{p}*{b}/{bw}", "time", needs="(?s:.*(?:load|download|fetch|copy|copied|pull|charg|start|disk|store|nvme|link))", never="decode|per token|step|generat|all-?reduce|gradient",
    ),
    Formula(
        "time to load Mistral 7B", "systems/cold-start.md",
        ("How long does it take to load the 16-bit weights of Mistral 7B at this bandwidth?",
         "Mistral 7B from disk or an object store: seconds at so many GB/s?",
         "Combien de secondes pour charger Mistral 7B à ce débit ?"),
        ("load|download|fetch|copy|pull|charg|t[ée]l[ée]charg|start|cold", TIME),
        {"model": of("model"), "bw": of("bandwidth"), "k": n("replicas?|copies|machines?|pods?|at once|together", "1"), "_d": of("dtype", default="2")}, "{k}*14.48e9/{bw}", "time", needs="(?s:.*(?:load|download|fetch|copy|copied|pull|charg|cold|disk|store|nvme))", never="decode|per token|step|generat|prompt|cache|mixtral|llama|4[- ]bit|int4|int8|8[- ]bit",
    ),
    Formula(
        "start-up time that a utilisation allows", "systems/gpu-autoscaling.md",
        ("How many minutes may a replica take to start when load grows so fast each minute and the service runs at this share of capacity?",
         "Growth per minute and target utilisation: longest start that causes no queue?",
         "Croissance par minute et taux d'occupation : temps de démarrage maximal ?"),
        ("start|boot|ready|d[ée]marr", "grow|climb|rise|increas|cro[îi]", "capacity|utili[sz]|load|occup|%"),
        {"g": share("grow|climb|rise|increas|cro|minute|per\\b|a minute", below="u"), "u": share("capacity|utili[sz]|run|occup|target|at\\b")}, "log(1/{u})/log(1+{g})*60", "time", needs="(?s:.*(?:how (?:long|many minutes)|minutes?|longest|combien de (?:temps|minutes)))", never="month|mois|year|in \\d+ minutes|takes? \\d+|\\d+ minutes",
    ),
    Formula(
        "time until growth reaches a multiple", "systems/capacity-planning.md",
        ("After how many months has demand grown to so many times today's at this monthly growth?",
         "8% more each month: when has the load doubled?",
         "Au bout de combien de mois la charge a-t-elle doublé ?"),
        ("grow|climb|rise|increas|more each|cro|augment", "doubl|tripl|times|multipl|reach|fois", "how many months|when|how long|combien de mois|until|after"), {"g": share("month|mois|grow|climb|rise|increas|cro|augment|per\\b|each"), "x": n("times|multipl|doubl|factor|fois", "2")}, "log({x})/log(1+{g})*2592000", "time", needs="(?s:.*(?:how many months|how long|when|combien de mois|au bout))", never="after \\d+ months|in \\d+ months|six months",
    ),
    Formula(
        "GPU-seconds of both phases that arrive each second", "systems/capacity-planning.md",
        ("How many GPU-seconds of work does each second of traffic bring, prefill and decode together?",
         "Requests a second, prompt and output tokens, prefill and decode throughput of a replica: load in replicas at full use?"),
        ("prefill|prompt", "decode|output|generat", "gpu-seconds|work|load|demand|busy", "second|/s"),
        {"r": of("rate", "requests?|peak|calls?"), "i": n("prompt|input|read"), "o": n("output|generat|answer|written"), "p": of("rate", "prefill"), "d": of("rate", "decod")}, "{r}*{i}/{p}+{r}*{o}/{d}", unit="GPU-seconds", never="how many replicas|utili[sz]ation|target|spare|share|percent",
    ),
    Formula(
        "share of GPU time that prefill takes", "systems/capacity-planning.md",
        ("Quelle part du temps de GPU le préremplissage prend-il ?",
         "What share of the GPU time goes to prefill, given tokens per request and the throughput of each phase?",
         "Prompt and output tokens, tokens a second when only prefilling and when only decoding: percentage of time spent on prompts?"),
        ("prefill|prompt", "decode|output|generat", "share|percent|%|part\\b|fraction"),
        {"i": n("prompt|input|read"), "o": n("output|generat|answer|written"), "p": of("rate", "prefill"), "d": of("rate", "decod"), "_r": of("rate", "requests?|calls?", "1")}, "({i}/{p})/({i}/{p}+{o}/{d})", "share",
    ),
    Formula(
        "cache on each replica", "systems/capacity-planning.md",
        ("Combien de Go de cache par réplique pour ces requêtes en cours ?",
         "How much KV cache does each replica hold when so many requests of some tokens are in flight over all of them on Mistral 7B?",
         "Requests in flight, replicas, tokens each, Mistral 7B: gigabytes of cache per replica?"),
        ("replicas?|r[ée]pliques?", "cache|kv|memory|m[ée]moire", "in flight|requests?|simultan|requ[êe]tes?"),
        {"model": of("model"), "q": n("in flight|requests?|simultan|requ[êe]tes?|concurren"), "r": n("replicas?|r[ée]pliques?"), "t": n("tokens?|jetons?|each|chacune?", least=16), "_d": of("dtype", default="2")}, "{q}/{r}*{t}*131072", "bytes", needs="(?s:.*(?:per replica|each replica|replicas?|r[ée]pliques?))",
    ),
    Formula(
        "arrival rate at which a single queue keeps a time", "systems/back-pressure.md",
        ("At what arrival rate does a single queue keep the mean time in the system at so much, given its service rate?",
         "Server completes so many a second; the mean time must stay below a limit: arrivals per second at most?",
         "Taux de service et temps de séjour visé : taux d'arrivée maximal ?"),
        ("arriv|rate|load|admit|taux", "per second|a second|par seconde|/s", "time|stay|within|below|mean|temps|s[ée]jour", "serv|complet|handles?|trait"), {"m": of("rate", "serv|complet|handles?|trait|capacity|can\\b"), "w": of("time", "stay|within|below|mean|average|system|s[ée]jour|under|target")}, "{m}-1/{w}", unit="per second", needs="(?s:.*(?:at most|maximum|most|what (?:arrival )?rate|which rate|how many (?:\\w+ )?(?:per|a|each) second|maximal|may arrive))", never="in flight|at once|concurren|slots?",
    ),
    Formula(
        "requests that are refused while demand exceeds capacity", "systems/back-pressure.md",
        ("How many requests are too many when slots of so many seconds each meet a higher arrival rate for some time?",
         "Arrivals per second above what the slots complete: how many must be turned away in this time?"),
        ("refus|reject|turn(?:ed)? away|shed|too many|excess|exc[èe]s", "slots?|workers?|at a time|places", "second|minute|seconde"), {"r": of("rate", "arriv|requests?|come"), "c": n("slots?|workers?|at a time|places|concurren"), "s": of("time", "each|takes?|service|answer|per request"), "t": of("time", "for\\b|during|within|pendant|spike|lasts?", below="")}, "({r}-{c}/{s})*{t}", unit="requests",
    ),
    Formula(
        "series of a histogram for one combination of labels", "systems/observability.md",
        ("How many series does a classic histogram with so many finite buckets export for each combination of labels?",
         "Buckets plus +Inf, sum and count: series of one histogram?"),
        ("histogram|histogramme|buckets?", "series|s[ée]ries"), {"b": n("buckets?|finite|seaux|bounds")}, "{b}+3", unit="series", never="labels? (?:with|of|has)|models|routes|endpoints|users|tenants|status|regions|modèles",
    ),
    Formula(
        "chance that sampling keeps at least one of several", "systems/observability.md",
        ("How likely is it that head sampling keeps at least one of several errors of a day?",
         "Each trace is kept with a small probability: chance of seeing any of ten failures?",
         "Quelle probabilité de garder au moins une des erreurs ?"),
        ("sampl|kept|keep|trace|[ée]chantillon", "at least one|any|see|catch|au moins une", "chance|probab|likely|often|%|quelle"), {"s": share("sampl|kept|keep|trace|rate|of\\b|taux"), "n": n("errors?|failures?|times|events?|traces?|erreurs?|happens|cases")}, "1-(1-{s})**{n}", "share", needs="(?s:.*(?:at least one|any of|see (?:it|any|one)|catch|caught|au moins une))", never="attack|shard|none|retr|server|miss",
    ),
    Formula(
        "bytes of text kept for a time", "systems/observability.md",
        ("How many gigabytes do full prompts and answers take that are kept for so many days?",
         "Requests a day, tokens each, bytes per token, days of retention, share sampled: storage?"),
        ("tokens?|jetons?", "days?|weeks?|months?|jours?|kept|retain|retention", "gb\\b|go\\b|mb\\b|tb\\b|storage|bytes|disk"), {"q": of("rate", "requests?|questions?|day|calls?"), "t": n("tokens?|jetons?|each", least=16), "b": of("bytes", "token|each|about", "4"), "d": of("time", "kept|keep|for\\b|retention|days|jours|pendant"), "s": share("sampl|kept|keep|of (?:them|the requests)", "1")}, "{q}*{t}*{b}*{d}*{s}", "bytes", needs="(?s:.*(?:kept|keep|retain|retention|stor|log|captur|conserv))", never="cache|kv|vram|gpu",
    ),
    Formula(
        "time of a job under a limit of requests", "systems/rate-limits.md",
        ("How long does a job of so many requests take under a limit of requests per minute?",
         "Backlog to send, provider's cap per minute: duration?",
         "Combien de temps dure un traitement de tant de requêtes sous cette limite par minute ?"),
        ("limit|cap\\b|quota|allow|plafond|limite", "requests?|calls?|documents?|requ[êe]tes?|appels?", TIME), {"n": n("requests?|calls?|documents?|jobs?|requ[êe]tes?|appels?|backlog|batch", least=20), "r": of("rate", "limit|cap|quota|requests?|per minute|requ[êe]tes?")}, "{n}/{r}", "time", needs="(?s:.*(?:limit|cap\\b|capped|quota|plafond))", never="tokens?|jetons?|burst|bucket|permits",
    ),
    Formula(
        "time of a job under a limit of tokens", "systems/rate-limits.md",
        ("How long does a job of so many requests of some tokens take under a limit of tokens per minute?",
         "Documents to send, tokens each, provider's tokens per minute: duration?",
         "Combien de temps dure un traitement sous ce quota de jetons par minute ?"),
        ("limit|cap\\b|quota|allow|plafond|limite", "tokens?|jetons?", TIME), {"n": n("requests?|calls?|documents?|jobs?|requ[êe]tes?|appels?|backlog|batch|prompts?", least=5), "t": n("tokens?|jetons?|each|chacun", least=16), "r": of("rate", "limit|cap|quota|tokens?|per minute|jetons?")}, "{n}*{t}/{r}", "time", needs="(?s:.*(?:limit|cap\\b|capped|quota|plafond))", never="burst|bucket|embed",
    ),
    Formula(
        "requests per minute under a limit of requests and one of tokens", "systems/rate-limits.md",
        ("How many requests per minute go through when both a limit of requests and a limit of tokens hold?",
         "500 requests and 400,000 tokens a minute, 1,200 tokens each: which limit bites, at how many a minute?",
         "Deux limites, requêtes et jetons par minute : combien de requêtes passent ?"),
        ("tokens?|jetons?", "requests?|requ[êe]tes?|calls?", "minute", "limit|quota|cap\\b|allow|limite"), {"r": of("rate", "requests?|requ[êe]tes?|calls?|rpm", below="q"), "q": of("rate", "tokens?|jetons?|tpm"), "i": n("prompt|input|each|tokens?|jetons?", least=8), "o": n("output|answer|reply|r[ée]ponse|max_tokens", "0")}, "min({r},{q}/({i}+{o}))*60", unit="per minute",
    ),
    Formula(
        "time until an empty bucket is full", "systems/rate-limits.md",
        ("How long does an empty token bucket take to fill up again?",
         "Bucket of so many permits, refill per second: time to full?",
         "Combien de temps pour remplir un seau vide ?"),
        ("bucket|permits?|seau", "full|fill|refill|empty|rempli|vide", TIME), {"c": n("bucket|holds?|permits?|capacity|burst|seau"), "r": of("rate", "refill|permits?|tokens?|rate|second")}, "{c}/{r}", "time", needs="(?s:.*(?:full|fill(?:ed)?|rempli|plein))", never="grant|let|through|how many requests",
    ),
    Formula(
        "times that reparsing reads the document", "systems/streaming-partial-json.md",
        ("How many times its own length does reparsing the whole buffer at each token read?",
         "Quadratic parsing of so many tokens: bytes read over bytes of the document?"),
        ("pars", "times|ratio|factor|over"), {"n": n("tokens?|jetons?|deltas?|chunks?"), "_b": of("bytes", "each|token", "4")}, "({n}+1)/2", unit="times", needs="(?s:.*(?:times|ratio|factor))",
    ),
    Formula(
        "time that a step of the load to all replicas of a fleet costs", "systems/gpu-autoscaling.md",
        ("How many GPU-hours does a fleet that never scales use in a day?",),
        ("fixed|always|never scales?", "gpus?|replicas?", "gpu-hours|hours"), {"a": n("gpus?|replicas?"), "_d": of("time", "day|jour", "86400")}, "{a}*24", unit="GPU-hours", needs="(?s:.*(?:fixed|always|never scale))", never="share|percent|%|sav|then|otherwise|month|week",
    ),
)  # fmt: skip
