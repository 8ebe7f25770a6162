"""Questions of a shop, made up here: four kinds, each said in many ways."""

from __future__ import annotations

from itertools import product

KINDS = {
    "delivery": (
        ("where is", "when comes", "still waiting for", "any news of"),
        ("my parcel", "the parcel i ordered", "my delivery", "the package"),
        ("", "with the coffee", "from last week"),
    ),
    "refund": (
        ("i want a refund", "please refund the money", "when do you refund me", "refund my payment"),
        ("for the machine", "for the grinder", "for the mug", "for those filters"),
        ("", "because it broke", "as agreed"),
    ),
    "password": (
        ("i forgot my password", "my password fails", "reset the password", "the password link expired"),
        ("on your site", "of my account", "after the update", "at sign in"),
        ("", "again", "since monday"),
    ),
    "invoice": (
        ("send me an invoice", "the invoice is wrong", "i need the invoice", "invoice without vat"),
        ("for my company", "for the taxes", "as pdf", "by mail"),
        ("", "please", "this month"),
    ),
}
SAID = {kind: [" ".join(parts).strip() for parts in product(*words)] for kind, words in KINDS.items()}
QUESTIONS = [question for said in SAID.values() for question in said]
TRUE_KINDS = [kind for kind, said in SAID.items() for _ in said]
