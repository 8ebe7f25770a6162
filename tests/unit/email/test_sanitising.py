"""Mail HTML that may be shown holds what is on the list and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus import active_content
from desk.channels.email.readable import text_of_html
from desk.channels.email.sanitise import safe_html, with_inline_images

VECTORS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example'</style>",
    "<div style='position:fixed;top:0'>x</div>",
    "<div style='background:url(https://evil.example)'>x</div>",
    "<div style='background-color:u\\72l(https://evil.example)'>x</div>",
    "<p id=currentUser class=modal>x</p>",
    "<img src='https://evil.example/pixel.gif'>",
    "<img srcset='https://evil.example/pixel.gif 2x'>",
    "<video poster=https://evil.example/x><source src=https://evil.example/y></video>",
    "<input type=image src=https://evil.example/x>",
    "<table background=https://evil.example/x><td>y</table>",
    "<object data=https://evil.example/x></object><embed src=https://evil.example/y>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<a href='https://x.example' ping='https://evil.example'>x</a>",
]


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_active_is_left_of_an_attack(vector: str) -> None:
    safe, _ = safe_html(f"<p>before</p>{vector}<p>after</p>")
    assert active_content(safe) == []
    assert "before" in safe


@given(
    st.lists(
        st.sampled_from([*VECTORS, "<b>", "</p>", "<table>", "'", '"', ">", "<", "&lt;", "x"]), max_size=8
    )
)
def test_nothing_active_is_left_of_attacks_run_together(pieces: list[str]) -> None:
    assert active_content(safe_html("".join(pieces))[0]) == []


@given(st.lists(st.sampled_from([*VECTORS, "<img src='cid:a'>", "<p>x</p>"]), max_size=5))
def test_safe_html_is_safe_to_sanitise_again(pieces: list[str]) -> None:
    once = safe_html("".join(pieces))[0]
    assert safe_html(once)[0] == once


def test_words_and_looks_of_an_ordinary_mail_stay() -> None:
    safe, trouble = safe_html(
        '<p style="color: red">Hi <b>Ada</b>, see <a href="https://shop.example/?a=1&amp;b=2">this</a></p>'
    )
    assert trouble is None
    assert '<p style="color:red">Hi <b>Ada</b>' in safe
    assert 'href="https://shop.example/?a=1&amp;b=2"' in safe


def test_a_remote_picture_is_blocked_and_its_address_kept() -> None:
    safe, _ = safe_html('<img src="https://shop.example/a.png" alt="our shop">')
    assert safe == '<img data-remote-src="https://shop.example/a.png" alt="our shop">'


def test_an_inline_picture_gets_the_address_the_caller_gives_and_no_other() -> None:
    safe, _ = safe_html('<img src="cid:p1@x"><img src="cid:p2@x">')
    shown = with_inline_images(safe, {"p1@x": '/files/7?a="b"'})
    assert shown == '<img src="/files/7?a=&quot;b&quot;" data-cid="p1@x"><img data-cid="p2@x">'


def test_words_in_an_attribute_are_never_taken_for_a_picture() -> None:
    safe, _ = safe_html('<p title="<img src=&quot;cid:p1@x&quot; data-cid=&quot;p1@x&quot;>">x</p>')
    assert 'src="/' not in with_inline_images(safe, {"p1@x": "/files/7"})


@pytest.mark.parametrize(
    ("at_cap", "over"),
    [
        ("<p>" + "x" * (512 * 1024 - 3), "<p>" + "x" * (512 * 1024 - 2)),
        ("<div>" * 500 + "x", "<div>" * 501 + "x"),
        ("<a" + " b" * 200 + ">x</a>", "<a" + " b" * 201 + ">x</a>"),
        ("&amp;" * 20_000, "&amp;" * 20_001),
    ],
)
def test_over_a_cap_html_is_shown_as_escaped_text(at_cap: str, over: str) -> None:
    assert safe_html(at_cap)[1] is None
    shown, trouble = safe_html(over)
    assert trouble is not None
    assert shown.startswith("<pre>")
    assert active_content(shown.replace("<pre>", "<p>")) == []


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 50000,
        "&" * 2000000,
        "<a " + "b " * 20000 + ">",
        "<a x='>' " + "b " * 20000 + ">",
        "x" * 52428800,
        "<p>x" * 30_000,
        "<table><tr><td>" * 30000,
        "<!--" * 100000,
        '<a x="' * 80000,
    ],
    ids=["depth", "entities", "attributes", "quoted", "size", "paragraphs", "tables", "comments", "quotes"],
)
def test_a_bomb_is_over_quickly(bomb: str) -> None:
    started = time.process_time()
    safe_html(bomb)
    text_of_html(bomb)
    assert time.process_time() - started < 8


def test_a_long_mail_with_unclosed_paragraphs_is_no_bomb() -> None:
    assert safe_html("<p>words<li>more<td>cell" * 2000)[1] is None


def test_html_becomes_readable_text() -> None:
    assert text_of_html(
        "<style>p{}</style><p>Hello</p><ul><li>one<li>two</ul><script>x</script>"
    ).split() == [
        "Hello",
        "*",
        "one",
        "*",
        "two",
    ]
