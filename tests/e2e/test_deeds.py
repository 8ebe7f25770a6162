"""What an agent does with a case, and takes back: snooze, merge, resolve, find."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, open_case, picture

SignIn = Callable[..., Page]


def test_a_snoozed_case_leaves_the_list_and_undo_brings_it_back(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Mia <mia@example.org>", "Not before Monday", "Please wait until Monday.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Not before Monday")

    page.keyboard.press("h")
    page.get_by_role("option", name="Tomorrow morning").click()
    expect(page.get_by_text("Snoozed until").first).to_be_visible()
    page.goto("/desk/snoozed")
    expect(page.get_by_role("link", name="Not before Monday")).to_be_visible()

    open_case(page, "Not before Monday")
    page.keyboard.press("h")
    page.get_by_role("option", name="Wake now").click()
    expect(page.get_by_text("Woken").first).to_be_visible()


def test_two_cases_of_one_matter_are_merged_and_parted_again(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Tomas <tomas@example.org>", "Voucher refused", "My voucher is refused.")
    desk.receive("Tomas <tomas@example.org>", "Voucher, once more", "Still refused.")
    page = sign_in("sam", path="/desk/all")
    open_case(page, "Voucher, once more")

    page.keyboard.press("Control+k")
    page.keyboard.type("Merge into another case")
    expect(page.get_by_role("option", name="Merge into another case").first).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_placeholder("Number, subject or name…").fill("Voucher refused")
    page.get_by_role("option", name="Voucher refused").first.click()
    expect(page.get_by_role("log")).to_contain_text("Still refused.")
    expect(page.get_by_role("log")).to_contain_text("My voucher is refused.")

    # It is offered for six seconds.
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("link", name="Voucher, once more").first).to_be_visible()


def test_a_message_far_up_a_long_case_is_led_to(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Lena <lena@example.org>", "A long matter", "It began with a kumquat.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "A long matter")
    case_id = page.url.rpartition("/")[2]
    csrf = page.evaluate("JSON.parse(document.getElementById('boot').textContent).csrf")
    headers = {"X-CSRF-Token": csrf, "Origin": desk.url}
    for n in range(60):
        note = {"client_id": f"long-{n}", "kind": "note", "text": f"Note {n}"}
        kept = page.request.post(f"/api/v1/cases/{case_id}/messages", data=note, headers=headers)
        assert kept.ok, kept.text()

    page.goto("/desk/search?q=kumquat")
    page.get_by_role("link", name="kumquat").first.click()

    expect(page.get_by_text("It began with a kumquat.")).to_be_in_viewport()


def test_words_of_a_message_are_found(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Ola <ola@example.org>", "About a noise", "It whistles like a zeppelin at dawn.")
    page = sign_in("ada", path="/desk/unassigned")
    expect(page.get_by_role("link", name="About a noise").first).to_be_visible()

    page.goto("/desk/search?q=zeppelin")

    expect(page.get_by_text("zeppelin").first).to_be_visible()
    picture(page, "search")


def test_a_resolved_case_is_reopened_by_its_button(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Nils <nils@example.org>", "Solved too soon", "It still drips.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Solved too soon")
    page.get_by_role("button", name="Resolve").click()
    reopen = page.get_by_role("button", name="Reopen")
    expect(reopen).to_be_enabled()
    expect(page.get_by_role("button", name="Snooze…")).to_be_disabled()
    reopen.click()
    expect(page.get_by_role("button", name="Resolve")).to_be_enabled()


def test_who_only_reads_is_offered_no_deed_and_asks_for_nothing_that_is_refused(
    desk: Desk, sign_in: SignIn
) -> None:
    desk.receive("Runa <runa@example.org>", "Read by an auditor", "Who sees this?")
    page = sign_in("otto", path="/desk/all")
    row = page.get_by_role("link", name="Read by an auditor").first
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_role("log")).to_contain_text("Who sees this?")
    for name in ("Resolve", "Snooze…"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    expect(page.get_by_role("button", name="Edit details")).to_have_count(0)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menuitem", name="Priority…")).to_be_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("dialog")).to_have_count(0)
