"""Customer value against the paper, against `lifetimes`, and against the clock.

    python -m benchmarks.value [--rows 1000000]

Bars: the parameters of CDNOW within 1 % of the paper's (Fader, Hardie, Lee 2005: r .243, alpha 4.414,
a .793, b 2.426); P(alive) and expected purchases of its 2,357 customers as `lifetimes` has them;
a million transactions through `desk value` in 60 s and 2 GB.

`lifetimes` is unmaintained and lives in an environment of its own, which the first run makes below the
user's cache folder; it also carries the data. Without it only the clock is measured, and the run fails.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.bar import Bar
from desk.customers.bgnbd import Histories, chance_alive, fit_buying, purchases_if_alive
from desk.customers.spending import fit_spending

PINNED = ("lifetimes==0.11.3", "numpy==2.4.6", "scipy==1.17.1", "pandas==3.1.1")
ENVIRONMENT = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "desk-bench" / "lifetimes"
PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
WEEKS_AHEAD = 39

THEIRS = f"""
import json, warnings
warnings.simplefilter("ignore")
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.datasets import load_cdnow_summary, load_cdnow_summary_data_with_monetary_value
seen = load_cdnow_summary(index_col=[0])
model = BetaGeoFitter().fit(seen["frequency"], seen["recency"], seen["T"])
spent = load_cdnow_summary_data_with_monetary_value()
spent = spent[spent["frequency"] > 0]
amounts = GammaGammaFitter().fit(spent["frequency"], spent["monetary_value"])
columns = seen["frequency"], seen["recency"], seen["T"]
ahead = model.conditional_expected_number_of_purchases_up_to_time
print(json.dumps({{
    "x": list(map(float, columns[0])), "t_x": list(map(float, columns[1])), "T": list(map(float, columns[2])),
    "alive": list(map(float, model.conditional_probability_alive(*columns))),
    "ahead": list(map(float, ahead({WEEKS_AHEAD}, *columns))),
    "spent_x": list(map(float, spent["frequency"])), "spent": list(map(float, spent["monetary_value"])),
    "amounts": dict(zip(("p", "q", "gamma"), map(float, amounts.params_))),
}}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.value")
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    bars = [*_against_the_paper(), *_against_the_clock(rows)]
    for bar in bars:
        print(bar)
    held = sum(bar.holds for bar in bars)
    print(f"{held} of {len(bars)} bars hold")
    return 0 if held == len(bars) else 1


def _against_the_paper() -> list[Bar]:
    try:
        theirs = json.loads(_in_its_environment())
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"`lifetimes` is not to be had, so there is no CDNOW: {error}", file=sys.stderr)
        return [Bar("CDNOW summary", 0, 1, "not measured")]
    seen = Histories(*(np.array(theirs[name]) for name in ("x", "t_x", "T")))
    model, _ = fit_buying(seen)
    bars = [
        Bar(f"{name} = {getattr(model, name):.4f}, off the paper by %", _off(getattr(model, name), told), 1,
            f"paper {told}", at_most=True)
        for name, told in PAPER.items()
    ]  # fmt: skip
    alive = chance_alive(model, seen)
    ahead = alive * purchases_if_alive(model, seen.x, seen.T, WEEKS_AHEAD)
    amounts, _ = fit_spending(np.array(theirs["spent_x"]), np.array(theirs["spent"]), otherwise=1)
    bars += [
        Bar(f"{name} = {getattr(amounts, name):.4f}, off lifetimes by %", _off(getattr(amounts, name), told),
            1, f"lifetimes {told:.4f}", at_most=True)
        for name, told in theirs["amounts"].items()
    ]  # fmt: skip
    off_alive = 100 * float(np.abs(alive - np.array(theirs["alive"])).max())
    off_ahead = 100 * float(np.abs(ahead / np.array(theirs["ahead"]) - 1).max())
    of = "2,357 customers"
    return [
        *bars,
        Bar("P(alive), furthest off lifetimes, in points of %", off_alive, 0.1, of, at_most=True),
        Bar(f"purchases in {WEEKS_AHEAD} weeks, furthest off by %", off_ahead, 0.1, of, at_most=True),
    ]


def _off(ours: float, told: float) -> float:
    return 100 * abs(ours / told - 1)


def _in_its_environment() -> bytes:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=True)
    return subprocess.run([python, "-c", THEIRS], check=True, stdout=subprocess.PIPE).stdout


def _against_the_clock(rows: int) -> list[Bar]:
    with tempfile.TemporaryDirectory(prefix="desk-value-") as folder:
        path = Path(folder) / "transactions.csv"
        customers = _shop(path, rows)
        begun = time.perf_counter()
        with (Path(folder) / "value.csv").open("wb") as out:
            subprocess.run([sys.executable, "-m", "desk", "value", path], check=True, stdout=out)
        seconds = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    of = f"{rows:,} transactions of {customers:,} customers"
    print(f"CPU of all children so far {cpu:.1f} s, load {os.getloadavg()[0]:.1f}")
    return [
        Bar("desk value, seconds", seconds, 60, of, at_most=True),
        Bar("desk value, GB at most", used.ru_maxrss / 1024**2, 2, of, at_most=True),
    ]


def _shop(path: Path, rows: int) -> int:
    """A shop of three years, its customers as the models have them; returns how many there are."""
    dice = np.random.default_rng(5)
    first, last = date(2022, 1, 1).toordinal(), date(2024, 12, 31).toordinal()
    days = [date.fromordinal(day).isoformat() for day in range(first, last + 1)]
    written = customers = 0
    with path.open("w", encoding="utf-8") as out:
        out.write("customer,date,amount\n")
        while written < rows:
            customers += 1
            day, rate, leaves = dice.uniform(first, last), dice.gamma(0.7) / 40, dice.beta(0.8, 6)
            scale = dice.gamma(3.7) / 15
            while day <= last and written < rows:
                out.write(f"C{customers:06},{days[int(day) - first]},{dice.gamma(6) / scale + 0.01:.2f}\n")
                written += 1
                day += dice.exponential(1 / rate)
                if dice.random() < leaves:
                    break
    return customers


if __name__ == "__main__":
    sys.exit(main())
