"""Patterns: the subset that means the same in Python and in JavaScript, and never hangs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.fields.text import compiled
from forms.lint.patterns import PatternRefused, require_portable

GOOD = [
    "^$",
    "^WO-[0-9]{6}$",
    "^[A-Z][a-z]+$",
    "^(?:NC|CAPA)-[0-9]{4}$",
    "^(a|b)?c$",
    "^[^0-9]*$",
    "^(?:[0-9]{3}-){2}[0-9]{4}$",
    "^[\\[\\]\\-^]$",
    "^批号[0-9]{1,8}$",
    "^\\$[0-9]+\\.[0-9]{2}$",
    "^a{2}b{1,}c{0,3}$",
    "^(?:-[0-9]{1,3})?$",
]
BAD = [
    "",
    "^",
    "$",
    "WO",
    "^WO",
    "WO$",
    "^a\\$",
    "^\\d+$",
    "^\\w$",
    "^\\s$",
    "^\\bx$",
    "^\\p{L}$",
    "^.$",
    "^a*?$",
    "^a+?$",
    "^a++$",
    "^a{2}{3}$",
    "^(?=a)a$",
    "^(?!a)b$",
    "^(?<=a)b$",
    "^(?P<n>a)$",
    "^(a)\\1$",
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|b){2}$",
    "^(?:a*){3}$",
    "^a*a*a*a*$",
    "^[a-z$",
    "^[]a]$",
    "^[a--b]$",
    "^[[:digit:]]$",
    "^a{2,1}$",
    "^a{1,9999}$",
    "^(a$",
    "^a)$",
    "^a^b$",
    "^a$b$",
    "^{a}$",
    "^😀$",
    "^[😀]$",
    "^a\nb$",
    "^[z-a]$",
    "^*$",
    "^|$|^\\d$",
]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_plain_pattern_is_taken(pattern: str) -> None:
    require_portable(pattern)
    re.compile(pattern)


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_that_is_read_in_two_ways_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused) as refused:
        require_portable(pattern)
    assert refused.value.message["en"]
    assert refused.value.message["zh"]


@given(st.text(alphabet="^$ab09-[]{}(),|*+?.\\dw:", max_size=15))
def test_what_is_taken_compiles(inside: str) -> None:
    pattern = f"^{inside}$"
    try:
        require_portable(pattern)
    except PatternRefused:
        return
    re.compile(pattern)


@given(st.text(alphabet="ab[]()|*+?{2,}", max_size=20))
def test_what_is_taken_never_hangs(inside: str) -> None:
    pattern = f"^{inside}$"
    try:
        require_portable(pattern)
    except PatternRefused:
        return
    # A pattern with 2^n ways to match would not come back from this.
    compiled(pattern).fullmatch("ab" * 100)


def test_a_last_line_feed_does_not_match() -> None:
    assert compiled("^[a-z]+$").fullmatch("abc")
    assert not compiled("^[a-z]+$").fullmatch("abc\n")
