"""`desk value`: what each customer is worth, from a file of transactions, without a database."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click

from desk.cli.numbers import Within
from desk.customers.ledger import settle
from desk.customers.lifetime import Horizon
from desk.customers.tables import WINDOWS, encoding_of
from desk.customers.tiers import LADDER, cuts_by_share, ranks
from desk.customers.transactions import read_transactions
from desk.customers.value import Valuation, valuation
from desk.model.errors import Invalid

COLUMNS = (
    "customer,recency,frequency,monetary,r,f,m,p_alive,expected_purchases,"
    "clv,clv_low,clv_high,tier,deserting"
)  # fmt: skip


class Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not a date. Write it as 2024-12-31.", param, ctx)


@click.command()
@click.argument("transactions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--until", type=Day(), help="The end of observation. Default: the last date in the file.")
@click.option(
    "--params", type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the fitted parameters to this file, as JSON.",
)  # fmt: skip
@click.option(
    "--horizon", type=Within(1, 520), default=52.0, show_default=True, metavar="WEEKS",
    help="How far expected purchases and value look.",
)  # fmt: skip
@click.option(
    "--discount", type=Within(0, 1), default=0.1, show_default=True, metavar="SHARE",
    help="What money of a year later is worth less.",
)  # fmt: skip
def value(
    transactions: Path, until: date | None, params: Path | None, horizon: float, discount: float
) -> None:
    """What each customer is worth, from TRANSACTIONS (CSV with the columns customer, date, amount).

    Writes one CSV row a customer. recency: days since the last purchase. frequency: purchases (those of
    a day are one). monetary: mean amount of one. r, f, m: fifths, 5 is best. p_alive, expected_purchases:
    BG/NBD. clv: discounted spend within the horizon, clv_low to clv_high its 80 % interval. tier: the
    best 5 % are platinum, the next 15 % gold, the next 30 % silver. deserting: spends far less than is
    their habit, or fell silent.

    Negative amounts are returns. What was left out, and how far the figures carry, is said on stderr.
    """
    if params is not None and not params.absolute().parent.is_dir():
        raise Invalid(f"There is no folder {params.parent} for the parameters.")
    valued = _valued(transactions, until, Horizon(horizon, discount))
    written = "\n".join((COLUMNS, *_rows(valued))) + "\n"
    if params is not None:
        _replace(params, json.dumps(valued.parameters) + "\n")
    sys.stdout.write(written)


def _valued(path: Path, until: date | None, horizon: Horizon) -> Valuation:
    with path.open("rb") as raw:
        encoding = encoding_of(raw)
    if encoding == WINDOWS:
        _say("The file is not UTF-8; it was read as Windows-1252.")
    with path.open(encoding=encoding, newline="") as lines:
        read = read_transactions(lines, until=until, today=datetime.now(UTC).astimezone().date())
    settled = settle(read.customers, read.who, read.day, read.amount)
    for remark in read.remarks:
        _say(remark)
    if settled.returned_too_much:
        _say(f"Returns beyond what was bought before: {settled.returned_too_much:,}; the excess was dropped.")
    if settled.nothing_left:
        _say(f"Customers who gave back all they bought: {settled.nothing_left:,}; they are left out.")
    if not settled.ledger.customers:
        raise Invalid("No purchase is left after the returns.")
    valued = valuation(settled.ledger, read.until, horizon)
    for remark in valued.remarks:
        _say(remark)
    return valued


def _rows(valued: Valuation) -> Iterator[str]:
    scores, ahead = valued.rfm, valued.lifetimes
    places = ranks(ahead.value, cuts_by_share(ahead.value))
    columns = zip(
        valued.ledger.customers,
        *(part.tolist() for part in (
            scores.recency, scores.frequency, scores.monetary, scores.r, scores.f, scores.m,
            ahead.alive, ahead.purchases, ahead.value, ahead.low, ahead.high, places,
            valued.desertion.deserting,
        )),
        strict=True,
    )  # fmt: skip
    for (
        customer, recency, frequency, monetary, r, f, m, alive, purchases, clv, low, high, place, deserting
    ) in columns:  # fmt: skip
        yield (
            f"{_field(customer)},{recency},{frequency},{monetary:.2f},{r},{f},{m},{alive:.6f},"
            f"{purchases:.6f},{clv:.2f},{low:.2f},{high:.2f},{LADDER[place]},"
            f"{'true' if deserting else 'false'}"
        )


def _field(text: str) -> str:
    """A field as CSV has it (RFC 4180)."""
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _replace(path: Path, text: str) -> None:
    """Write the file whole, or leave what was there."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
