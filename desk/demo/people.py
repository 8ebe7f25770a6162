"""The shop's customers: a few hundred made-up people with addresses, purchases and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from desk.demo.shop import plain
from desk.model.customer import Address, AddressKind, Consent, Customer, Organisation, Tier
from desk.model.entitlement import Entitlement, EntitlementKind
from desk.model.purchase import Purchase
from desk.store.unit_of_work import Work

COUNT = 300
REGULARS = 6

FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "en": ("Alice", "Brendan", "Chloe", "Dylan", "Eleanor", "Finn", "Grace", "Harvey", "Imogen", "Jack",
           "Keira", "Liam", "Maeve", "Nathan", "Olive", "Peter", "Rosie", "Seth", "Tessa", "Wes"),
    "de": ("Anke", "Bernd", "Carla", "Dieter", "Elke", "Frank", "Greta", "Holger", "Ilse", "Jürgen", "Katrin",
           "Lutz"),
    "fr": ("Aurélie", "Bastien", "Camille", "Damien", "Élodie", "Fabrice", "Inès", "Julien", "Manon", "Théo"),
    "es": ("Alba", "Diego", "Elena", "Iván", "Marta", "Nuria", "Pablo", "Raúl"),
    "da": ("Anders", "Bodil", "Emil", "Ida", "Kasper", "Mette", "Rikke", "Søren"),
    "sv": ("Agnes", "Björn", "Elsa", "Gustav", "Maja", "Nils"),
    "it": ("Chiara", "Davide", "Giulia", "Luca", "Paola", "Sandro"),
    "pl": ("Agata", "Bartek", "Ewa", "Kuba", "Magda", "Piotr"),
}  # fmt: skip
LAST_NAMES: dict[str, tuple[str, ...]] = {
    "en": ("Ashdown", "Birchall", "Corley", "Dunmore", "Ellery", "Fairweather", "Garrow", "Holloway",
           "Kestrel", "Lockwood", "Marlowe", "Pemberley", "Quill", "Rowntree", "Thistle"),
    "de": ("Ahornthal", "Bachmeyer", "Dornfeld", "Eichhorst", "Habermann", "Kornblum", "Lindhoff", "Tannert"),
    "fr": ("Beauclair", "Chantraine", "Delorme", "Fontenac", "Marchetel", "Roqueval"),
    "es": ("Alborada", "Camporreal", "Montesol", "Riofrío", "Valdeluz"),
    "da": ("Bakkegaard", "Fyrlund", "Havnsted", "Kirkelund", "Strandby"),
    "sv": ("Björkdal", "Granholm", "Sjövik", "Åkerlund"),
    "it": ("Bellorto", "Collefiore", "Montalbino", "Serrafredda"),
    "pl": ("Brzozowicz", "Klonowski", "Lipiec", "Sosnowicz"),
}  # fmt: skip
LANGUAGES = ("en",) * 9 + ("de",) * 5 + ("fr",) * 3 + ("es", "es", "da", "da", "sv", "it", "pl")
TIME_ZONES = {
    "en": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid",
    "da": "Europe/Copenhagen", "sv": "Europe/Stockholm", "it": "Europe/Rome", "pl": "Europe/Warsaw",
}  # fmt: skip
MAIL_DOMAINS = (
    "brightmail.example",
    "postkasse.example",
    "inbox.example",
    "mailhaus.example",
    "lettre.example",
)
ORGANISATIONS = ("Café Morgenrot", "Skerry House", "Larkspur Studio", "Tischlerei Holzwurm", "Pracownia Sowa")

PRODUCTS: tuple[tuple[str, str], ...] = (
    ("House Blend, 1 kg", "24.90"),
    ("Ethiopia Guji, 500 g", "16.50"),
    ("Colombia Huila, 500 g", "14.90"),
    ("Decaf, 500 g", "14.50"),
    ("Kenya Nyeri, 250 g", "11.90"),
    ("Tasting box, six roasts", "39.00"),
    ("Paper filters, size 4", "3.90"),
    ("Espresso cups, set of six", "42.00"),
    ("Hand grinder Fjell", "79.00"),
    ("Grinder Skov 64", "329.00"),
    ("Espresso machine Havn", "749.00"),
    ("Dual boiler machine Fyr", "1490.00"),
    ("Kettle Damp", "89.00"),
)
WARRANTY_YEARS = {
    "Hand grinder Fjell": 1,
    "Grinder Skov 64": 2,
    "Espresso machine Havn": 2,
    "Dual boiler machine Fyr": 3,
    "Kettle Damp": 1,
}
"""How long the shop stands for what it sold; cafés have a contract for all they have."""
STATUSES = ("delivered",) * 8 + ("shipped", "packed", "returned")


@dataclass(frozen=True)
class Person:
    """A customer as the demo's stories need one; `amount` is what the last order cost."""

    name: str
    address: str
    language: str
    order: str
    product: str
    amount: str
    number: str
    """The shop's own for them, which its signature of who they are names."""

    @property
    def first(self) -> str:
        return self.name.split()[0]


def people() -> list[Person]:
    """Everybody, the same at each start."""
    return [person(number) for number in range(COUNT)]


def regulars() -> list[Person]:
    """Those who walk into the shop signed in: it vouches for who they are."""
    return people()[:REGULARS]


def orders_of(number: int) -> list[tuple[str, str, Decimal]]:
    """What the customer of this number has bought, oldest first: order number, description, price."""
    dice = Random(f"orders {number}")
    count = max(1, int(dice.expovariate(0.22)))
    chosen = dice.choices(PRODUCTS, weights=[9, 6, 6, 3, 4, 3, 5, 2, 2, 1.2, 1, 0.4, 1], k=min(count, 24))
    return [
        (f"NK-{10_000 + number * 31 + line}", description, Decimal(price))
        for line, (description, price) in enumerate(chosen)
    ]


def add_customers(work: Work, numbers: Sequence[int] = range(COUNT)) -> None:
    """Write these down, with addresses, consent and purchases spread over the two years before now."""
    known = {one.name: one for one in work.session.scalars(select(Organisation))}
    organisations = [
        known.get(name) or Organisation(name=name, created_at=work.now) for name in ORGANISATIONS
    ]
    work.session.add_all(organisations)
    work.session.flush()
    customers = [_customer(number, person(number), work.now, organisations) for number in numbers]
    work.session.add_all(customers)
    work.session.flush()
    for number, customer in zip(numbers, customers, strict=True):
        work.session.add_all(_belongings(number, person(number), customer, work.now))
    work.session.add_all(_contracts(numbers, customers, work.now))
    work.session.flush()


def person(number: int) -> Person:
    """The customer of this number, the same at each start."""
    dice = Random(f"person {number}")
    language = dice.choice(LANGUAGES)
    name = f"{dice.choice(FIRST_NAMES[language])} {dice.choice(LAST_NAMES[language])}"
    local = plain(name).replace(" ", dice.choice([".", "", "-"]))
    order, product, amount = orders_of(number)[-1]
    return Person(
        name=name,
        address=f"{local}{number}@{dice.choice(MAIL_DOMAINS)}",
        language=language,
        order=order,
        product=product.partition(",")[0],
        amount=f"€{amount}",
        number=f"nk-{number:05}",
    )


def _customer(number: int, person: Person, now: datetime, organisations: list[Organisation]) -> Customer:
    dice = Random(f"customer {number}")
    worth = sum((amount for _, _, amount in orders_of(number)), Decimal(0))
    works_for = dice.choice(organisations).id if dice.random() < 0.08 else None
    return Customer(
        created_at=now - timedelta(days=dice.randint(20, 720)),
        name=person.name,
        tier=_tier(worth),
        organisation_id=works_for,
        language=person.language,
        time_zone=TIME_ZONES[person.language],
        attributes={"newsletter": dice.random() < 0.6},
        lifetime_value=worth,
    )


def _tier(worth: Decimal) -> Tier:
    steps = ((1500, Tier.PLATINUM), (600, Tier.GOLD), (200, Tier.SILVER))
    return next((tier for floor, tier in steps if worth >= floor), Tier.BRONZE)


def _belongings(
    number: int, person: Person, customer: Customer, now: datetime
) -> list[Address | Consent | Purchase | Entitlement]:
    dice = Random(f"belongings {number}")
    address = Address(
        customer_id=customer.id,
        kind=AddressKind.EMAIL,
        value=person.address,
        created_at=customer.created_at,
        verified_at=customer.created_at,
    )
    account = Address(
        customer_id=customer.id,
        kind=AddressKind.EXTERNAL,
        value=person.number,
        created_at=customer.created_at,
        verified_at=customer.created_at,
    )
    consent = Consent(
        customer_id=customer.id,
        channel="email",
        granted=dice.random() < 0.7,
        at=customer.created_at,
        source="checkout",
    )
    orders = orders_of(number)
    age = (now - customer.created_at) / len(orders)
    purchases = [
        Purchase(
            customer_id=customer.id,
            order_number=order,
            description=description,
            amount=amount,
            currency="EUR",
            bought_at=customer.created_at + age * (place + dice.random()),
            status=dice.choice(STATUSES),
        )
        for place, (order, description, amount) in enumerate(orders)
    ]
    return [address, account, consent, *purchases, *map(_warranty, _lasting(purchases))]


def _lasting(purchases: Sequence[Purchase]) -> list[Purchase]:
    return [one for one in purchases if one.description in WARRANTY_YEARS and one.status != "returned"]


def _warranty(purchase: Purchase) -> Entitlement:
    """From the day it was bought, for so many years."""
    bought_on = purchase.bought_at.date()
    return Entitlement(
        customer_id=purchase.customer_id,
        external_id=f"G-{purchase.order_number.removeprefix('NK-')}",
        kind=EntitlementKind.WARRANTY,
        product=purchase.description,
        starts_on=bought_on,
        ends_on=bought_on + timedelta(days=365 * WARRANTY_YEARS[purchase.description]),
        source="the shop",
    )


def _contracts(numbers: Sequence[int], customers: Sequence[Customer], now: datetime) -> list[Entitlement]:
    """One for each organisation, with the first of its people; of every second, it has lapsed a while ago."""
    first = {
        customer.organisation_id: (number, customer)
        for number, customer in reversed(list(zip(numbers, customers, strict=True)))
        if customer.organisation_id is not None and number < COUNT
    }
    return [
        Entitlement(
            customer_id=customer.id,
            external_id=f"V-{number:05}",
            kind=EntitlementKind.CONTRACT,
            product="",
            starts_on=(now - timedelta(days=90)).date(),
            ends_on=(now + timedelta(days=30 if number % 2 else 275)).date(),
            allowance=20,
            whole_organisation=True,
            source="the shop",
        )
        for number, customer in first.values()
    ]
