"""Questions are short: a handful of words has to be enough."""

import pytest

from rag.language import UNDETERMINED, detect_language


@pytest.mark.parametrize(
    "question",
    [
        "What is RoPE?",
        "How do agents avoid infinite loops?",
        "KV cache size of Mistral 7B",
        "attention causal mask",
        "BM25",
        "Score fusion",
        "Tensor parallelism",
        "2 * 32 * 8 / 1024",
    ],
)
def test_english_questions_and_bare_terms_are_english(question: str) -> None:
    assert detect_language(question) == "en"


@pytest.mark.parametrize(
    "question",
    [
        "Qu'est-ce que RoPE ?",
        "C’est quoi le RRF ?",
        "Combien coûte un token ?",
        "Et pour Mixtral ?",
        "À quoi sert le cache de préfixe ?",
        "que dit le RGPD sur les embeddings",
        "coût par token sur GPU",
        "plongements",
        "Pannes typiques",
        "Le compromis",
        "latence",
    ],
)
def test_french_questions_are_french_even_around_an_english_term(question: str) -> None:
    assert detect_language(question) == "fr"


def test_another_language_is_told_when_the_text_is_clearly_in_it() -> None:
    assert detect_language("Was ist der Unterschied zwischen einem Baum und einem Graphen?") == "de"


@pytest.mark.parametrize(
    "text",
    [
        "Что такое кэш ключей и значений?",
        "什么是 KV cache？",
        "어텐션은 어떻게 작동하나요?",
        "كيف تعمل آلية الانتباه؟",
        "Transformer の注意機構とは何ですか",
        "Jak działa pamięć podręczna kluczy i wartości?",
        "pamięć podręczna",
        "jak zmierzyc jakosc wyszukiwania",
        "Vad är skillnaden mellan BM25 och vektorsökning?",
        "Hvad er forskellen på BM25 og vektorsøgning?",
        "Com funciona la memòria cau?",
        "Hogyan működik a gyorsítótár?",
    ],
)
def test_a_text_in_none_of_the_known_languages_is_undetermined(text: str) -> None:
    assert detect_language(text) == UNDETERMINED == "und"


@pytest.mark.parametrize(
    ("text", "language"),
    [("What does 注意力 mean?", "en"), ("Qu'est-ce que 注意力 ?", "fr"), ("Pipeline parallelism", "en")],
)
def test_a_foreign_word_does_not_change_a_text_s_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who wrote Les Misérables?", "en"),
        ("Who is on the board of Notre Dame?", "en"),
        ("Please name it. Who wrote Les Fleurs du Mal?", "en"),
        ("Qui a chanté What If et Why dans ce film ?", "fr"),
        # A sentence's first word has a capital without being a name, and so has every word of a heading.
        ("Les Misérables, qui est l'auteur ?", "fr"),
        ("Pros And Cons", "en"),
        ("Avantages Et Limites Pour Nous", "fr"),
    ],
)
def test_names_inside_a_question_do_not_change_its_language(question: str, language: str) -> None:
    assert detect_language(question) == language


@pytest.mark.parametrize("text", ["", "   ", "123 456", "---"])
def test_a_text_without_words_has_the_default_language(text: str) -> None:
    assert detect_language(text, default="fr") == "fr"
