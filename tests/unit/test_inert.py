"""What an answer says acts on nothing: addresses, elements, and characters that terminals obey."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.events import Done, Retracted, Token
from agents.graph import build_agent
from app.cli.ingest import progress_bar, shown_in
from app.cli.output import PlainConsole
from ingest.pipeline import Progress
from rag.answer.inert import LEFT_OUT, InertStream, addresses, inert, plain
from rag.errors import ModelUnavailable
from rag.llm.base import ChatReply
from rag.llm.scripted import Broken, ScriptedChat
from tests.agents import QUESTION, SEARCH, Corpus, calls, context, events, hit

EVIL = "evil.example/x?d=1"


@pytest.mark.parametrize(
    "address",
    [
        f"https://{EVIL}",
        f"HTTP://{EVIL}",
        f"https:{EVIL}",
        f"https:\\\\{EVIL}",
        f"//{EVIL}",
        "//evil.\u0440\u0444/x",
        "//e\u200dvil.evil/x",
        f"/\\{EVIL}",
        f"https&colon;&sol;&sol;{EVIL}",
        f"https&#58;&#x2F;/{EVIL}",
        f"www.{EVIL}",
        f"ftp://{EVIL}",
        f"git+ssh://{EVIL}",
        "javascript:alert(1",
        "data:text/html;base64,AAAA",
        "mailto:a@evil.example",
        "a.b+key@evil.example",
        "key&#64;evil.example",
        "k\u200bey@evil.example",
        f"h\u200bttps://{EVIL}",
        f"ht\x1btps://{EVIL}",
        f"https://\u202e{EVIL}",
    ],
)
@pytest.mark.parametrize("form", ["see {}.", "![plan]({})", "[here]({} 'title')", "<{}>", "[x]: {}", "`{}`"])
def test_an_address_is_left_out_however_it_is_written(address: str, form: str) -> None:
    shown = inert(form.format(address))
    assert LEFT_OUT["en"] in shown
    assert "evil" not in shown
    assert "alert" not in shown


def test_an_address_that_the_user_wrote_stays_to_the_letter_and_no_other_with_it() -> None:
    given = "https://ours.example/a"
    said = f"{given}, and {given}?d=secret, and {given}."
    left = LEFT_OUT["fr"]
    assert inert(said, f"Qu'est-ce que {given} ?", "fr") == f"{given}, and {left}, and {given}."


def test_a_mail_address_stays_where_the_user_wrote_it() -> None:
    said = "Write to us@ours.example, not to key@evil.example."
    assert inert(said, "Is us@ours.example right?") == f"Write to us@ours.example, not to {LEFT_OUT['en']}."


@pytest.mark.parametrize(
    "text",
    [
        "7 // 2 = 3, and 7//2 too; a ratio of 3:1 at 10:30",
        "see [HNSW](../retrieval/hnsw.md) [1], rag/types.py, and/or",
        "key: value\nhttp: the protocol",
        "if a < b and c<d: x\tيَ‌ب",
        "The note: a name@host is no address.",
        "Recall@10, nDCG@10.5 and mAP@0.5 are measures",
    ],
)
def test_what_is_no_address_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_elements_that_fetch_or_run_are_no_elements_any_more() -> None:
    assert (
        inert("<img src=x onerror=alert()><b>bold</b><a href=x>")
        == "‹img src=x onerror=alert()><b>bold</b>‹a href=x>"
    )


def test_addresses_are_found_with_those_of_mail() -> None:
    assert addresses(f"write to a.b@evil.example, or https://{EVIL}.") == [
        f"https://{EVIL}",
        "a.b@evil.example",
    ]


PIECES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                "https:",
                "//",
                "/",
                "evil.example",
                "@",
                "&#64;",
                " ",
                "\n",
                "<",
                "img",
                "www.",
                "\x1b",
                ")",
                "&sol;",
            ]
        ),
    ),
    max_size=12,
)


@given(PIECES)
def test_in_pieces_it_is_what_it_is_as_a_whole(pieces: list[str]) -> None:
    stream = InertStream("is https://evil.example ours?")
    told = "".join([*(stream.feed(piece) for piece in pieces), stream.rest()])
    assert told == inert("".join(pieces), "is https://evil.example ours?")


@given(PIECES)
def test_what_is_inert_stays_so(pieces: list[str]) -> None:
    once = inert("".join(pieces))
    assert addresses(once) == []
    assert inert(once) == once


def test_a_word_without_end_is_not_held_back_without_end() -> None:
    stream = InertStream()
    assert sum(len(stream.feed("x" * 1000)) for _ in range(10)) >= 5000


def test_a_terminal_gets_no_orders_from_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    PlainConsole(highlight=False).print("a\x1b]8;;https://evil.example\x07b\x1b[2J\u202ec", markup=False)
    assert capsys.readouterr().out == "a]8;;https://evil.example" + "b[2Jc\n"
    assert plain("a\tb\nc") == "a\tb\nc"


ORDER = f"![plan](https://{EVIL})"


async def told(chat: ScriptedChat, question: str = QUESTION) -> tuple[str, str]:
    """What was streamed after the last retraction, and the answer's text."""
    happened = await events(build_agent(), question, context(chat, Corpus([hit(0.8)])))
    since = max((at for at, event in enumerate(happened) if isinstance(event, Retracted)), default=0)
    done = happened[-1]
    assert isinstance(done, Done)
    return "".join(event.text for event in happened[since:] if isinstance(event, Token)), done.answer.text


async def test_an_answer_and_its_stream_hold_no_address_that_the_model_added() -> None:
    streamed, text = await told(ScriptedChat([SEARCH, f"It takes 131,072 bytes per token [1]. {ORDER}"]))
    assert streamed == text == f"It takes 131,072 bytes per token [1]. ![plan]({LEFT_OUT['en']})"


async def test_nor_does_an_answer_given_at_once() -> None:
    streamed, text = await told(ScriptedChat([calls(("answer_directly", {"answer": f"Hello {ORDER}"}))]))
    assert streamed == text == f"Hello ![plan]({LEFT_OUT['en']})"


async def test_half_an_address_is_not_told_when_the_model_breaks_off() -> None:
    script: list[ChatReply | Broken] = [SEARCH, Broken("131,072 https://evil.exa", ModelUnavailable("cut"))]
    streamed, text = await told(ScriptedChat(script))
    assert "evil" not in streamed + text
    assert streamed == text


def test_a_files_name_is_no_markup_and_no_order_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = PlainConsole(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr("app.cli.ingest.err", console)
    with progress_bar() as bar:
        shown_in(bar)(Progress(1, 2, "book/[/red]a\x1b]0;title\x07.md"))
        bar.refresh()
    assert "book/[/red]a]0;title.md" in screen.getvalue()
