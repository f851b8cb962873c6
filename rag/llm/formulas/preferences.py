"""Formulas of the handbook's pages on preferences and rewards: RLHF, DPO, reward hacking."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CHANCE, MEMORY

_BETA, _ALPHA = "β|beta|decays?", "α|alpha|initial gain|gain"
_CHOSEN, _REJECTED = (
    "chosen|preferred|choisie|pr[ée]f[ée]r[ée]e|good|better|winner|w\\b",
    "rejected|rejet|bad|worse|other|loser|mauvaise|lost|l\\b",
)
_DIFFERENCE = "difference|gap|log-ratio|margin|[ée]cart|ratio|marge"
_DPO = "dpo|preference|pr[ée]f[ée]rence|chosen|rejected|pair\\b"
_GOLD, _RL = (
    "gold|true|real|reward|r[ée]compense|proxy|score",
    "reinforcement|\\brl\\b|rlhf|ppo|log\\b|renforcement",
)

FORMULAS = (
    Formula(
        "margin of DPO", "training/dpo.md",
        ("β·(chosen log-ratio − rejected log-ratio)?", "Implicit reward gap of a preference pair?",
         "What is DPO's implicit reward margin between the chosen and the rejected answer?", "Beta times the difference of the two log-ratios: how large is the margin?", "Quelle est la marge implicite de DPO ?"),
        ("dpo|preference", "margin|marge|reward|r[ée]compense"),
        {"b": n(_BETA), "a": n(_CHOSEN), "c": n(_REJECTED)}, "{b}*({a}-{c})", never="loss|perte|lost|fell|minus|probab|likely|-\\d",
    ),
    Formula(
        "margin of DPO whose rejected answer fell", "training/dpo.md",
        ("Log-ratio up for the chosen, down for the rejected, times beta: margin?",
         "What is DPO's margin when the chosen answer's log-ratio rose and the rejected one's fell?",),
        ("dpo|preference", "margin|marge|reward|r[ée]compense", "lost|fell|fall|minus|down|perdu|baiss|-\\d"),
        {"b": n(_BETA), "a": n(_CHOSEN + "|gain|rose|up\\b"), "c": n(_REJECTED + "|fell|down")}, "{b}*({a}+{c})", never="loss\\b|perte|probab|likely",
    ),
    Formula(
        "loss of DPO", "training/dpo.md",
        ("−log σ(β·Δ)?", "Log-ratio difference and beta: preference loss of the pair?",
         "What is the DPO loss, given beta and the difference of log-ratios of chosen and rejected?", "DPO objective for a pair whose log-ratios differ by so much?", "Que vaut la perte de DPO pour cet écart de log-rapports ?"),
        ("dpo|preference", "loss\\b|perte"), {"b": n(_BETA), "d": n(_DIFFERENCE)}, "-log(1/(1+exp(-{b}*{d})))",
    ),
    Formula(
        "loss of DPO on a pair that moved apart", "training/dpo.md",
        ("Winner up, loser down relative to the reference: DPO loss with this beta?",
         "What is the DPO loss when the preferred answer gained over the reference and the rejected one lost?", "One answer's log-ratio is positive, the other's negative: DPO loss of the pair?", "Perte de DPO quand la bonne réponse a gagné et la mauvaise perdu ?", "Log-ratio of plus so much for the winner and minus so much for the loser: loss of the pair?"),
        ("dpo|preference", "loss\\b|perte", "lost|fell|fall|minus|down|perdu|baiss|-\\d"), {"b": n(_BETA), "a": n(_CHOSEN + "|gain|rose|up\\b|\\+"), "c": n(_REJECTED + "|fell|down|-")}, "-log(1/(1+exp(-{b}*({a}+{c}))))",
    ),
    Formula(
        "loss of DPO from its margin", "training/dpo.md",
        ("What is the DPO loss for this reward margin?", "At this implicit margin, which loss does a DPO run show?"), ("dpo|preference", "loss\\b|perte", "margin|marge"), {"m": n("margin|marge")}, "-log(1/(1+exp(-{m})))",
    ),
    Formula(
        "preference that DPO gives the chosen answer", "training/dpo.md",
        ("σ(β·Δ): probability of the right order?",
         "How probable does DPO's model make the chosen answer, given beta and the difference of log-ratios?", "Modelled probability of the right order of a pair?", "Quelle probabilité DPO donne-t-il au bon ordre ?", "Log-ratio gap of so many nats: probability that the model ranks the pair correctly?"),
        ("dpo|preference|pr[ée]f[ée]rence", "probab|chance|likely|how sure"), {"b": n(_BETA), "d": n(_DIFFERENCE)}, "1/(1+exp(-{b}*{d}))", "share",
    ),
    Formula(
        "preference that DPO gives a pair that moved apart", "training/dpo.md",
        ("Chosen log-ratio positive, rejected negative: modelled probability of the right order?", "La bonne réponse a gagné, la mauvaise perdu : probabilité du bon ordre selon DPO ?",
         "How probable does DPO make the right order when the chosen answer's log-ratio is positive and the rejected one's negative?",),
        (_DPO, "probab|chance|likely|how sure", "lost|fell|fall|minus|down|-\\d"), {"b": n(_BETA), "a": n(_CHOSEN + "|gain|rose|up\\b|\\+"), "c": n(_REJECTED + "|fell|down|-")}, "1/(1+exp(-{b}*({a}+{c})))", "share",
    ),
    Formula(
        "weight of a pair in DPO's gradient", "training/dpo.md",
        ("σ(−margin)?", "Pair with this margin: factor on its gradient in DPO?",
         "By what is a pair weighted in DPO's gradient at this margin?", "A pair is already well ordered by so much: how strongly does it still pull on the weights?", "Quel poids garde une paire déjà bien classée dans le gradient de DPO ?", "How much gradient does an already well separated pair still get?"),
        (_DPO, "margin|marge", "gradient|pull|weight|still|effect|contribut|poids|scaled"), {"m": n("margin|marge|of\\b|de\\b")}, "1/(1+exp({m}))", never="loss\\b|perte",
    ),
    Formula(
        "weight of a pair in DPO's gradient, beta included", "training/dpo.md",
        ("What is beta times sigma of minus the margin, the weight of a pair in DPO's gradient?",),
        (_DPO, "margin|marge", "gradient|pull|weight|still|contribut|poids"), {"b": n(_BETA), "m": n("margin|marge")}, "{b}/(1+exp({m}))", never="loss\\b|perte",
    ),
    Formula(
        "best distance before over-optimisation of a reward", "training/reward-hacking.md",
        ("Best-of-n with this alpha and beta: where is the peak?",
         "α/(2β)?", "Best-of-n law: distance at the peak of the gold score?",
         "At which distance from the base policy does the gold reward reach its peak before over-optimisation?", "Where does the true score stop rising under best-of-n?", "À quelle distance la vraie récompense culmine-t-elle ?", "Gold reward follows d(α − βd): where is the optimum?", "How far should best-of-n go before it hurts?"),
        ("reward|r[ée]compense|gold|over-?optimi", "where|optimum|peak|at which|at what|distance|how far|quelle distance|o[ùu]\\b|d\\b"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "{a}/(2*{b})", never="how (?:high|much|large)|kl of|nats|value at|worth|" + _RL,
    ),
    Formula(
        "divergence at the peak of a reward", "training/reward-hacking.md",
        ("Best-of-n fitted with an initial gain and a decay: at what KL does the real reward top out?", "(α/2β)² nats?", "À quelle divergence KL la vraie récompense culmine-t-elle ?",
         "At what KL in nats does the gold reward of best-of-n peak?",),
        ("reward|r[ée]compense|gold|over-?optimi", "peak|best|maxim|top\\b|sommet", "kl\\b|nats"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "({a}/(2*{b}))**2", unit="nats", needs="kl\\b|nats?|diverg",
    ),
    Formula(
        "greatest gold reward", "training/reward-hacking.md",
        ("α²/(4β)?", "Initial gain and decay of the best-of-n curve: peak true reward?",
         "How high does the gold reward get at most before over-optimisation?", "Height of the best-of-n curve at its top?", "Jusqu'où monte la vraie récompense au mieux ?", "Maximum of d(α − βd): how large is it?", "Alpha and beta of the best-of-n law: what's the top gold score?"),
        (_GOLD, "top\\b|best\\b|how (?:high|much|large)|value|at most|maximum|greatest|height|at its (?:best|peak|top)|jusqu"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "{a}**2/(4*{b})", never="where|at which distance|how far|" + _RL,
    ),
    Formula(
        "distance at which all the reward is lost", "training/reward-hacking.md",
        ("α/β?", "Where does d(α − βd) cross zero again?", "À quelle distance tout le gain est-il perdu ?",
         "At which distance is the gold reward of best-of-n back to zero?",),
        (_GOLD, "zero|lost|back to|nothing|annul|nulle"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "{a}/{b}", needs="zero|lost|back|nothing|cross|annul|nul\\w*|perdu",
    ),
    Formula(
        "reward at a distance from the base policy", "training/reward-hacking.md",
        ("d·(α − β·d) at this d?", "True score of best-of-n this far from the initial policy?",
         "What is the gold reward d(α − βd) at this distance from the base policy?", "Best-of-n curve with alpha and beta: what score is left at d?", "Que vaut la vraie récompense à cette distance ?"),
        (_GOLD, "reward|r[ée]compense|score", "distance|d =|d=|[àa] d|at d|d\\b"), {"a": n(_ALPHA, "1"), "b": n(_BETA), "d": n("distance|d\\b|d =")}, "{d}*({a}-{b}*{d})", never="optim|peak|where|maxim|highest|" + _RL,
    ),
    Formula(
        "reward of reinforcement learning at a distance", "training/reward-hacking.md",
        ("d·(α − β·ln d)?",
         "What is the gold reward of reinforcement learning, d(α − β log d), at this distance?", "Overoptimization law of RL: what does the gold score become at d?", "Récompense réelle de l'apprentissage par renforcement à cette distance ?"),
        (_GOLD, _RL), {"a": n(_ALPHA, "1"), "b": n(_BETA), "d": n("distance|d\\b|d =")}, "{d}*({a}-{b}*log({d}))", never="best-of|kl penalt|where|optimum|peak",
    ),
    Formula(
        "KL of the best of n", "training/reward-hacking.md",
        ("ln n − (n−1)/n?", "Choisir la meilleure de n réponses : divergence en nats ?",
         "How far from the base model in KL is the best of several sampled answers?", "Keeping only the winner of several candidates shifts the distribution by how many nats?", "À combien de nats le meilleur de n échantillons s'éloigne-t-il du modèle de base ?", "KL cost of best-of-n?", "Rejection sampling that keeps the top answer: divergence in nats?", "We sample several answers and ship the best: how many nats away are we?"),
        ("best-of|best of|top-scoring|keep|meilleur|highest|draw|sampl|winner|pick", "kl\\b|divergence|far|distance|loin|nats"),
        {"n": n("answers?|samples?|responses?|candidates?|draws?|r[ée]ponses?|best-of-|best of|n\\b|completions?|draw|drafts?", least=2)}, "log({n})-({n}-1)/{n}", unit="nats",
    ),
    Formula(
        "comparisons that a ranking gives", "training/rlhf-ppo.md",
        ("k(k−1)/2 preferences from ordering k outputs?", "Un annotateur ordonne k réponses : combien de comparaisons ?",
         "How many pairwise comparisons does one ranking of several answers give the reward model?", "Someone orders several outputs from best to worst: how many pairs is that?", "Combien de paires donne un classement de plusieurs réponses ?", "Human raters sort several replies each time: how many pairs per prompt?", "Each annotator orders drafts: pairwise preferences obtained per prompt?"),
        ("rank|class|order|list|sort|ordonn", "pairs?|pairwise|comparisons?|paires?|comparaisons?"),
        {"k": n("answers?|responses?|r[ée]ponses?|candidates?|passages?|completions?|items?|documents?|outputs?|replies|drafts?|texts?", least=2)}, "{k}*({k}-1)/2", unit="pairs",
    ),
    Formula(
        "preference by Bradley-Terry", "training/rlhf-ppo.md",
        ("σ(gap) of two reward scores?", "Reward difference to win probability?",
         "How probable is it under Bradley-Terry that the answer with the higher reward is preferred?", "A reward gap of so much: how often do people prefer the better answer?", "Quelle probabilité de préférence pour un tel écart de récompense ?", "The reward model scores one answer so much above another: chance that humans prefer it?"),
        ("bradley|reward|r[ée]compense|preferr|prefer", "probabilit|chance|how likely|often|win"),
        {"a": n("reward|score|scores?|difference|[ée]cart|gap|higher|points?")}, "1/(1+exp(-{a}))", "share",
    ),
    Formula(
        "preference by Bradley-Terry of two rewards", "training/rlhf-ppo.md",
        ("Scores of two completions from the reward model: probability that the first is preferred?", "σ(r1 − r2)?",
         "How probable is it under Bradley-Terry that an answer with one reward is preferred to an answer with another?", "Two replies get these rewards: how often do people pick the first?", "Deux réponses, deux récompenses : quelle probabilité de préférer la première ?", "Rewards of two candidate answers: with which probability would a human choose the first?"),
        ("bradley|reward|r[ée]compense|preferr|prefer", CHANCE, "other|second|and|against|versus|autre|et\\b"),
        {"a": n("reward|score|first|one"), "b": n("other|second|and|against|versus|the other")}, "1/(1+exp(-({a}-{b})))", "share", never="β|beta",
    ),
    Formula(
        "loss of a reward model", "training/rlhf-ppo.md",
        ("−log σ(gap)?", "Pairwise ranking loss for this reward difference?", "Perte de Bradley-Terry pour cet écart ?",
         "What is the Bradley-Terry loss of the reward model on a pair with this gap?",),
        ("reward model|bradley|mod[èe]le de r[ée]compense", "loss\\b|perte"), {"a": n("gap|difference|reward|[ée]cart|higher")}, "log(1+exp(-{a}))",
    ),
    Formula(
        "reward taken off by the KL penalty", "training/rlhf-ppo.md",
        ("β·KL?", "Penalty for an answer this many nats away?",
         "How much does the KL penalty take off the reward?", "Beta times the nats that an answer is away from the reference?", "Combien la pénalité KL retire-t-elle à la récompense ?", "The KL of a reply and the coefficient: how much reward is lost?"),
        ("kl\\b|divergence|nats", "lost|reward|r[ée]compense|penalt|p[ée]nalit"), {"b": n(_BETA + "|penalt|coefficient|weight"), "k": n("nats?|away|divergence|distance|kl|moved|far")}, "{b}*{k}",
    ),
    Formula(
        "penalty of a drift per token", "training/rlhf-ppo.md",
        ("tokens × nats per token × β?", "Drift per token and length: reward units lost to the KL term?",
         "What does an answer pay in reward that drifts by so many nats per token from the reference?", "KL penalty of a long reply that moves away a little at each token?", "Quelle pénalité pour une réponse qui dérive d'un peu de nats par jeton ?", "Long reply, small divergence at every token, coefficient beta: reward taken away?"),
        ("nats?|kl\\b|drift|wander|diverg|d[ée]riv", "per token|each token|a token|par jeton|-token", "reward|r[ée]compense|penalt|p[ée]nalit|cost|co[ûu]t"),
        {"t": n("tokens?|-token|jetons?|long", least=2), "k": n("nats?|drift|wander|per token"), "b": n(_BETA + "|penalt|coefficient|weight")}, "{t}*{k}*{b}", unit="reward",
    ),
    Formula(
        "divergence of an answer from its drift per token", "training/rlhf-ppo.md",
        ("Length times nats per token: KL of the whole answer?",
         "How many nats does an answer accumulate that drifts by so much per token?",),
        ("nats?|kl\\b", "per token|each token|a token|par jeton|-token", "accumul|total|in all|overall|how many nats|answer|reply"), {"t": n("tokens?|-token|jetons?|long", least=2), "k": n("nats?|drift|per token")}, "{t}*{k}", unit="nats", never=_BETA + "|penalt|loss|bits|bytes",
    ),
    Formula(
        "reward less the KL penalty", "training/rlhf-ppo.md",
        ("r − β·KL?", "Reward model score minus penalty: what PPO maximises for this sample?", "Récompense nette après la pénalité KL ?",
         "What reward is left after the KL penalty?", "Net objective of an answer with this score and divergence?", "Objective value of a sampled reply, from its score, beta and its nats from the SFT model?"),
        ("kl\\b|divergence|nats", "reward|r[ée]compense", "left|net|after|minus|less|remain|reste|objective|scored?s?|value"), {"r": n("reward|scored?|scores|r[ée]compense"), "b": n(_BETA + "|coefficient|penalt|weight"), "k": n("nats?|kl|divergence|distance|away")}, "{r}-{b}*{k}", never="per token|-token|each token|cost",
    ),
    Formula(
        "divergence of two probabilities of a token", "training/rlhf-ppo.md",
        ("log(π/π_ref) of one token?", "Token went from one probability under SFT to another under the policy: nats?",
         "What KL contribution in nats does a token give whose probability rose from the reference to the policy?", "Log-ratio of a token under policy and SFT model?", "Quel log-rapport pour un jeton dont la probabilité a changé ?", "How many nats does a token contribute whose probability went from one value to another?"),
        ("kl\\b|nats?|log-?ratio|log-?rapport", "probab|policy|puts?|gives?|token|politique"), {"a": share("policy|now|to\\b|new|rose|politique|puts?"), "b": share("reference|from|old|base|r[ée]f[ée]rence|sft|had|before")}, "log({a}/{b})", unit="nats", never="estimat|grpo|k3|never negative|\\(q",
    ),
    Formula(
        "estimator of the divergence that is never negative", "training/rlhf-ppo.md",
        ("(q−1) − ln q?", "k3 estimator for this ratio?",
         "What does the estimator (q − 1) − log q of the KL give for this ratio?", "GRPO's never-negative KL estimate of a token?"),
        ("kl\\b|estimat", "ratio|q =|q=|\\bq\\b|grpo|never negative"), {"q": n("ratio|q\\b|q =")}, "({q}-1)-log({q})",
    ),
    Formula(
        "memory of the four models of PPO", "training/rlhf-ppo.md",
        ("Policy, critic, reward model and reference of so many parameters each: GB before activations?", "Two trained nets with Adam and two frozen in bf16, all for PPO: memory?", "PPO : politique et critique entraînées, référence et récompense gelées, combien de Go ?",
         "How much memory do the four models of PPO take, two trained and two frozen?", "Weights and optimizer states of policy, value, reference and reward models together?", "Combien de mémoire pour les quatre modèles de PPO ?"),
        ("ppo|policy|policies|critic|reward model|value model|politique", MEMORY, "four|quatre|two|models?|networks|frozen|critic|each"),
        {"_k": n("models?|networks?|nets", "4"), "p": n("parameters?|billion|b\\b|param[èe]tres?|milliard", least=1e5), "a": n("trained|policies|policy|train", "2"), "z": n("frozen|reference|gel[ée]s?", "2"), "x": of("bytes", "trained|each", "16"), "y": of("bytes", "frozen|and", "2")}, "({a}*{x}+{z}*{y})*{p}", "bytes", needs="ppo|critic|value model|policy|politique", never="lora|nf4|zero",
    ),
    Formula(
        "clipped objective of PPO", "training/rlhf-ppo.md",
        ("min(ρA, clip(ρ)A) for a good action?", "Surrogate objective of a token whose ratio went above the clip?", "Objectif écrêté de PPO pour ce rapport et cet avantage ?",
         "What does PPO's clipped objective count for a positive advantage and this probability ratio?",),
        ("ppo|clip", "ratio|advantage|avantage|rapport"), {"r": n("ratio|ρ|rapport|times"), "e": share("ε|epsilon|clip", "0.2"), "a": n("advantage|avantage")}, "min({r},1+{e})*{a}",
    ),
    Formula(
        "probability at which PPO stops pushing a token", "training/rlhf-ppo.md",
        ("Old probability and epsilon: where does the gradient vanish for a good token?", "Jusqu'à quelle probabilité PPO pousse-t-il un jeton avantageux ?",
         "Up to which probability does PPO's clip let a token with positive advantage rise?",),
        ("ppo|clip", "probab", "old|stop|up to|rise|until"), {"p": share("old|probab|from"), "e": share("ε|epsilon|clip", "0.2")}, "{p}*(1+{e})", never="ratio",
    ),
    Formula(
        "comparisons that rankings of many prompts give", "training/rlhf-ppo.md",
        ("prompts × k(k−1)/2: size of the preference set?",
         "How many comparisons do rankings of several answers on many prompts give in all?", "Raters sort replies for many prompts: how many pairs do we collect?", "Combien de paires en tout pour tant d'invites classées ?"),
        ("rank|class|order|sort|ordonn", "pairs?|pairwise|comparisons?|paires?|comparaisons?", "prompts?|invites?|times|over|tasks?"), {"k": n("answers?|responses?|r[ée]ponses?|candidates?|completions?|outputs?|replies", least=2, below="m"), "m": n("prompts?|invites?|tasks?|over", least=2)}, "{m}*{k}*({k}-1)/2", unit="pairs",
    ),
    Formula(
        "margin of DPO from four log-probabilities", "training/dpo.md",
        ("What is DPO's margin, given the negative log-probabilities of both answers under policy and reference?", "Policy and reference log-probs of the chosen and of the rejected answer, and beta: implicit margin?"),
        ("dpo|preference", "margin|marge", "policy|reference|ref\\b"), {"b": n("β|beta"), "a": n("chosen|preferred|policy|winner"), "r": n("reference|ref\\b|under"), "c": n("rejected|loser|other|policy"), "q": n("reference|ref\\b|under")}, "{b}*(({r}-{a})-({q}-{c}))", needs="-\\d|minus|moins", never="loss|probab|likely",
    ),
    Formula(
        "memory of DPO", "training/dpo.md",
        ("How much memory do DPO's trained policy and frozen reference take?", "16 bytes for the policy and 2 for the reference: GB of a DPO run?", "Combien de mémoire pour DPO, politique entraînée et référence gelée ?"),
        ("dpo", MEMORY), {"p": n("parameters?|billion|b\\b|param[èe]tres?|milliard|model", least=1e5), "_x": of("bytes", "trained|policy", "16"), "_y": of("bytes", "frozen|reference", "2"), "_k": n("models?", "2")}, "18*{p}", "bytes", needs="dpo", never="lora|adapter|qlora|stored|precomput|shard|zero|ppo",
    ),
    Formula(
        "distance at the peak of reinforcement learning", "training/reward-hacking.md",
        ("At which distance does the gold reward d(α − β log d) of reinforcement learning peak?", "exp(α/β − 1)?", "Reinforcement learning curve: optimum of the true score?"),
        (_GOLD, _RL, "peak|optimum|where|maxim|highest|how far|distance"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "exp({a}/{b}-1)", needs="peak|optimum|where|maxim|stops|how far|tops?", never="best-of|kl\\b|nats|how (?:high|large|much)|d =|at d\\b",
    ),
    Formula(
        "greatest gold reward of reinforcement learning", "training/reward-hacking.md",
        ("How high does the gold reward d(α − β log d) of reinforcement learning get at most?", "β·exp(α/β − 1)?"),
        (_GOLD, _RL, "how (?:high|large|much)|at most|greatest|height|value"), {"a": n(_ALPHA, "1"), "b": n(_BETA)}, "{b}*exp({a}/{b}-1)", needs="how (?:high|large|much)|at most|greatest|height", never="best-of|kl\\b|nats|where|d =|at d\\b|distance",
    ),
    Formula(
        "reward at a divergence from the base policy", "training/reward-hacking.md",
        ("What is the gold reward of best-of-n at this KL in nats, given alpha and beta?", "√KL·(α − β·√KL)?", "Vraie récompense à cette divergence KL ?"),
        (_GOLD, "kl\\b|nats", "α|alpha|gain"), {"a": n(_ALPHA, "1"), "b": n(_BETA), "k": n("kl\\b|nats?|divergence")}, "sqrt({k})*({a}-{b}*sqrt({k}))", never="peak|optim|maxim|top|penalt|token|" + _RL,
    ),
    Formula(
        "reward gap behind a preference", "training/rlhf-ppo.md",
        ("Which reward gap does a preference of so many percent mean under Bradley-Terry?", "log(p/(1 − p)): difference of rewards?", "Quel écart de récompense pour cette probabilité de préférence ?"),
        ("bradley|reward|r[ée]compense", "gap|difference|[ée]cart|margin", "prefer|pr[ée]f|win|percent|%"), {"p": share("prefer|win|of the time|probab|percent|%|pr[ée]f")}, "log({p}/(1-{p}))", needs="(?:which|what|how (?:large|big)|quel)[^?]{0,40}(?:gap|difference|[ée]cart|margin)",
    ),
    Formula(
        "odds that the optimum of RLHF gives an answer", "training/rlhf-ppo.md",
        ("By which factor does the optimal policy raise the odds of an answer with a higher reward, given beta?", "exp(Δr/β): how many times likelier than under the reference?", "De combien l'optimum favorise-t-il une réponse de récompense supérieure ?"),
        ("optim|closed form|π\\*", "factor|times|likelier|odds|ratio|fois", "reward|r[ée]compense"), {"r": n("reward|difference|gap|higher|better|r[ée]compense"), "b": n("β|beta")}, "exp({r}/{b})", never="best-of|gold|peak|dpo",
    ),
    Formula(
        "implicit reward of an answer under DPO", "training/dpo.md",
        ("What is DPO's implicit reward of an answer with this log-ratio?", "β·log(π/π_ref) for one answer?", "Récompense implicite d'une réponse selon DPO ?"),
        ("implicit|implicite", "reward|r[ée]compense", "log-?ratio|log-?rapport|log\\("), {"b": n(_BETA), "r": n("log-?ratio|log-?rapport|nats|of\\b")}, "{b}*{r}", never="margin|marge|rejected|pair|loss|minus|-\\d",
    ),
    Formula(
        "weight of a pair in DPO's gradient from its log-ratios", "training/dpo.md",
        ("By what is a pair weighted in DPO's gradient, given beta and the difference of its log-ratios?", "σ(−β·Δ): weight of the pair?"),
        (_DPO, "gradient|pull|weight", _DIFFERENCE), {"b": n(_BETA), "d": n(_DIFFERENCE)}, "1/(1+exp({b}*{d}))", needs="gradient|pull", never="loss\\b|perte|margin of|marge de|beta times|times beta",
    ),
    Formula(
        "never negative estimate from two probabilities", "training/rlhf-ppo.md",
        ("What does the estimator (q − 1) − log q of the KL give for a token's probabilities under policy and reference?", "GRPO's never-negative estimate, with q = π_ref / π, from two probabilities?", "Estimateur toujours positif de la KL pour un jeton de ces deux probabilités ?"),
        ("estimat|grpo|k3", "probab|policy|reference|politique"), {"a": share("policy|now|current|π\\b|politique|puts?|trained"), "b": share("reference|ref\\b|old|base|sft|r[ée]f[ée]rence|π_ref")}, "({b}/{a}-1)-log({b}/{a})", unit="nats", needs="estimat|grpo|k3|never negative|\\(q",
    ),
)  # fmt: skip
