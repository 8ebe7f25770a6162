"""What is read of a file of transactions, and with which words and lines the rest is refused."""

from __future__ import annotations

from datetime import date

import pytest

from desk.customers.transactions import Transactions, read_transactions
from desk.model.errors import Invalid

TODAY = date(2024, 12, 31)


def read(text: str, until: date | None = None) -> Transactions:
    return read_transactions(text.splitlines(keepends=True), until=until, today=TODAY)


def test_columns_are_found_by_name_and_others_ignored() -> None:
    seen = read("Order,Amount,Customer,Date\n1,10.50,cleo,2024-01-31\n2,3,max,2024-02-01T09:30:00+01:00\n")
    assert seen.customers == ["cleo", "max"]
    assert seen.amount.tolist() == [10.5, 3]
    assert seen.until == date(2024, 2, 1)
    assert not seen.remarks


def test_semicolons_bring_decimal_commas() -> None:
    seen = read('customer;date;amount\n"Roe; Jane";2024-01-31;12,50 €\n')
    assert seen.customers == ["Roe; Jane"]
    assert seen.amount.tolist() == [12.5]


def test_what_is_after_the_end_is_left_out_and_said() -> None:
    seen = read("customer,date,amount\na,2024-01-01,1\na,2024-06-01,1\nb,2024-07-01,1\n", date(2024, 3, 1))
    assert seen.customers == ["a"]
    assert seen.remarks == ["2 rows are after 2024-03-01: left out (first in line 3)."]


def test_negative_amounts_are_returns_and_zeros_left_out() -> None:
    seen = read("customer,date,amount\na,2024-01-01,5\na,2024-01-02,-2\na,2024-01-03,0.00\n")
    assert seen.amount.tolist() == [5, -2]
    assert "return" in seen.remarks[0]
    assert "(line 3)" in seen.remarks[0]
    assert seen.remarks[1] == "One amount is zero: left out (line 4)."


HEAD = "customer,date,amount\na,2024-01-01,5\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("customer,date,amount\n", "no transactions"),
        ("customer,day,amount\na,2024-01-01,5\n", "Line 1 .*Missing: date"),
        ("a,2024-01-01,5\n", "Line 1 .*Missing"),
        ("customer,date,amount,amount\na,2024-01-01,5,6\n", "Line 1 names the column amount twice"),
        (HEAD + "a,2024-01-01\n", "Line 3 has 2 fields"),
        (HEAD + ",2024-01-01,5\n", "Line 3 names no customer"),
        (HEAD + "a\x00,2024-01-01,5\n", "Line 3 names a customer"),
        (HEAD + "a,31.12.2024,5\n", "Line 3: “31.12.2024” is not a date"),
        (HEAD + "a,2024-02-30,5\n", "Line 3: “2024-02-30” is not a date"),
        (HEAD + "a,2025-06-01,5\n", "Line 3 is dated in the future"),
        (HEAD + "a,2024-01-01,nan\n", "Line 3: “nan” is not an amount"),
        (HEAD + "a,2024-01-01,1e9\n", "Line 3: “1e9” is not an amount"),
        (HEAD + 'a,2024-01-01,"1,50"\n', "Line 3: “1,50” is not an amount"),
        ("customer;date;amount\na;2024-01-01;1.234,50\n", "Line 2: “1.234,50” is not an amount"),
        (HEAD + "a,2024-01-01,9999999999999\n", "Line 3: .* is not an amount"),
        (HEAD + "a,2024-01-01,5 EUR\nb,2024-01-01,$5\n", r"Line 4 is in \$, the lines before are in EUR"),
        ("customer,date,amount,currency\na,2024-01-01,5,EUR\na,2024-01-01,5,usd\n", "Line 3 is in USD"),
        (HEAD + 'a,2024-01-01,"5\n', "Line 3 is not CSV"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(text)
