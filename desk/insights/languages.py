"""The language of a few words, told by the small words that none of its sentences does without."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

# Articles, pronouns, prepositions, conjunctions, auxiliaries, question words, and what every mail says. Only
# what says nothing of the matter belongs here.
_FUNCTION_WORDS = {
    "en": """
        a about across after again all also although always am an and any anyone anything are as at
        be because been before being between both but by can can't cannot could dear did do does
        doesn't doing don't down during each ever every few for from get gets getting got had has
        have haven't having he hello her here hers hey hi him himself his how however i i'd i'll i'm
        i've if in into is isn't it it's its itself just let like many may me might mine more most
        much must my never no not nothing now of off ok okay on only or other our ours out over own
        per please re regards same say says shall she should since sincerely so some something still
        such than thank thanks that that's the their theirs them then there there's these they this
        through to today too under until up upon us very via was we we're were what when where
        whether which while who whom whose why will with within without won't would yes yet you your
        yours
    """,
    "de": """
        ab aber alle alles als also am an auch auf aus bei bin bis bitte da damit danke dann darauf
        darum das dass davon dazu dein deine deinem deinen deiner dem den denen denn der deren des
        deshalb dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein
        eine einem einen einer eines er es etwas euch euer eure eurem euren eurer freundliche
        freundlichen für gegen gern gerne gestern gruß grüße guten hab habe haben habt hallo hat
        hatte heute hier hätte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in ist ja
        jede jeden jeder jedes jener jetzt kann kein keine keinen können könnte könnten leider man
        mehr mein meine meinem meinen meiner meines mich mir mit moin morgen muss müssen nach nicht
        nichts noch nun nur ob oder ohne schon sehr sein seine seinen seiner seit sich sie sind so
        soll sollte sollten tag trotzdem und uns unser unsere unserem unseren unserer unseres unter
        viele vom von vor wann war warum was wegen weil welche welcher welches wem wen wenn wer
        werden wie wieder wieso will wir wird wo wollte wurde wurden während wäre würde würden zu
        zum zur zwei zwischen über
    """,
    "da": """
        af alle at bare blev bliver da de dem den der deres det dette dig din dit du efter eller en
        er et fik for fra får før god goddag har havde have hej hvad hvem hvis hvor hvordan hvorfor
        hvornår i ikke ind ingen jeg jer jeres kan kun kunne man med meget men mig min mine mit mod
        mvh ned nej nogen noget nu når og også om op os over på selv siden sig sin skal skulle som
        stadig så tak til ud under var ved vi vil ville vores være været
    """,
    "nb": """
        alle at av bare ble blir da de dem den denne der dere deres det dette din ditt du eller en
        er et etter fikk for fra får før god ha hadde har hei hva hvem hvis hvor hvordan hvorfor
        ikke ingen inn jeg kan kun kunne man med meg men min mine mitt mot noe noen nå når og også
        om opp oss over på seg siden skal skulle som så takk til under ut var ved vi vil ville vår
        våre være vært
    """,
    "sv": """
        alla att av bara blev blir de den denna deras det detta dig din ditt du där efter eller en
        er era ert ett fick finns från får för ha hade han har hej hon hur här i in inga ingen inte
        ja jag kan kunde man med men mig min mina mitt mot mycket nej ni nu när någon något och
        också om oss på sedan sig ska skulle som så tack till under upp ut utan vad var varför vem
        vi vid vill vänliga vår våra än är åt över
    """,
    "nl": """
        aan al alle als ben bij dag dan dank dat de deze die dit door een en er geen gehad goede had
        hallo heb hebben heeft hem het hoe hun ik in is ja jij jullie kan kunnen kunt maar me meer
        met mij mijn moet na naar niet nog nu of om omdat ons onze ook op over te tot uit van veel
        voor waar waarom wanneer want was wat we wel werd wie wij wil worden wordt ze zich zij zijn
        zo zou
    """,
    "fr": """
        a ai alors après au aussi aux avec avez avoir avons bonjour c'est ce ces cet cette comme
        comment d'un d'une dans de depuis des du elle elles en encore est et fait il ils j'ai je
        l'on la le les leur lui ma mais me merci mes moi mon n'ai n'est ne nos notre nous on ont ou
        où par pas pour pourquoi qu'il quand que quel quelle qui sa salut sans se ses si son sont
        suis sur ta te toujours tout très tu un une vos votre vous y été être
    """,
    "es": """
        a ahora al algo aún buenas buenos como con cuando cuál cuándo cómo de del desde donde días
        dónde e el ella en entre era es esa ese eso esta este esto estoy está están fue gracias ha
        han hasta hay he hola la las le les lo los me mi mis muy más nada ni no nos nosotros nuestra
        nuestro o para pero por porque puede pueden puedo que quién qué se ser si sin sobre son soy
        su sus sí también te tengo tiene todo tu un una unos usted ustedes y ya yo
    """,
    "it": """
        a abbiamo ai al alla anche ancora avete buongiorno c'è che chi ci ciao come con cosa cui da
        dal dalla dei del della delle di dopo dove e ed era fare gli grazie ha hai hanno ho i il in
        io l'ho la le lei lo loro ma mi mia mie miei mio molto ne nel nella no noi non nostra nostro
        o per perché più poi può quale quando quella quello questa questo qui salve se sei senza si
        sia siamo sono sta stato su sua sul sulla suo ti tra tu un una uno vi voi vorrei vostra
        vostro è
    """,
    "pt": """
        a ainda ao aos as até boa bom com como da das de dela dele depois do dos e ela ele em entre
        era essa esse esta este estou está eu foi fui há isso isto já lhe mais mas me meu meus minha
        minhas muito na nas nem no nos nossa nosso não nós o obrigada obrigado olá onde os ou para
        pela pelo pode por porque posso qual quando que quem se sem ser seu sua são também te tem
        tenho um uma umas uns você vocês à é
    """,
    "pl": """
        a ale ani bardzo bez bo by być był była było co czy dla dlaczego dlatego do dzień dziękuję
        gdzie go i ich ile ja jak jaki jakie jako je jego jej jest jestem jeszcze już kiedy kto
        która które który lub ma mam mi mnie mogę moja moje może mój na nad nas nie niż o od on ona
        oraz po pod proszę przed przez przy się są ta tak tam te tego tej ten to tu ty tylko u w was
        we witam z za ze że
    """,
    "fi": """
        ei eikä en ett ette että he hei heidän hän ja joka jos jotka kaikki kanssa kiitos koska kuin
        kuinka kun me meidän miksi mikä milloin minulla minun minä missä mistä miten mutta myös ne
        nyt olemme olen olet oli olisi on onko ovat se sen siellä sitä tai te teidän tämä tämän vai
        vain vielä voi voiko voin voisiko voitteko
    """,
}  # fmt: skip
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
"""By ISO 639-1, in lower case, with a straight apostrophe."""

FEW = 0.25
"""Of a text in a language there are more small words than this, by count."""

_ANY = frozenset().union(*FUNCTION_WORDS.values())


def language_of(text: str, likely: str = "") -> str:
    """The language of which most function words stand in the text, empty where none or several do alike.

    `likely`, the language of whoever wrote it as a code such as `da` or `da-DK`, decides between those that
    do alike; it is believed where its own small words are not known here and few of the others' are there.
    """
    likely = likely.lower().partition("-")[0]
    likely = "nb" if likely in ("no", "nn") else likely
    words = [_plain(word) for word in _WORD.findall(text)]
    hits = Counter(language for word in words for language, small in FUNCTION_WORDS.items() if word in small)
    most = max(hits.values(), default=0)
    if likely and likely not in FUNCTION_WORDS and most < FEW * len(words):
        return likely
    alike = [language for language, count in hits.items() if count == most]
    return likely if likely in alike else alike[0] if len(alike) == 1 else ""


def is_function_word(word: str, language: str) -> bool:
    """Whether the word says nothing of the matter in this language; where it is not known, in any."""
    return _plain(word) in FUNCTION_WORDS.get(language, _ANY)


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
