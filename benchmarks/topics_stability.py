"""Whether topics stay what they are: python -m benchmarks.topics_stability [SET.csv].

Half of the questions of a set (CLINC150) are history, without 8 % of the true topics. The rest comes over
thirty nights with volumes that drift, the hidden topics among it. Counted: identity over the nights, after a
new discovery with a quarter more data, and in another order; how well later questions are placed; how many
hidden topics are proposed, and how many proposals are but facets of a known topic.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.bar import Bar, told
from benchmarks.question_sets import CORPORA, KeptVectors, question_set
from desk.insights.assignment import Known, Placed, of_their_own, placed, proposals
from desk.insights.discovery import discover
from desk.insights.identity import kept

NIGHTS = 30
HIDDEN = 0.08
PURE = 0.5
FEWEST_MEMBERS = 30


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", nargs="?", type=Path, default=CORPORA / "clinc150.csv")
    parser.add_argument("--questions", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=21)
    asked = parser.parse_args()
    dice = np.random.default_rng(asked.seed)
    everything = question_set(asked.set)
    order = dice.permutation(len(everything.texts))[: asked.questions]
    texts = np.array([everything.texts[row] for row in order])
    topics = np.array([everything.topics[row] for row in order])
    encoder = KeptVectors()

    names = np.unique(topics)
    hidden = set(dice.choice(names, max(1, int(HIDDEN * len(names))), replace=False).tolist())
    is_hidden = np.isin(topics, list(hidden))
    half = len(texts) // 2
    history = np.flatnonzero(~is_hidden & (np.arange(len(texts)) < half))
    later = np.setdiff1d(np.arange(len(texts)), history)
    first = discover(texts[history].tolist(), encoder)
    known = Known.of(first)

    bars = [_nights(known, texts, later, dice), _order(texts[history], first.labels, encoder, dice)]
    bars += _refit(texts[~is_hidden], topics[~is_hidden], encoder)
    found = placed(known, texts[later].tolist())
    bars += _new_ones(known, found, topics[later], hidden)
    return told(bars)


def _nights(known: Known, texts: np.ndarray, later: np.ndarray, dice: np.random.Generator) -> Bar:
    """A question that comes again on another night, among others, must have the same topic."""
    at_first = placed(known, texts[later].tolist()).labels
    same = total = 0
    weights = np.ones(len(later))
    for _ in range(NIGHTS):
        weights *= np.exp(0.1 * dice.standard_normal(len(later)))
        rows = dice.choice(len(later), 200, p=weights / weights.sum())
        same += int((placed(known, texts[later][rows].tolist()).labels == at_first[rows]).sum())
        total += len(rows)
    return Bar(f"Identity kept over {NIGHTS} nights (%)", 100 * same / total, 95, f"{total} questions")


def _order(texts: np.ndarray, labels: np.ndarray, encoder: KeptVectors, dice: np.random.Generator) -> Bar:
    shuffled = dice.permutation(len(texts))
    again = discover(texts[shuffled].tolist(), encoder).labels
    return Bar("ARI of another order of rows (%)", 100 * adjusted_rand_score(labels[shuffled], again), 93, "")


def _refit(texts: np.ndarray, topics: np.ndarray, encoder: KeptVectors) -> list[Bar]:
    """A discovery of four fifths, then of all: a quarter more."""
    fewer = int(0.8 * len(texts))
    before = discover(texts[:fewer].tolist(), encoder)
    after = discover(texts.tolist(), encoder)
    online = placed(Known.of(before), texts[fewer:].tolist()).labels
    ratio = adjusted_rand_score(topics[fewer:], online) / adjusted_rand_score(
        topics[fewer:], after.labels[fewer:]
    )
    same = 100 * kept(before.labels, after.labels[:fewer])
    return [
        Bar(
            "Identity kept with a quarter more data (%)",
            same,
            87,
            f"{len(before.topics)}, {len(after.topics)} topics",
        ),
        Bar("ARI of placing over that of a new discovery", float(ratio), 0.95, ""),
    ]


def _new_ones(known: Known, found: Placed, topics: np.ndarray, hidden: set[str]) -> list[Bar]:
    unsure = np.flatnonzero(~found.sure)
    cried: list[str] = []
    facets = 0
    pool = found.vectors[unsure]
    grouped = proposals(known, pool)
    for one in grouped:
        name, count = Counter(topics[unsure[one.rows]].tolist()).most_common(1)[0]
        is_new = name in hidden and count > PURE * len(one.rows)
        mark = "hidden" if is_new else "      "
        print(f"  {len(one.rows):4} {one.cosine:.2f} {one.apart:.2f} {mark} {name}")
        facets += not is_new
        if one.is_new and of_their_own(known, pool, [one]):
            cried.append(name if is_new else "")
    sizes = Counter(topics.tolist())
    findable = {name for name in hidden if sizes[name] >= FEWEST_MEMBERS}
    found_names = findable & set(cried)
    share = 100 * len(found_names) / max(1, len(findable))
    as_new = 100 * cried.count("") / max(1, facets)
    return [
        Bar("Hidden topics proposed (%)", share, 70, f"{len(found_names)} of {len(findable)}"),
        Bar(
            "Facets of known topics cried out as new (%)",
            as_new,
            40,
            f"{cried.count('')} of {facets}",
            at_most=True,
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
