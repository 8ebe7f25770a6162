"""Whether a topic's label tells what it is about: python -m benchmarks.labels [SET.csv ...].

Topics are found among the questions of a set whose true topics have names (CLINC150), their number unknown.
The true intent of a topic is the one that most of its questions have. A reader's stand-in, which has had no
part in naming (WordLlama, in an environment of its own), reads what a person is shown of the topic, and picks
the nearest among the names of all true intents. Counted is how often the right one comes first, a topic once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.bar import Bar, told
from benchmarks.environments import NotToBeHad, environment
from benchmarks.question_sets import CORPORA, KeptVectors, QuestionSet, question_set
from desk.insights.discovery import Discovery, discover

READER = ("wordllama==0.4.0.post1",)
BESIDE_READER = ("numpy==2.4.6", "tokenizers==0.23.3", "safetensors==0.8.0")
AT_LEAST = 70
SHOWN = "label and example"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", type=Path, default=[CORPORA / "clinc150.csv"])
    try:
        python = environment(BESIDE_READER, alone=READER)
    except NotToBeHad as trouble:
        print(f"No reader, no figure: {trouble}")
        return 1
    encoder = KeptVectors()
    bars = []
    for path in parser.parse_args().sets:
        given = question_set(path)
        found = discover(given.texts, encoder)
        names, meant, sizes = _meant(given, found)
        places = _read(python, names, _readings(given, found))
        first = {reading: _first(ranked, meant) for reading, ranked in places.items()}
        print(f"{given.name}: {len(found.topics)} topics, {len(names)} true intents")
        for reading, right in first.items():
            rank = np.mean(
                [1 / (1 + one.index(name)) for one, name in zip(places[reading], meant, strict=True)]
            )
            share = 100 * float(np.mean(right))
            weighted = 100 * float(np.average(right, weights=sizes))
            print(f"  {reading:<22} {share:5.1f} %  MRR {rank:.2f}  by questions {weighted:5.1f} %")
        share = 100 * float(np.mean(first[SHOWN]))
        bars.append(Bar(f"Intent found first, {SHOWN} (%)", share, AT_LEAST, given.name))
    return told(bars)


def _meant(given: QuestionSet, found: Discovery) -> tuple[list[str], list[int], list[int]]:
    """The names of all true intents, and by topic the number of its own and how many questions it has."""
    intents = sorted(set(given.topics))
    labels = np.asarray(found.labels)
    truth = np.array(given.topics)
    counted = [Counter(truth[labels == topic.number].tolist()).most_common(1)[0][0] for topic in found.topics]
    names = [intent.replace("_", " ") for intent in intents]
    return names, [intents.index(one) for one in counted], [topic.size for topic in found.topics]


def _readings(given: QuestionSet, found: Discovery) -> dict[str, list[str]]:
    """What may be read of each topic: what is shown, its parts, and one of its questions by chance."""
    dice = Random(3)
    labels = np.asarray(found.labels)
    by_chance = [
        given.texts[dice.choice(np.flatnonzero(labels == one.number).tolist())] for one in found.topics
    ]
    return {
        "a question by chance": by_chance,
        "words": [", ".join(one.words) for one in found.topics],
        "label": [one.label for one in found.topics],
        SHOWN: [f"{one.label} {one.examples[0] if one.examples else ''}" for one in found.topics],
        "label, words, examples": [" ".join((one.label, *one.words, *one.examples)) for one in found.topics],
    }


def _read(
    python: Path, names: Sequence[str], readings: Mapping[str, list[str]]
) -> dict[str, list[list[int]]]:
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.json", Path(folder) / "found.json"
        given.write_text(json.dumps({"names": names, "readings": readings}), encoding="utf-8")
        peer = Path(__file__).with_name("labels_peer.py")
        subprocess.run([str(python), str(peer), str(given), str(found)], check=True)
        places: dict[str, list[list[int]]] = json.loads(found.read_text(encoding="utf-8"))
        return places


def _first(ranked: Sequence[Sequence[int]], meant: Sequence[int]) -> list[bool]:
    return [places[0] == name for places, name in zip(ranked, meant, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
