"""Purchases come in by a file, values are computed, who is leaving is found, and a task is done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, open_case, picture

SignIn = Callable[..., Page]
HEAD = "id,customer,date,amount,currency,description\n"


def sales() -> str:
    """A shop of two dozen, among them Wanda, whose thousand a month became five hundred."""
    today = datetime.now(UTC)
    rows = []
    for number in range(24):
        for ago in range(20 + number, 400, 50 + 3 * number):
            rows.append((f"s{number}-{ago}", f"small{number}@example.org", ago, "25.00"))
    rows += [(f"v{ago}", "wanda@example.org", ago, "1000.00") for ago in range(140, 600, 30)]
    rows += [(f"v{ago}", "wanda@example.org", ago, "500.00") for ago in (5, 35, 65, 95)]
    return HEAD + "".join(
        f"{name},{who},{today - timedelta(days=ago):%Y-%m-%d},{amount},EUR,Coffee\n"
        for name, who, ago, amount in rows
    )


def test_from_a_file_of_purchases_to_a_customer_who_stays(
    desk: Desk, sign_in: SignIn, tmp_path: Path
) -> None:
    sam = sign_in("sam", path="/desk/value")
    expect(sam.get_by_text("Values have not been computed yet.")).to_be_visible()

    wrong, right = tmp_path / "wrong.csv", tmp_path / "sales.csv"
    wrong.write_text(HEAD + "1,wanda@example.org,2026-01-05,many,EUR,Coffee\n")
    right.write_text(sales())
    sam.get_by_role("button", name="Import purchases").click()
    dialog = sam.get_by_role("dialog")
    dialog.get_by_label("CSV file").set_input_files(wrong)
    expect(dialog).to_contain_text("Line 2: “many” is not an amount")
    expect(dialog.get_by_role("button", name="Take them")).to_be_disabled()
    dialog.get_by_label("CSV file").set_input_files(right)
    expect(dialog).to_contain_text("New customers")
    picture(sam, "value-import")
    assert barriers(sam) == []
    dialog.get_by_role("button", name="Take them").click()
    expect(sam.get_by_text("purchases taken.").first).to_be_visible()

    sam.get_by_role("button", name="Compute now").click()
    leaving = sam.get_by_role("region", name="Customers by value")
    expect(leaving).to_contain_text("wanda@example.org", timeout=60_000)
    picture(sam, "value-light")
    assert barriers(sam) == []

    dark = sign_in("sam", dark=True, path="/desk/value")
    expect(dark.get_by_role("region", name="Customers by value")).to_contain_text("wanda@example.org")
    picture(dark, "value-dark")
    assert barriers(dark) == []

    ended = tmp_path / "contracts.csv"
    ended.write_text(
        "id,customer,kind,product,from,until\nC-1,wanda@example.org,contract,*,2020-01-01,2020-12-31\n"
    )
    sam.get_by_role("button", name="Import warranties").click()
    dialog.get_by_label("CSV file").set_input_files(ended)
    dialog.get_by_role("button", name="Take them").click()
    expect(sam.get_by_text("1 warranties and contracts taken.").first).to_be_visible()

    desk.receive("Wanda <wanda@example.org>", "Where are my beans", "I wait for my beans.")
    ada = sign_in("ada", path="/desk/value")
    expect(ada.get_by_role("button", name="Everybody")).to_have_count(0)
    ada.get_by_role("button", name="I’ll do it: wanda@example.org").or_(
        ada.get_by_role("button", name="I’ll do it: Wanda")
    ).click()
    picture(ada, "value-tasks")
    assert barriers(ada) == []
    ada.get_by_role("button", name="Close the task").click()
    ada.get_by_role("radio", name="They stay").check()
    ada.get_by_label("What it took, in EUR").fill("12,50")
    assert barriers(ada) == []
    ada.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    expect(ada.get_by_text("No customer has to be won back now.")).to_be_visible()
    ada.get_by_role("button", name="What came of it").click()
    expect(ada.get_by_text("They stay")).to_be_visible()
    expect(ada.get_by_text("took €12.50")).to_be_visible()

    sam.goto("/desk/all")
    open_case(sam, "Where are my beans")
    picture(sam, "value-panel")
    sam.get_by_role("complementary", name="Customer").get_by_role("link").first.click()
    expect(sam.get_by_role("heading", name="Value", exact=True)).to_be_visible()
    expect(sam.get_by_text("Spends less:")).to_be_visible()
    picture(sam, "value-customer")
    assert barriers(sam) == []

    ada.goto("/desk/all")
    open_case(ada, "Where are my beans")
    panel = ada.get_by_role("complementary", name="Customer")
    expect(panel).to_contain_text("The contract ended on 2020-12-31.")
    # Her address is only claimed: the number of her contract is not shown.
    expect(panel).not_to_contain_text("C-1")
    expect(panel.get_by_role("button", name="Do not bill it")).to_have_count(0)
    panel.get_by_role("button", name="Customer agreed").click()
    assert barriers(ada) == []
    ada.get_by_label("How, and to what").fill("Two hours, on the phone")
    ada.get_by_role("dialog").get_by_role("button", name="The customer agreed to be billed").click()
    expect(ada.get_by_text("Billable, agreed")).to_be_visible()
    expect(ada.get_by_role("link", name="Where are my beans").first).to_contain_text("Billable")
    expect(panel).to_contain_text("Two hours, on the phone")
    picture(ada, "cover")
    assert barriers(ada) == []
