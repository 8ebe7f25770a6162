"""Words by which a number says what it counts, in the languages that articles are searched in; lower case."""

from __future__ import annotations


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


def _table(rows: dict[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, words in rows.items() for word in words.split()}


NUMBERS = {
    word: float(number)
    for number, words in {
        2: "two zwei två twee deux dos due dois kaksi",
        3: "three drei tre drie trois tres três kolme",
        4: "four vier fire fyra quatre cuatro quattro quatro neljä",
        5: "five fünf fem vijf cinq cinco cinque viisi",
        6: "six sechs seks sex zes seis sei kuusi",
        7: "seven sieben syv sju zeven sept siete sette sete seitsemän",
        8: "eight acht otte åtta åtte huit ocho otto oito kahdeksan",
        9: "nine neun ni nio negen neuf nueve nove yhdeksän",
        10: "ten zehn ti tio tien dix diez dieci dez kymmenen",
        12: "twelve zwölf tolv twaalf douze doce dodici doze",
        14: "fourteen vierzehn fjorten fjorton veertien quatorze catorce quattordici",
        15: "fifteen fünfzehn femten femton vijftien quinze quince quindici",
        20: "twenty zwanzig tyve tjugo tjue twintig vingt veinte venti vinte",
        30: "thirty dreißig dreissig tredive trettio tretti dertig trente treinta trenta trinta",
        60: "sixty sechzig tres sextio seksti zestig soixante sesenta sessanta sessenta",
        90: "ninety neunzig halvfems nittio nitti negentig noventa novanta",
    }.items()
    for word in words.split()
}  # fmt: skip
COUNTS = _words("two three four five six seven eight nine ten twelve fourteen fifteen twenty thirty")
"""Those that mean something else in no other language; they count what follows, whatever that is."""

ONES = _words("one a an ein eine einem einen einer en et ett ei un une una um uma één een yksi")
"""Words for one that are more often an article: a number only before a period."""

SECONDS = {
    word: seconds
    for seconds, words in {
        1.0: "second seconds sec sekunde sekunden sekund sekunder seconde secondes seconden segundo"
        " segundos secondo secondi s",
        60.0: "minute minutes min minuten minut minutter minuter minuut minuto minutos minuti minuutti",
        3600.0: "hour hours h hr hrs stunde stunden timer timme timmar uur uren heure heures hora horas ore",
        86400.0: "day days tag tage tagen dag dage dagar dager dagen jour jours día días dia dias giorno"
        " giorni päivä päivää",
        604800.0: "week weeks woche wochen uge uger vecka veckor uke uker weken semaine semaines semana"
        " semanas settimana settimane viikko viikkoa",
        2629800.0: "month months monat monate monaten måned måneder månad månader maand maanden mois mes"
        " meses mese mesi mês kuukausi kuukautta",
        31557600.0: "year years jahr jahre jahren år jaar jaren an ans année années año años anno anni"
        " ano anos vuosi vuotta",
    }.items()
    for word in words.split()
}  # fmt: skip
WORKING_DAYS = _words(
    "werktag werktage werktagen arbeitstag arbeitstage arbeitstagen hverdag hverdage hverdager"
    " arbejdsdag arbejdsdage virkedag virkedager arbeidsdager vardag vardagar arbetsdag arbetsdagar"
    " werkdag werkdagen workday workdays arkipäivää"
)
WORKING = _words("working business ouvrés ouvrables laborables hábiles lavorativi úteis")
"""Beside a day it is one on which people work; not to be compared with days of the calendar."""

CURRENCIES = _table({
    "eur": "€ eur euro euros", "usd": "$ usd dollar dollars", "gbp": "£ gbp pound pounds", "chf": "chf",
    "dkk": "dkk", "sek": "sek", "nok": "nok", "kr": "kr kroner kronor", "pln": "pln zł",
})  # fmt: skip
SHARES = _words("% percent prozent procent prosent")
MEASURES = _table({
    "g": "g gram grams gramm gramme grammes", "kg": "kg kilo kilos kilogram kilograms", "ml": "ml",
    "cl": "cl", "l": "l litre litres liter liters", "mm": "mm", "cm": "cm", "m": "metre metres meter meters",
    "km": "km", "°c": "°c °", "bar": "bar", "w": "w watt watts", "v": "v volt volts",
})  # fmt: skip
MONTHS = _table({
    "1": "january jan januar januari janvier enero ene gennaio gen janeiro",
    "2": "february feb februar februari février fév febrero febbraio fevereiro fev",
    "3": "march mar märz marts mars maart mrt marzo março",
    "4": "april apr avril avr abril abr aprile",
    "5": "may mai maj mei mayo maggio mag maio",
    "6": "june jun juni juin junio giugno giu junho",
    "7": "july jul juli juillet julio luglio lug julho",
    "8": "august aug augusti augustus août agosto ago",
    "9": "september sep sept septembre septiembre settembre set setembro",
    "10": "october oct oktober okt octobre octubre ottobre ott outubro out",
    "11": "november nov novembre noviembre novembro",
    "12": "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
})  # fmt: skip
FREE = _words(
    "free kostenlos kostenlose kostenfrei gratis gratuit gratuite gratuits gratuito gratuita ilmainen"
    " ilmaiseksi"
)
NOT_FREE_AFTER = _words("feel are am -")
NOT_FREE_BEFORE = _words("to from -")
FROM = _words(
    "over above from more than least minimum after before exceeding beyond ab über"
    " mindestens mehr nach vor vanaf boven na fra efter etter före från minst mindst partir après avant"
    " plus desde después más oltre dopo"
)
"""Before a number: it says from when on something holds, not how much it is."""

THAN = _words("than als end än dan de que di about etwa circa ca")
"""May stand between such a word and the number: more than, mehr als, à partir de."""

BETWEEN = _words("- – — to bis til till à a tot or oder eller ou o och")
NEGATIONS = _words(
    "not no never cannot can't don't doesn't won't isn't aren't without nicht kein keine keinen keiner"
    " nie niemals ikke ingen aldrig inte inga inget aldri niet geen nooit ne pas jamais sans nunca sin"
    " non mai senza não sem ei eivät"
)
CONDITIONS = _words(
    "if when unless once until till while as except only wenn falls sobald bis außer nur hvis når"
    " indtil kun om när tills bara als tenzij alleen si quand sauf cuando salvo se quando tranne jos"
)
"""What stands under a condition is not denied by what does not."""
