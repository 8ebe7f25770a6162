"""The encoder that ships reads English, knows what it does not know, and gives a text one vector."""

from __future__ import annotations

import numpy as np
import pytest

from desk.insights.encoders import minilm
from desk.insights.encoders.ladder import encoder_named
from desk.insights.encoders.minilm import MiniLm
from desk.insights.encoders.wordpiece import WordPiece
from desk.insights.encoders.words import WordMeans
from desk.insights.space import Space
from desk.model.errors import Misconfigured
from tests.unit.insights.asked import QUESTIONS

GERMAN = [
    "Wo bleibt meine Bestellung vom Montag?",
    "Ich möchte die Kaffeemaschine zurückgeben",
    "Bitte schicken Sie mir eine Rechnung",
    "Mein Passwort wird nicht angenommen",
]


@pytest.fixture(scope="module")
def encoder() -> MiniLm:
    return MiniLm()


def test_like_meanings_are_near_and_unlike_ones_far(encoder: MiniLm) -> None:
    parcel, package, password = encoder.encode(
        ["where is my parcel", "where is my package", "i forgot my password"]
    )
    assert parcel @ package > 1.5 * (parcel @ password)


def test_the_same_texts_have_the_same_vectors_in_any_order(encoder: MiniLm) -> None:
    texts = QUESTIONS[:60]
    forwards, backwards = encoder.encode(texts), encoder.encode(texts[::-1])
    assert np.array_equal(forwards, backwards[::-1])


def test_it_knows_which_languages_it_does_not_know(encoder: MiniLm) -> None:
    hindi = "मशीन से भाप नहीं निकल रही है"
    assert not encoder.covers([*GERMAN, hindi, "Где мой заказ?", "我的包裹在哪里"]).any()
    assert encoder.covers(["where is my parcel", "My iPhone XR says error E-42", "ok"]).all()


def test_a_language_it_does_not_know_is_told_apart_by_words(encoder: MiniLm) -> None:
    space, vectors = Space.learnt_from(GERMAN * 3, encoder)
    assert space.encoder is None
    assert space.model_id == "tf-idf"
    assert space.beyond == 1
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_later_question_stands_where_it_would_have_stood(encoder: MiniLm) -> None:
    space, vectors = Space.learnt_from(QUESTIONS[:80], encoder)
    again = space.vectors(QUESTIONS[:80])
    assert (again * vectors).sum(1).min() > 0.99


def test_words_are_encoded_once_and_a_new_one_later(encoder: MiniLm) -> None:
    words = WordMeans(encoder)
    known = words.encode(["where is my parcel", "reset my password"])
    later = words.encode(["where is my parcel", "reset the router"])
    assert np.allclose(known[0], later[0], atol=1e-5)
    assert words.encode([""]).tolist() == [[0.0] * 384]


def test_another_file_in_the_place_of_the_weights_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "MODEL_SHA256", "0" * 64)
    with pytest.raises(Misconfigured, match="not the file"):
        MiniLm()


def test_words_as_they_are_spelt_need_no_encoder() -> None:
    assert encoder_named("lexical") is None


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Don't cancel!", ["don", "'", "t", "cancel", "!"]),
        ("Größe: naïve café", ["gr", "##o", "##ße", ":", "naive", "cafe"]),
        ("n’est-ce pas…", ["n", "’", "est", "-", "ce", "pas", "…"]),
        ("東京", ["東", "京"]),
        ("x" * 101, ["[UNK]"]),
        ("a\u200bb\ufffd c\x07d", ["ab", "cd"]),
        ("", []),
    ],
)
def test_pieces_are_those_of_the_usual_package(text: str, pieces: list[str]) -> None:
    vocabulary = minilm.vocabulary()
    assert WordPiece(vocabulary).pieces(text) == pieces
