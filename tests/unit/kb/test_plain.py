"""An article as it goes into a mail."""

from __future__ import annotations

from desk.kb.plain import plain_text_of

URL = "https://desk.example"


def test_lists_stay_and_marks_go() -> None:
    markdown = "## What you need\n- citric acid, or our **descaler**\n- 20 *minutes*\n\n1. Empty the `tray`."
    assert plain_text_of(markdown, URL) == (
        "What you need\n- citric acid, or our descaler\n- 20 minutes\n\n1. Empty the tray."
    )


def test_a_link_is_followed_by_its_address_and_ours_is_whole() -> None:
    assert (
        plain_text_of("See [the form](/help/contact).", URL)
        == "See the form (https://desk.example/help/contact)."
    )
    assert plain_text_of("Mail [a@b.example](mailto:a@b.example)", URL) == "Mail a@b.example"
    assert plain_text_of("[below](#s-more)", URL) == "below"


def test_pictures_go_and_what_was_escaped_is_plain() -> None:
    assert plain_text_of("![machine](/help/files/abc)\n\n\\# 5 \\* 3", URL) == "# 5 * 3"


def test_a_name_with_underscores_stays() -> None:
    assert plain_text_of("Set snake_case_name to 2*3*4.", URL) == "Set snake_case_name to 2*3*4."
