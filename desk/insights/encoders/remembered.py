"""An encoder that reads no text twice: what it made before is handed to it, what it makes is handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from desk.insights.encoders.ladder import Encoder
from desk.insights.encoders.learnt import Learnt
from desk.insights.vectors import Vectors


def words_hash(text: str) -> str:
    """By which a text's vector is kept: 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Remembered:
    """`find` gives the vectors it has of these hashes; `keep` takes those that were made."""

    def __init__(
        self,
        encoder: Encoder,
        find: Callable[[Iterable[str]], Mapping[str, Vectors]],
        keep: Callable[[Mapping[str, Vectors]], None],
    ) -> None:
        self._encoder, self._find, self._keep = encoder, find, keep
        self.name, self.model_id, self.lexical_share = encoder.name, encoder.model_id, encoder.lexical_share

    @property
    def learnt(self) -> Learnt | None:
        """As the encoder's."""
        return self._encoder.learnt

    def believe(self, learnt: Learnt) -> None:
        """As the encoder does."""
        self._encoder.believe(learnt)

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Of each text, whether it is in a language that the encoder knows."""
        return self._encoder.covers(texts)

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        """One unit row a text; only those that nobody has read are read, AT_ONCE at a time."""
        hashes = [words_hash(text) for text in texts]
        by_hash = dict(self._find(set(hashes)))
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in by_hash}
        keys = list(missing)
        for first in range(0, len(keys), AT_ONCE):
            part = keys[first : first + AT_ONCE]
            made = dict(zip(part, self._encoder.encode([missing[key] for key in part]), strict=True))
            self._keep(made)
            by_hash |= made
            told(len(texts) - len(keys) + first + len(part))
        return np.stack([by_hash[key] for key in hashes]) if hashes else self._encoder.encode([])


AT_ONCE = 500
"""What was read is kept so often: a long reading that is broken off begins where it was."""
