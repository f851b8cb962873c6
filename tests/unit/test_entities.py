"""What a sentence names is found again however it is written, and missed where it is not there."""

from __future__ import annotations

import pytest

from rag.answer.entities import dates, missing, without_entities
from rag.lexical import numbers


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("It was measured with Mistral 7B.", "The cache of Mistral-7B was measured."),
        ("It was measured on H100s.", "An H100 was used."),
        ("Heads are shared in GQA.", "Grouped-query attention shares heads."),
        ("Here Grouped Query Attention shares heads.", "GQA shares heads."),
        ("Group Relative Policy Optimization needs no value model.", "GRPO needs no value model."),
        ("It is set by `--max-model-len` and top_k.", "Set --max-model-len, then top-k."),
        ("C'est l'avis du Conseil d'État.", "Le Conseil d'État a rendu un avis."),
        ("Released on 12 March 2024.", "It came out on March 12, 2024."),
        ("Released in March 2024.", "It came out on 2024-03-12."),
        ("En vigueur le 1er avril 2020.", "Il entre en vigueur le 1 avr. 2020."),
        ("Nothing is named here. Word (Another) means nothing: Or little.", ""),
        ("You may 2 times ask.", ""),
        ("About 7.20 experts are used.", ""),
        ("With Mistral 32 layers are used.", "Mistral has layers."),
    ],
)
def test_what_is_there_in_another_form_is_not_missed(claim: str, text: str) -> None:
    assert missing(claim, text, "en") == ()


@pytest.mark.parametrize(
    ("claim", "text", "absent"),
    [
        ("It was measured with Mistral 7B.", "Llama 2 7B was measured.", "Mistral 7B"),
        ("Mistral 7B was measured.", "Llama 2 7B was measured.", "Mistral 7B"),
        ("It was measured with Mistral 7B.", "Mistral 17B was measured.", "Mistral 7B"),
        ("Vectors are kept in Qdrant.", "Vectors are kept.", "Qdrant"),
        ("It needs `max_num_seqs`.", "It needs max_seqs.", "max_num_seqs"),
        ("The arrêt of the Cour Suprême stands.", "L'arrêt de la Cour.", "Cour Suprême"),
        ("Paged by PagedAttention.", "Attention is paged.", "PagedAttention"),
        ("Released on 13 March 2024.", "It came out on March 12, 2024.", "13 March 2024"),
        ("Released in May 2024.", "It came out on March 12, 2024.", "May 2024"),
        ("En vigueur le 1er avril 2020.", "En vigueur le 1er mai 2020.", "1er avril 2020"),
        ("Heads are shared in GQA.", "Multi-query attention shares heads.", "GQA"),
    ],
)
def test_what_is_not_there_is_named_as_it_is_written(claim: str, text: str, absent: str) -> None:
    assert missing(claim, text, "en") == (absent,)


def test_the_digits_of_a_name_go_with_it_and_other_numbers_stay() -> None:
    said = "With Llama 2 7B on an H100 the 32 layers of Mistral 7B take 7 GB."
    assert numbers(without_entities(said, "en")) == {32, 7}


def test_capitals_name_nothing_where_every_noun_has_one() -> None:
    assert missing("Die Katze liegt im Garten mit der H100.", "", "de") == ("H100",)


@pytest.mark.parametrize(
    "form",
    ["2 August 2026", "2nd of August, 2026", "August 2, 2026", "Aug. 2nd 2026", "2026-08-02", "2 août 2026"],
)
def test_a_date_is_read_in_each_of_its_forms_and_left_out_whole(form: str) -> None:
    assert (2026, 8, 2) in dates(form)
    assert without_entities(f"on {form} it began", "en").split() == ["on", "it", "began"]


def test_a_month_and_its_year_hold_no_day() -> None:
    assert dates("in August 2026") == {(2026, 8, None)}
    assert missing("It began on 2 August 2026.", "It began in August 2026.", "en") == ("2 August 2026",)
