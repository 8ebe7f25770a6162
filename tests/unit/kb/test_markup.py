"""An article's Markdown becomes HTML that cannot do anything but be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.kb.markup import markup_of
from desk.model.article import direction_of, slug_of

TAGS = frozenset(
    """
    a blockquote br code del em h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul
    """.split()  # noqa: SIM905 - words read better than quotes
)
OURS = "/help/files/abcdefghijklmnopqrstuv"


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#x0A;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x]: javascript:alert(1)\n\n[x]",
        "<javascript:alert(1)>",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '![x](x"onerror="alert(1))',
        "![x](javascript:alert(1))",
        '[x](https://a.example "onmouseover=alert(1)")',
        '```"><script>alert(1)</script>\nx\n```',
        "# <iframe srcdoc='<script>alert(1)</script>'>",
        "|<script>|\n|-|\n|<b onclick=x>|",
        '<style>*{display:none}</style> <form action="//evil"><input>',
    ],
)
def test_nothing_hostile_stays_active(hostile: str) -> None:
    made = markup_of(hostile).html
    for tag in re.findall(r"<[^>]*>", made):
        assert re.fullmatch(
            r"</?(?:a|p|em|strong|code|pre|h[2-6]|table|thead|tbody|tr|td|th|img|br|ul|ol|li)"
            r'(?: (?:href|src|alt|id|rel)="[^"<>]*")* ?/?>',
            tag,
        ), tag
    assert not re.search(r'(?i)<[^>]*(?:href|src)="(?!https://|#|/help)', made)


@settings(deadline=None)
@given(st.text(alphabet="<>&\"'`*_[]()!#|-:/ \n\tjavascript:=xon1", max_size=80))
def test_whatever_is_written_only_known_tags_come_out(written: str) -> None:
    made = markup_of(written).html
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][^\s/>]*)", made))
    assert tags <= TAGS
    assert "javascript:" not in "".join(re.findall(r'(?:href|src)="[^"]*"', made)).lower()


def test_pictures_come_only_from_our_own_files() -> None:
    made = markup_of(
        f"![Ours]({OURS}) ![Theirs](https://tracker.example/a.png) ![Odd](/help/files/../x)"
    ).html
    assert f'<img src="{OURS}" alt="Ours">' in made
    assert made.count("<img") == 1 and "Theirs" in made and "tracker" not in made


def test_links_to_the_web_mail_phone_and_ourselves_stay() -> None:
    made = markup_of(
        "[w](https://a.example/x?y=1) [m](mailto:a@b.example) [t](tel:+4512) [h](/help/contact) [s](#s-x)"
    ).html
    for target in ("https://a.example/x?y=1", "mailto:a@b.example", "tel:+4512", "/help/contact", "#s-x"):
        assert f'href="{target}"' in made
    assert "href" not in markup_of("[x](//evil.example) [y](/desk/setup) [z](/helpful)").html


def test_headings_stand_below_the_title_and_can_be_linked_to() -> None:
    made = markup_of("# Wide\n## Deep *down*\n## Deep down\n###### Least")
    assert [(one.id, one.level) for one in made.headings] == [
        ("s-wide", 2),
        ("s-deep-down", 3),
        ("s-deep-down-2", 3),
        ("s-least", 6),
    ]
    assert '<h3 id="s-deep-down">Deep <em>down</em></h3>' in made.html
    assert "<h1" not in made.html


def test_the_widest_heading_comes_right_below_the_title() -> None:
    made = markup_of("### One\n##### Two\n### Three")
    assert [one.level for one in made.headings] == [2, 4, 2]
    assert "<h2" in made.html and "<h4" in made.html


def test_tables_lists_and_code_are_kept() -> None:
    made = markup_of("|a|b|\n|-|-|\n|1|2|\n\n3. x\n\n```\na < b\n```\n~~old~~").html
    assert "<td>1</td>" in made and '<ol start="3">' in made
    assert "<code>a &lt; b\n</code>" in made and "<s>old</s>" in made


def test_the_words_alone_are_for_search() -> None:
    made = markup_of("## To *descale*\n\nUse [the **kit**](https://x.example) & `water`.\n\n- one\n- two")
    assert made.text == "To descale\nUse the kit & water.\none\ntwo"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Where is my order?", "where-is-my-order"),
        ("Über Größe & Maß", "uber-groe-ma"),
        ("أين طلبي", "article"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_title_becomes_a_part_of_an_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_the_direction_follows_the_language() -> None:
    assert (direction_of("ar"), direction_of("he-IL"), direction_of("en"), direction_of("de-AT")) == (
        "rtl",
        "rtl",
        "ltr",
        "ltr",
    )
