"""Operations that are called by name: ``the square root of 2``, ``average of 3, 5 and 10``, ``and times 2?``.

Only where the whole question is one: "the mean of 5 scores" asks for something else.
"""

# ruff: noqa: E501 - patterns are read as wholes
from __future__ import annotations

import re

from rag.llm.extractive_arithmetic import find_expression
from rag.llm.numerals import NUMBER, read_number

_ASKS = r"^\W*(?:(?:and|et) )?(?:what(?:'s| is)|how much is|calculate|compute|give me|find|quelle? est|que vaut|combien (?:vaut|font|fait)|calcule[rz]?|donne[rz]?(?:-moi)?)?\W*(?:the |la |le |l')?"
_ENDS = r"\W*$"
_NUMBER = rf"(?>{NUMBER})"
_LIST = rf"(?P<list>{_NUMBER}(?:(?:, | (?:and|et) |, (?:and|et) ){_NUMBER})+)"
_OF = r"(?: numbers?| nombres?)? (?:of|de|des|for|between|:) ?"
_ONE = tuple(
    (re.compile(rf"{_ASKS}{pattern}{_ENDS}", re.IGNORECASE), expression)
    for pattern, expression in (
        (rf"(?:square root|racine carrée|sqrt){_OF}(?P<n>{_NUMBER})", "sqrt({})"),
        (rf"(?:cube root|racine cubique){_OF}(?P<n>{_NUMBER})", "{} ** (1/3)"),
        (rf"(?P<n>{_NUMBER}) (?:squared|au carré)", "{} ** 2"),
        (rf"(?P<n>{_NUMBER}) (?:cubed|au cube)", "{} ** 3"),
    )
)
_MANY = tuple(
    (re.compile(rf"{_ASKS}(?:{names}){_OF}{_LIST}{_ENDS}", re.IGNORECASE), sign, mean)
    for names, sign, mean in (
        ("average|mean|(?:arithmetic )?mean|moyenne", " + ", True),
        ("sum|total|somme", " + ", False),
        ("product|produit", " * ", False),
    )
)
_THAT = r"(?: (?:that|it|this|the result|cela|ça|le résultat))?"
_GOES_ON = tuple(
    (re.compile(rf"^\W*(?:(?:and|et|then|puis|now) )*(?:{words}) ?(?P<n>{_NUMBER}){_ENDS}", re.IGNORECASE), sign)
    for words, sign in (
        (rf"times|multiplied by|multiply{_THAT} by|fois|multiplié par|multiplie{_THAT} par|\*|×", "*"),
        (rf"divided by|divide{_THAT} by|divisé par|divise{_THAT} par|/|÷", "/"),
        (r"plus|\+", "+"),
        (r"minus|moins|-|−", "-"),
    )
)  # fmt: skip
_NUMBERS = re.compile(_NUMBER)


def named_sum(question: str) -> str | None:
    """The expression of an operation that is all that a question asks for, or ``None``."""
    text = " ".join(question.replace("’", "'").split())
    for pattern, expression in _ONE:
        if match := pattern.match(text):
            return expression.format(f"{read_number(match['n']):f}")
    for pattern, sign, mean in _MANY:
        if match := pattern.match(text):
            numbers = [f"{read_number(number):f}" for number in _NUMBERS.findall(match["list"])]
            joined = sign.join(numbers)
            return f"({joined}) / {len(numbers)}" if mean else joined
    return None


def sum_of(question: str) -> str | None:
    """The arithmetic that a question asks for, in symbols or by name, or ``None``."""
    return named_sum(question) or find_expression(question)


def gone_on(question: str, expression: str) -> str:
    """``expression`` with what a follow-up does to its result ("and times 2?"); empty if it does nothing."""
    for pattern, sign in _GOES_ON:
        if match := pattern.match(" ".join(question.split())):
            made = f"({expression}) {sign} {read_number(match['n']):f}"
            return made if find_expression(made) else ""
    return ""
