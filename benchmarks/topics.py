"""Topics beside BERTopic and k-means, where true topics are known: python -m benchmarks.topics [SET.csv ...].

The number of topics is unknown to all but k-means on TF-IDF, which is told it; every question is counted.
All sides have the same vectors, and each runs in a fresh process with one thread, BERTopic in an environment
of its own without torch. A set has the columns `text` and `label`; without any named, those of
`corpora/questions` are taken (DESK_CORPORA, or beside the checkout).

    --scale N      also measure CPU and memory at so many questions (again and again; 30000 and 100000)
    --templates S  a set made of templates, left out of the bar against TF-IDF (bitext)
    --mails N      how many questions of the first set are wrapped in mails (3000; 0 for none)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isqrt, log
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from benchmarks.bar import Bar, told
from benchmarks.environments import NotToBeHad, environment
from benchmarks.question_sets import (
    CORPORA,
    KeptVectors,
    QuestionSet,
    as_mails,
    as_read,
    question_set,
    swollen,
)
from desk.insights.discovery import discover

BERTOPIC = ("bertopic==0.17.4",)
BESIDE_BERTOPIC = (
    "numpy==2.4.6", "scipy==1.17.1", "scikit-learn==1.9.1", "hdbscan==0.8.44", "umap-learn==0.5.12",
    "pynndescent==0.7.0", "numba==0.68.1", "pandas==3.1.1", "plotly==7.1.0", "tqdm==4.70.1", "pyyaml==6.0.4",
)  # fmt: skip
DEFAULT_SIZE = 10
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


@dataclass(frozen=True)
class Side:
    """What one side found: scores in percent, the number of topics, CPU seconds and peak megabytes."""

    name: str
    ari: float
    nmi: float
    accuracy: float
    topics: int
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"  {self.name:<22} ARI {self.ari:5.1f}  NMI {self.nmi:5.1f}  ACC {self.accuracy:5.1f}  "
            f"topics {self.topics:4}  {self.cpu:6.1f} CPU s  {self.peak_mb:6.0f} MB"
        )


def main() -> int:
    asked = _arguments()
    try:
        peer = environment(BESIDE_BERTOPIC, alone=BERTOPIC)
    except NotToBeHad as error:
        print(f"SKIPPED: {error}")
        return 0
    encoder = KeptVectors()
    sets = [question_set(path) for path in asked.sets]
    bars: list[Bar] = []
    sides = {one.name: _compared(one, encoder, peer) for one in sets}
    if sides:
        bars += _quality_bars(sides, set(asked.templates))
    if asked.mails and sets:
        bars.append(_mail_bar(sets[0], encoder, asked.mails))
    for count in asked.scale:
        bars += _scale_bars(sets, encoder, peer, count)
    return told(bars)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--scale", type=int, action="append")
    parser.add_argument("--templates", action="append")
    parser.add_argument("--mails", type=int, default=3000)
    asked = parser.parse_args()
    asked.sets = asked.sets or [CORPORA / f"{name}.csv" for name in ("clinc150", "bitext", "snips")]
    asked.scale = [count for count in asked.scale or [30_000, 100_000] if count]
    asked.templates = asked.templates or ["bitext"]
    if missing := [str(path) for path in asked.sets if not path.exists()]:
        raise SystemExit(f"There is no {', '.join(missing)}; name sets, or set DESK_CORPORA.")
    return asked


def _compared(one: QuestionSet, encoder: KeptVectors, peer: Path) -> dict[str, Side]:
    # What we read is what all read: the text as our encoder gets it.
    texts = as_read(one.texts)
    vectors = encoder.encode(texts)
    print(f"{one.name}: {len(texts)} questions, {len(set(one.topics))} topics", flush=True)
    sides = {}
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, texts=np.array(texts), vectors=vectors, count=len(set(one.topics)))
        size = max(8, isqrt(len(texts)) // 5)
        for name, command in (
            ("ours", [sys.executable, "-m", "benchmarks.topics_process", "ours"]),
            ("TF-IDF, told number", [sys.executable, "-m", "benchmarks.topics_process", "words"]),
            ("BERTopic, default", [str(peer), "-P", _peer_program(), str(DEFAULT_SIZE)]),
            ("BERTopic, our size", [str(peer), "-P", _peer_program(), str(size)]),
        ):
            found, used = _run(command, given)
            sides[name] = _scored(name, one.topics, found["labels"], used)
            print(sides[name], flush=True)
    return sides


def _peer_program() -> str:
    return str(Path(__file__).with_name("topics_peer.py"))


def _run(command: list[str], given: Path) -> tuple[Any, dict[str, float]]:
    found = given.with_name("found.npz")
    done = subprocess.run(
        [*command, str(given), str(found)],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return np.load(found), json.loads(done.stdout.splitlines()[-1])


def _scored(name: str, topics: Sequence[str], labels: Any, used: dict[str, float]) -> Side:
    table = contingency_matrix(topics, labels)
    rows, columns = linear_sum_assignment(-table)
    return Side(
        name,
        100 * float(adjusted_rand_score(topics, labels)),
        100 * float(normalized_mutual_info_score(topics, labels)),
        100 * float(table[rows, columns].sum()) / len(topics),
        len(set(labels[labels >= 0].tolist())),
        used["cpu"],
        used["peak_mb"],
    )


def _quality_bars(sides: dict[str, dict[str, Side]], templates: set[str]) -> list[Bar]:
    ours = {name: those["ours"] for name, those in sides.items()}
    default = {name: ours[name].ari / those["BERTopic, default"].ari for name, those in sides.items()}
    sized = {name: ours[name].ari / those["BERTopic, our size"].ari for name, those in sides.items()}
    nmi = {name: ours[name].nmi / those["BERTopic, our size"].nmi for name, those in sides.items()}
    natural = {
        name: ours[name].ari / those["TF-IDF, told number"].ari
        for name, those in sides.items()
        if name not in templates
    }
    bars = [
        Bar("ARI over BERTopic's, default", _mean(default), 1.30, _each(default)),
        Bar("  the least of them", min(default.values()), 0.93, ""),
        Bar("ARI over BERTopic's, our size", _mean(sized), 1.05, _each(sized)),
        Bar("  the least of them", min(sized.values()), 0.93, ""),
        Bar("NMI over BERTopic's, our size", _mean(nmi), 1.00, _each(nmi)),
        Bar("  the least of them", min(nmi.values()), 0.98, ""),
    ]
    if natural:
        bars.append(Bar("ARI over TF-IDF's, told the number", _mean(natural), 1.70, _each(natural)))
    return bars


def _mean(ratios: dict[str, float]) -> float:
    return exp(sum(map(log, ratios.values())) / len(ratios))


def _each(ratios: dict[str, float]) -> str:
    return ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())


def _mail_bar(one: QuestionSet, encoder: KeptVectors, count: int) -> Bar:
    chosen = np.random.default_rng(0).permutation(len(one.texts))[:count]
    texts = [one.texts[row] for row in chosen]
    topics = [one.topics[row] for row in chosen]
    clean = float(adjusted_rand_score(topics, discover(texts, encoder).labels))
    wrapped = float(adjusted_rand_score(topics, discover(as_mails(texts), encoder).labels))
    said = f"{one.name}, {len(texts)} questions: {100 * wrapped:.1f} of {100 * clean:.1f}"
    return Bar("ARI of mails over that of their questions", wrapped / clean, 0.93, said)


def _scale_bars(sets: list[QuestionSet], encoder: KeptVectors, peer: Path, count: int) -> list[Bar]:
    texts = [text for one in sets for text in as_read(one.texts)]
    texts, vectors = swollen(texts, encoder.encode(texts), count)
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, texts=np.array(as_read(texts)), vectors=vectors, count=0)
        ours = _run([sys.executable, "-m", "benchmarks.topics_process", "ours"], given)[1]
        theirs = _run([str(peer), "-P", _peer_program(), str(DEFAULT_SIZE)], given)[1]
    large = count >= 50_000
    cpu = ours["cpu"] / theirs["cpu"]
    said = f"{ours['cpu']:.1f} of {theirs['cpu']:.1f} s"
    bars = [Bar(f"CPU over BERTopic's at {count:,}", cpu, 0.45 if large else 0.35, said, at_most=True)]
    if large:
        memory = ours["peak_mb"] / theirs["peak_mb"]
        said = f"{ours['peak_mb']:.0f} of {theirs['peak_mb']:.0f} MB"
        bars.append(Bar(f"Memory over BERTopic's at {count:,}", memory, 0.6, said, at_most=True))
    return bars


if __name__ == "__main__":
    sys.exit(main())
