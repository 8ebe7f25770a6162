"""A reader's stand-in, in a process of its own environment: python labels_peer.py GIVEN.json FOUND.json.

WordLlama's static vectors of words (256 numbers), which have no part in naming topics: a text is the mean of
its words. GIVEN has `names`, and `readings` of texts; FOUND has for each text the places of all names, the
nearest first. Weights and tokenizer are read from the package's files, as its own loader asks the network.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def main() -> None:
    given_path, found_path = sys.argv[1:]
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    (weights,) = load_file(str(folder / "weights" / "l2_supercat_256.safetensors")).values()
    weights = weights.astype(np.float32)

    def vectors(texts: list[str]) -> NDArray[np.float32]:
        found = np.zeros((len(texts), weights.shape[1]), np.float32)
        for row, text in enumerate(texts):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            if ids:
                found[row] = weights[ids].mean(0)
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return found

    given = json.loads(Path(given_path).read_text(encoding="utf-8"))
    names = vectors(given["names"])
    places = {
        reading: np.argsort(-(vectors(texts) @ names.T), axis=1, kind="stable").tolist()
        for reading, texts in given["readings"].items()
    }
    Path(found_path).write_text(json.dumps(places), encoding="utf-8")


if __name__ == "__main__":
    main()
