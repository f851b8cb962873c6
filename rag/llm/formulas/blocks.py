"""Formulas of the handbook's pages on what a block holds: experts, norms, the residual stream."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import DTYPE, HIDDEN, LAYERS, MEMORY, PARAMETERS, WEIGHTS, WIDTH

_RESIDUAL = "residual|r[ée]siduel|stream|skip connection|\\bblocks?\\b|blocs?"

FORMULAS = (
    Formula(
        "distinct experts of a batch", "transformer/mixture-of-experts.md",
        ("e·(1−(1−k/e)^B) for this layer and batch?", "Decoding several sequences at once on an MoE: experts touched per layer on average?", "Combien d'experts différents lus par couche pour ce lot ?",
         "How many different experts are loaded on average when a batch of tokens each picks some of them?",
         "Expected number of experts that a layer wakes up for several tokens decoded together?",
         "Combien d'experts différents un lot de jetons touche-t-il en moyenne ?", "A batch decoded on a mixture of experts: how many expert networks have to be read per layer?", "Random routing: how many of the experts does this batch use on average?", "Users decode at once on Mixtral: how many of the experts get read in each layer on average?"),
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?|wake|awake"),
        {"e": n("experts?|out of|parmi|choose from|among"), "k": n("picking|picks?|takes?|choos|top-?|chois|active|each", "2", below="e"), "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{e}*(1-(1-{k}/{e})**{b})", unit="experts",
    ),
    Formula(
        "distinct experts of a batch, told as a share", "transformer/mixture-of-experts.md",
        ("How many different experts are loaded on average when a batch of tokens each picks some of them?",
         "Expected number of experts that a layer wakes up for several tokens decoded together?",
         "Combien d'experts différents un lot de jetons touche-t-il en moyenne ?", "A batch decoded on a mixture of experts: how many expert networks have to be read per layer?", "Random routing: how many of the experts does this batch use on average?", "Users decode at once on Mixtral: how many of the experts get read in each layer on average?"),
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?|wake|awake"),
        {"r": share("experts?|of\\b|picking|picks?|choos|chois"), "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{r_whole}*(1-(1-{r})**{b})", unit="experts",
    ),
    Formula(
        "capacity of an expert", "transformer/mixture-of-experts.md",
        ("capacity factor × tokens / experts?", "Top-1 routing: how many tokens before an expert is full?", "Capacité de chaque expert avec ce facteur ?",
         "How many tokens can one expert take, given the capacity factor, the tokens of the batch and the experts?",
         "Beyond how many tokens does an expert drop what it is sent?",
         "Combien de jetons un expert accepte-t-il avec ce facteur de capacité ?", "Slots per expert of a top-1 layer with fixed shapes?", "Each expert is capped at a multiple of its fair share of the tokens: seats per expert?", "Room in every expert before tokens are dropped?"),
        ("experts?", "capacity|capacit[ée]|slots?|accept|room|drop|seats?|cap\\b|capped|fair share"),
        {"f": n("factor|facteur|capacity|times|slack|share"), "t": n("tokens?|jetons?|batch|lot", least=2), "e": n("experts?")}, "{f}*{t}/{e}", unit="tokens",
    ),
    Formula(
        "weights of the experts of a mixture", "transformer/mixture-of-experts.md",
        ("All expert FFNs of all layers: parameter count?", "Combien de poids dans les experts de toutes les couches ?", "experts × 3·d·d_ff × layers?",
         "How many weights do the experts of a mixture of experts have?", "Parameters in all gated experts of the layers together?"),
        ("experts?", WEIGHTS), {"e": n("experts?"), "d": n(WIDTH, least=64), "h": n(HIDDEN, least=64), "l": n(LAYERS, "1")}, "3*{e}*{d}*{h}*{l}", unit="parameters",
    ),
    Formula(
        "arithmetic that a mixture saves", "transformer/mixture-of-experts.md",
        ("Total over active parameters: how much less compute than dense?", "MoE stores so much but runs so much per token: factor saved on prefill?",
         "How many times less arithmetic does a sparse model with fewer active parameters need than a dense one of its size?",
         "A model owns many weights and uses some of them per token: by what factor is its compute smaller?",
         "Combien de fois moins de calcul pour un modèle à paramètres actifs qu'un modèle dense ?", "Total and active parameters of a mixture: how much cheaper per token than dense?"),
        ("sparse|moe|experts?|active|actifs", "times|factor|fois|facteur|ratio", PARAMETERS), {"t": n("total|owns?|holds?|weights?|parameters?|all", least=1e5), "a": n("active|uses?|runs?|of them|per token|actifs", least=1e5)}, "{t}/{a}", unit="times",
    ),
    Formula(
        "size of Mixtral's weights", "transformer/mixture-of-experts.md",
        ("Mixtral quantized to so many bits a weight: will it fit, how many GB?", "Poids de Mixtral sur tant de bits : combien de Go ?",
         "How many gigabytes does Mixtral take at this many bits per weight?", "All of Mixtral's experts loaded, quantised: how much memory?", "Combien de Go pour Mixtral à tant de bits par poids ?", "Fitting all eight experts in memory at so many bits: gigabytes?"),
        ("mixtral", MEMORY, "bits?|quanti"), {"_m": of("model"), "b": of("bits", "bits?")}, "46702792704*{b}/8", "bytes", never="cache",
    ),
    Formula(
        "first component of a pair after RMSNorm", "transformer/normalisation.md",
        ("Normalise (x, y) by its root mean square: first number?", "Première composante de (x, y) après RMSNorm ?",
         "What does RMSNorm with gain 1 make of the first component of a vector of two components?", "RMSNorm of a pair of numbers: the first of the two results?"),
        ("rms", "components?|vector|pair|composantes?|vecteur|\\(", "first|become|return|give|premi[èe]re"), {"_g": n("gain|g =", "1"), "a": n("\\("), "b": n("\\)|,|and")}, "{a}/sqrt(({a}**2+{b}**2)/2)", never="root mean square|divid|second|last|\\([^()]*[,;] [^()]*[,;] ",
    ),
    Formula(
        "second component of a pair after RMSNorm", "transformer/normalisation.md",
        ("Normalise (x, y) by its root mean square: second number?", "Seconde composante de (x, y) après RMSNorm ?",
         "What does RMSNorm with gain 1 make of the second component of a vector of two components?",),
        ("rms", "second|last|other|deuxi[èe]me"), {"_g": n("gain|g =", "1"), "a": n("\\("), "b": n("\\)|,|and")}, "{b}/sqrt(({a}**2+{b}**2)/2)", never="\\([^()]*[,;] [^()]*[,;] ",
    ),
    Formula(
        "root mean square of two components", "transformer/normalisation.md",
        ("RMS of this little vector of two?", "Par quel nombre RMSNorm divise-t-elle ce vecteur ?",
         "What is the root mean square by which RMSNorm divides a vector with these components?", "By which number does RMSNorm divide this pair of values?"),
        ("rms|root[- ]mean[- ]square|moyenne quadratique", "components?|vector|vecteur|composantes?|divis|divid|\\("), {"a": n("components?|vector|\\(|vecteur|composantes?"), "b": n("components?|vector|and|,|et")}, "sqrt(({a}**2+{b}**2)/2)", never="become|first|second|return|\\([^()]*[,;] [^()]*[,;] ",
    ),
    Formula(
        "largest component of a normalised vector", "transformer/normalisation.md",
        ("All the energy in one coordinate after RMSNorm: its value?", "Vector of this width normalised to RMS one: most that a single entry can be?", "Quelle valeur maximale une seule composante peut-elle prendre après normalisation, avant le gain ?",
         "What is the largest value that a component of a normalised vector can reach?", "How far can a single outlier stick out after RMSNorm, before the gain?", "Quelle est la plus grande valeur d'une composante après RMSNorm ?", "Ceiling for a single entry after RMS normalisation, gain left out?"),
        ("normali[sz]|rmsnorm|norm\\b|rms", "ceiling|cap\\b|largest|maxim|most|reach|at most|biggest|plus grand|exceed"), {"d": n(WIDTH + "|components?|-dim|dim\\b|vector|numbers|of\\b", least=2)}, "sqrt({d})",
    ),
    Formula(
        "parameters of all norms", "transformer/normalisation.md",
        ("(2L+1)·d?", "Norm gains of a model with so many blocks of this width?",
         "How many parameters do all the RMSNorm gains of a pre-norm model have, the final one included?", "Gains of two norms per block and a last one: how many numbers?", "Combien de paramètres dans toutes les RMSNorm du modèle ?", "Two RMSNorms per block and one at the end: parameter total of the norms?"),
        ("rms|norms?\\b|gains?", WEIGHTS, LAYERS), {"l": n(LAYERS), "d": n(WIDTH, least=8)}, "(2*{l}+1)*{d}", unit="parameters",
    ),
    Formula(
        "terms of the residual sum", "transformer/residual-stream.md",
        ("Embedding plus attention and FFN outputs of every block: number of vectors added?", "Combien de vecteurs s'additionnent dans le flux résiduel jusqu'au bout ?",
         "Of how many contributions is the final residual stream of a network with these layers the sum?", "Blocks that each write two updates, plus the embedding: how many vectors are added up?", "De combien de termes l'état final est-il la somme ?", "How many things are added together to make the final hidden state?"),
        (_RESIDUAL, "terms?|contributions?|termes?|sum|somme|summands?|vectors?"), {"_u": n("updates?|writes?|each", "2"), "l": n(LAYERS)}, "2*{l}+1", unit="terms",
    ),
    Formula(
        "growth of the residual stream", "transformer/residual-stream.md",
        ("√(2L+1) for this depth?", "Independent unit updates from every sublayer: typical size of the final residual components?",
         "By how much does the norm of the residual stream grow over the layers?", "Standard deviation of the last state if the embedding and all updates are independent with unit variance?", "Quel écart-type au sommet si toutes les mises à jour sont indépendantes ?", "How spread out are the components of the final state, if every sublayer adds an independent unit-variance vector?"),
        (_RESIDUAL, "grow|norm|standard deviation|[ée]cart-type|root|magnitude|times|fois|large|spread"), {"l": n(LAYERS)}, "sqrt(2*{l}+1)", never="variance of the (?:final|last)|share",
    ),
    Formula(
        "initial scale of a branch's output", "transformer/residual-stream.md",
        ("1/√(2L) for this many blocks?", "GPT-2-style initialisation: multiplier of residual output weights for this depth?",
         "By which factor does GPT-2 scale the initial weights of the residual branches' output projections?", "How much smaller do the weights that write to the stream start, given the number of blocks?", "Par quel facteur réduire les poids résiduels à l'initialisation ?", "Init of residual projections in a deep net, the GPT-2 way: which multiplier?"),
        ("residual|r[ée]siduel|branch|gpt-2|stream", "init|scale|[ée]chelle|factor|facteur|multipl|start|shrunk"), {"l": n(LAYERS)}, "1/sqrt(2*{l})",
    ),
    Formula(
        "bytes of the residual stream of a token over all layers", "transformer/residual-stream.md",
        ("Activations crossing from one pipeline stage to the next for so many tokens?", "d times two bytes per token: how much is sent to the next GPU?", "Points de contrôle aux frontières des blocs : mémoire par séquence ?", "Checkpoint at each block boundary only: GiB for this sequence?",
         "How many bytes does the residual stream or hidden state take for a token over the layers?",
         "What does one pipeline stage hand to the next for each token?",
         "Memory of activation checkpoints kept at block boundaries only?",
         "Combien d'octets par jeton passent d'un étage du pipeline au suivant ?", "Pipeline parallelism: how many bytes of activations does a micro-batch send between stages?", "A token's state in 16 bits: how many KiB travel between stages?", "Layer inputs saved for recomputation: gigabytes kept?"),
        ("residual|r[ée]siduel|hidden state|pipeline|stage|boundar|checkpoint|[ée]tage", MEMORY), {"d": n(WIDTH, least=64), "l": n(LAYERS, "1"), "t": n("tokens?|jetons?|positions?", "1"), "b": of("dtype", DTYPE, "2")}, "{d}*{l}*{t}*{b}", "bytes",
    ),
    Formula(
        "distinct experts of Mixtral", "transformer/mixture-of-experts.md",
        ("8·(1−0.75^B) for this batch?", "Batch decoding on Mixtral: experts read per layer on average?", "Combien des experts de Mixtral sont lus par couche avec ce lot ?",
         "How many of Mixtral's eight experts get read in each layer on average when so many sequences decode at once?", "Mixtral with a small batch: expected number of different experts per layer?"),
        ("mixtral", "experts?", "average|expected|distinct|different|moyenne|many"), {"_m": of("model"), "b": n("tokens?|users?|sequences?|batch|streams?|requests?|conversations?"), "_e": n("experts?|eight|of the", "8"), "_k": n("two|picks?|active|each", "2")}, "8*(1-(6/8)**{b})", unit="experts", never="bits?|gb\\b|weigh",
    ),
    Formula(
        "tokens of each expert on average", "transformer/mixture-of-experts.md",
        ("How many tokens of the batch does each expert serve on average?", "Tokens routed to so many experts, a few choices each: load per expert if perfectly balanced?", "Combien de jetons par expert en moyenne ?"),
        ("experts?", "average|balanced|evenly|moyenne|mean|load", "tokens?|jetons?"), {"t": n("tokens?|jetons?|batch|lot", least=2), "k": n("top-?|choos|chosen|picks?|each|per token|choisi", "2", below="e"), "e": n("experts?")}, "{t}*{k}/{e}", unit="tokens", never="distinct|different|diff[ée]rent|capacity|factor|drop",
    ),
    Formula(
        "tokens that an expert drops", "transformer/mixture-of-experts.md",
        ("How many tokens are dropped by an expert that gets more than its capacity?", "An expert receives so many tokens, capacity factor and batch known: how many skip the layer?"),
        ("experts?", "drop|skip|overflow|lost|jet[ée]"), {"x": n("receiv|gets?|sent|routed|picked by|choose", least=2), "f": n("factor|facteur|capacity"), "t": n("tokens?|jetons?|batch|lot", least=2), "e": n("experts?")}, "max(0,{x}-{f}*{t}/{e})", unit="tokens", needs="drop|skip|overflow|lost",
    ),
    Formula(
        "root mean square of three components", "transformer/normalisation.md",
        ("What is the root mean square by which RMSNorm divides a vector of three components?",),
        ("rms|root[- ]mean[- ]square|moyenne quadratique", "components?|vector|divid|divis|\\("), {"_n": n("components?|vector", "3"), "a": n("\\("), "b": n(","), "c": n(",|\\)|and")}, "sqrt(({a}**2+{b}**2+{c}**2)/3)", needs="\\([^()]*[,;] [^()]*[,;] ", never="\\([^()]*[,;] [^()]*[,;] [^()]*[,;] |become|first|second|third|last|return|component of",
    ),
    Formula(
        "root mean square of four components", "transformer/normalisation.md",
        ("What is the root mean square by which RMSNorm divides a vector of four components?",),
        ("rms|root[- ]mean[- ]square|moyenne quadratique", "components?|vector|divid|divis|\\("), {"_n": n("components?|vector", "4"), "a": n("\\("), "b": n(","), "c": n(","), "d": n(",|\\)|and")}, "sqrt(({a}**2+{b}**2+{c}**2+{d}**2)/4)", needs="\\([^()]*[,;] [^()]*[,;] [^()]*[,;] ", never="become|first|second|third|last|return|component of",
    ),
    *(
        Formula(
            f"{place} component of {count} after RMSNorm", "transformer/normalisation.md",
            (f"What does RMSNorm with gain 1 make of the {place} component of a vector of {count} components?", f"RMSNorm with unit gain on {count} numbers: what's the {place} one?", f"{french} composante de {count} après RMSNorm ?"),
            ("rms", "components?|vector|composantes?|vecteur|\\(", cues),
            {"_g": n("gain|g =", "1"), "_e": n("ε|eps|epsilon", "0"), **{name: n("\\(" if name == "a" else ",") for name in "abcd"[: len(terms)]}},
            f"{{{letter}}}/sqrt(({'+'.join(f'{{{name}}}**2' for name in 'abcd'[:len(terms)])})/{len(terms)})", needs=f"(?=.*(?:{cues})).*\\([^()]*[,;] [^()]*[,;] " + ("[^()]*[,;] " if count == "four" else ""), never="root mean square|divides?\\b" + ("" if count == "four" else "|\\([^()]*[,;] [^()]*[,;] [^()]*[,;] "),
        )
        for count, terms in (("three", "abc"), ("four", "abcd"))
        for place, french, letter, cues in (("first", "Première", "a", "first|premi[èe]re"), ("last", "Dernière", terms[-1], "last|derni[èe]re|third|fourth"))
    ),
    Formula(
        "share of the last update in the residual stream", "transformer/residual-stream.md",
        ("What share of the final variance of the residual stream comes from the last update?", "Independent unit-variance updates from so many blocks: weight of a single one in the final variance?", "Quelle part de la variance finale vient de la dernière mise à jour ?"),
        (_RESIDUAL, "variance", "share|percent|%|part\\b|fraction|accounts?|weight"), {"l": n(LAYERS)}, "1/(2*{l}+1)", "share",
    ),
    Formula(
        "variance of the residual stream", "transformer/residual-stream.md",
        ("What is the variance of the final residual stream if embedding and updates are independent with unit variance?", "Quelle variance au sommet du flux résiduel ?"),
        (_RESIDUAL, "variance"), {"l": n(LAYERS)}, "2*{l}+1", needs="variance", never="standard deviation|[ée]cart-type|share|percent|%|fraction|part\\b|spread",
    ),
    *(
        Formula(
            f"load-balancing loss of {count} experts", "transformer/mixture-of-experts.md",
            (f"What is the auxiliary load-balancing loss of {count} experts, given the token fractions, the mean router probabilities and alpha?", f"α·N·Σ f·P for {count} experts?", f"Perte auxiliaire d'équilibrage pour {french} experts ?"),
            ("experts?", "loss|perte", "balanc|auxiliary|auxiliaire|équilibr|switch|alpha|α"),
            {"_n": n("experts?", str(size)), "a": n("α|alpha|coefficient|weight"), **{f"f{place}": share("tokens?|fractions?|f\\b|sent|routed") for place in range(size)}, **{f"p{place}": share("probab|router|p\\b") for place in range(size)}},
            f"{{a}}*{size}*({'+'.join(f'{{f{place}}}*{{p{place}}}' for place in range(size))})", needs="loss|perte",
        )
        for count, french, size in (("two", "deux", 2), ("three", "trois", 3), ("four", "quatre", 4))
    ),
    Formula(
        "load-balancing loss of a perfectly balanced router", "transformer/mixture-of-experts.md",
        ("What is the load-balancing loss when so many experts get equal shares, given alpha?", "Perfectly uniform routing: value of α·N·Σ f·P?"),
        ("balanc|uniform|equal|auxiliary|switch", "loss|perte", "experts?"), {"_n": n("experts?", "1"), "a": n("α|alpha|coefficient|weight")}, "1*{a}", needs="uniform|perfect|equal shares|evenly", never="collapse|all tokens|one expert",
    ),
    Formula(
        "load-balancing loss of a collapsed router", "transformer/mixture-of-experts.md",
        ("What is the load-balancing loss when one expert gets every token with full probability, given alpha?", "Router collapsed onto a single expert: α·N?"),
        ("collaps|all (?:the )?tokens|every token|single expert|one expert", "loss|perte", "experts?"), {"e": n("experts?|of\\b", least=2), "a": n("α|alpha|coefficient|weight")}, "{a}*{e}", needs="collaps|all (?:the )?tokens|every token|single expert|one expert",
    ),
    Formula(
        "first component of three after LayerNorm", "transformer/normalisation.md",
        ("What does LayerNorm make of the first of three numbers, gain one and bias zero?", "Subtract the mean, divide by the standard deviation: first component?", "LayerNorm de trois nombres : première composante ?"),
        ("layernorm|layer norm", "first|premi"), {"_g": n("gain|g =", "1"), "_b": n("bias|b =", "0"), "a": n("\\("), "b": n(","), "c": n(",")}, "({a}-({a}+{b}+{c})/3)/sqrt((({a}**2+{b}**2+{c}**2)/3)-(({a}+{b}+{c})/3)**2)", needs="first|premi", never="rms",
    ),
    Formula(
        "last component of three after LayerNorm", "transformer/normalisation.md",
        ("What does LayerNorm make of the last of three numbers, gain one and bias zero?", "LayerNorm de trois nombres : dernière composante ?"),
        ("layernorm|layer norm", "last|third|derni"), {"_g": n("gain|g =", "1"), "_b": n("bias|b =", "0"), "a": n("\\("), "b": n(","), "c": n(",")}, "({c}-({a}+{b}+{c})/3)/sqrt((({a}**2+{b}**2+{c}**2)/3)-(({a}+{b}+{c})/3)**2)", needs="last|third|largest|derni", never="rms",
    ),
)  # fmt: skip
