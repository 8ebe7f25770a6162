"""The customer's own words are kept, in whatever order mailers put them; time stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.email.parse import parse
from desk.model.quoting import reply_text

ANSWER = "Yes, please send it again."

ATTRIBUTIONS = [
    "On Mon, 2 Mar 2026 at 09:00, Ada Agent <ada@shop.example> wrote:",
    "On Mon, 2 Mar 2026 at 09:00, Ada Agent <\nada@shop.example> wrote:",
    "Am Mo., 2. März 2026 um 09:00 Uhr schrieb Ada Agent <ada@shop.example>:",
    "Ada Agent <ada@shop.example> schrieb am Mo., 2.\nMärz 2026 um 09:00 Uhr:",
    "Le lun. 2 mars 2026 à 09:00, Ada Agent <ada@shop.example> a écrit :",
    "El lun, 2 mar 2026 a las 9:00, Ada Agent (<ada@shop.example>) escribió:",
    "Il giorno lun 2 mar 2026 alle ore 09:00 Ada Agent <ada@shop.example> ha scritto:",
    "Em seg., 2 de mar. de 2026 às 09:00, Ada Agent <ada@shop.example> escreveu:",
    "Op ma 2 mrt 2026 om 09:00 schreef Ada Agent <ada@shop.example>:",
    "Den mån 2 mars 2026 kl 09:00 skrev Ada Agent <ada@shop.example>:",
    "ma 2. maalisk. 2026 klo 9.00 Ada Agent (ada@shop.example) kirjoitti:",
    "pon., 2 mar 2026 o 09:00 Ada Agent <ada@shop.example> napisał(a):",
    "po 2. 3. 2026 v 9:00 odesílatel Ada Agent <ada@shop.example> napsal:",
    "пн, 2 мар. 2026 г. в 09:00, Ada Agent <ada@shop.example>:",
    "2026年3月2日(月) 9:00 Ada Agent <ada@shop.example>:",
    "2026年3月2日 上午9:00，Ada Agent <ada@shop.example> 写道：",
    "Wiadomość napisana przez Ada Agent <ada@shop.example> w dniu 2 mar 2026, o godz. 09:00:",
    "2026/03/02 9:00、Ada Agent <ada@shop.example>のメール:",
    "2 Mar 2026 Pzt, 09:00 tarihinde Ada Agent <ada@shop.example> şunu yazdı:",
    '02.03.2026, 09:00, "Ada Agent" <ada@shop.example>:',
    "---- On Mon, 02 Mar 2026 09:00:00 +0100 Ada Agent <ada@shop.example> wrote ---",
    '>>> "Ada Agent" <ada@shop.example> 3/2/2026 9:00 AM >>>',
    # Marks of reading direction stand around a name in other letters than the rest.
    "בתאריך יום ב׳, 2 במרץ 2026 ב-9:00 מאת \u202aAda\u202c\u200f <\u202aada@shop.example\u202c\u200f>:\u202c",
    "\u202bفي الاثنين، 2 مارس 2026 في 9:00 ص تمت كتابة ما يلي بواسطة \u202aAda\u202c\u200f "
    "<\u202aada@shop.example\u202c\u200f>:\u202c",
]
BLOCKS = [
    "-----Original Message-----\nFrom: Ada Agent <ada@shop.example>\nSent: Monday\nTo: Cleo\nSubject: Parcel",
    "________________________________\nVon: Ada Agent <ada@shop.example>\nGesendet: 2. März 2026\nAn: Cleo",
    "*De:* Ada Agent\n*Enviado:* lunes, 2 de marzo de 2026 9:00\n*Para:* Cleo\n*Asunto:* Paquete",
    "Od: Ada Agent <ada@shop.example>\nWysłano: poniedziałek, 2 marca 2026\nDo: Cleo\nTemat: Paczka",
    "От: Ada Agent <ada@shop.example>\nОтправлено: 2 марта 2026 г. 9:00\nКому: Cleo\nТема: Посылка",
    "Von: Ada Agent <ada@shop.example>\nGesendet: Montag, 2. März 2026 09:00\nAn: Cleo\nBetreff: Paket",
    "De : Ada Agent <ada@shop.example>\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Cleo\nObjet : Colis",
    "Da: Ada Agent <ada@shop.example>\nInviato: lunedì 2 marzo 2026 09:00\nA: Cleo\nOggetto: Pacco",
    "Van: Ada Agent <ada@shop.example>\nVerzonden: maandag 2 maart 2026\nAan: Cleo\nOnderwerp: Pakket",
    "De: Ada Agent\nEnviada em: 2 de março de 2026 09:00\nPara: Cleo\nAssunto: Pacote",
    "Från: Ada Agent <ada@shop.example>\nSkickat: den 2 mars 2026 09:00\nTill: Cleo\nÄmne: Paket",
    "差出人: Ada Agent <ada@shop.example>\n送信日時: 2026年3月2日 9:00\n宛先: Cleo\n件名: 荷物",
    "보낸 사람: Ada Agent <ada@shop.example>\n보낸 날짜: 2026년 3월 2일\n받는 사람: Cleo\n제목: 소포",
    "发件人: Ada Agent <ada@shop.example>\n发送时间: 2026年3月2日 9:00\n收件人: Cleo\n主题: 包裹",
    "      De : Ada <ada@shop.example>\n À : Cleo\n Envoyé le : Lundi 2 mars 2026 9h00\n Objet : Colis",
    "Nuo: Ada Agent <ada@shop.example>\nIšsiųsta: 2026 m. kovo 2 d. 9:00\nKam: Cleo\nTema: Siunta",
    "Saatja: Ada Agent\nSaatmisaeg: esmaspäev, 2. märts 2026 9:00\nAdressaat: Cleo\nTeema: Pakk",
    "Từ: Ada Agent <ada@shop.example>\nĐã gửi: 02 Tháng Ba 2026 9:00\nTới: Cleo\nChủ đề: Bưu kiện",
    "จาก: Ada Agent <ada@shop.example>\nส่ง: 2 มีนาคม 2569 9:00\nถึง: Cleo\nเรื่อง: พัสดุ",
    "Dari: Ada Agent <ada@shop.example>\nTanggal: 2 Maret 2026 9:00\nKepada: Cleo\nSubjek: Paket",
    "**From:** Ada Agent <ada@shop.example>\n**Sent:** 2 March 2026 9:00\n**To:** Cleo\n**Subject:** Parcel",
    "-------- Origineel bericht --------\nOnderwerp: Pakket\nDatum: 2 Mar 2026\nVan: Ada <ada@shop.example>",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, March 2nd, 2026 at 9:00 AM, Ada <ada@shop.example> wrote:",
]
FORWARDS = [
    *("Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:", "Début du message réexpédié :"),
    *("Inicio del mensaje reenviado:", "Inizio messaggio inoltrato:", "Início da mensagem encaminhada:"),
    *("Begin doorgestuurd bericht:", "Vidarebefordrat brev:", "Start på videresendt besked:"),
    *("Początek przekazanej wiadomości:", "Začátek přeposlané zprávy:", "Пересылаемое сообщение:"),
    *(
        "Továbbított üzenet kezdete:",
        "İletilen ileti başlangıcı:",
        "下面是被转发的邮件：",
        "転送されたメッセージ:",
    ),
]
HEADERS = "From: Ada Agent <ada@shop.example>\nSubject: Parcel\nDate: 2 March 2026 9:00\nTo: Cleo"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_what_is_marked_goes_with_the_lines_that_announce_it(attribution: str) -> None:
    assert (
        reply_text(f"{ANSWER}\n\n{attribution}\n\n> Your parcel came back.\n> Shall we send it again?")
        == ANSWER
    )


@pytest.mark.parametrize("announced", [*ATTRIBUTIONS, *BLOCKS])
def test_a_tail_without_marks_goes_from_its_announcement_on(announced: str) -> None:
    assert reply_text(f"{ANSWER}\n\n{announced}\n\nYour parcel came back.\nShall we send it again?") == ANSWER


@pytest.mark.parametrize("announced", FORWARDS)
def test_what_leads_over_to_forwarded_words_goes_with_them(announced: str) -> None:
    quoted = "\n".join(f"> {line}" for line in HEADERS.split("\n"))
    for forwarded in (HEADERS, quoted):
        assert reply_text(f"{ANSWER}\n\n{announced}\n\n{forwarded}\n\n") == ANSWER
    alone = f"{announced}\n\n{HEADERS}\n\nYour parcel came back."
    assert reply_text(alone) == alone


def test_a_quotation_that_begins_on_the_line_of_its_attribution_goes() -> None:
    attribution = "  On Mon, Mar 2, 2026 at 9:00 AM, Ada Agent<ada@shop.example> wrote:"
    assert reply_text(f"{ANSWER}\n \n{attribution}   Your parcel came back.\nAgain?") == ANSWER


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_answer_below_the_quotation_is_kept(attribution: str) -> None:
    assert reply_text(f"{attribution}\n> Shall we send it again?\n\n{ANSWER}") == ANSWER


def test_answers_between_quotations_are_all_kept() -> None:
    text = "On 2 Mar 2026 Ada wrote:\n> Which size?\nThe blue one.\n\n> Which street?\nMill Lane 3."
    assert reply_text(text) == "The blue one.\n\nMill Lane 3."


def test_words_below_a_quotation_are_kept_even_if_they_look_like_headers() -> None:
    text = "> Which dates?\nFrom: Monday\nTo: Friday\nSubject: to the weather"
    assert reply_text(text) == "From: Monday\nTo: Friday\nSubject: to the weather"


@pytest.mark.parametrize(
    "text",
    [
        "I wrote to you on Monday:\nnobody answered.",
        "My list:\n- one\n- two\n\nThanks",
        "This is -- not a signature.",
        "At 12:30 the courier came.\nHe had nothing.",
        "Opening times: 9:00\nPlace: Mill Lane",
        "See https://shop.example/a?b=c for more:\nit is broken.",
        "Yes.\n\nFrom: Berlin\nTo: Hamburg\nDate: 3 May 2026\n\nPlease book it.",
        "You are open\nFrom: 9:00\nTo: 17:00\nIs that right?",
        "Your agent wrote on 02.03.2026:\nyou get it back.\n\nI did not. Please help.",
        "I got this\n\nFrom: ada@shop.example\nSubject: You won\n\nIs it from you?",
        "Is it you?\n\nFrom: ada@shop.example\nTo: me@home.example\nSubject: You won\n\nI am worried.",
        "On 2 March 2026 Ada <ada@shop.example> wrote: you get it back. I did not.\nPlease help.",
    ],
)
def test_ordinary_words_are_never_cut(text: str) -> None:
    assert reply_text(text) == text


@pytest.mark.parametrize("announced", BLOCKS)
def test_a_mail_that_is_only_forwarded_shows_whole(announced: str) -> None:
    text = f"{announced}\n\nYour parcel came back."
    assert reply_text(text) == text


def test_a_mail_that_is_only_quotation_still_shows() -> None:
    assert reply_text("> Shall we send it again?") == "> Shall we send it again?"


def test_the_signature_below_its_mark_goes() -> None:
    assert reply_text(f"{ANSWER}\n-- \nCleo Customer\nMill Lane 3") == ANSWER


GMAIL = '<div class="gmail_quote"><div>On Mon, Ada wrote:</div><blockquote class="gmail_quote">'
ANNOUNCED = "<p>On 2 Mar 2026 at 09:00 Ada &lt;ada@shop.example&gt; wrote:</p><blockquote><p>"


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{ANSWER}</p>{GMAIL}Again?</blockquote></div>",
        f"{GMAIL}Again?</blockquote></div><p>{ANSWER}</p>",
        f"{GMAIL}Again?</blockquote><p>{ANSWER}</p></div>",
        f"<p>{ANSWER}</p>{ANNOUNCED}Again?</p></blockquote>",
        f"{ANNOUNCED}Again?</p></blockquote><p>{ANSWER}</p>",
        f'<p>{ANSWER}</p><div class="yahoo_quoted">On Monday, Ada wrote: Again?</div>',
        f'<p>{ANSWER}</p><div id="appendonsend"></div><div id="divRplyFwdMsg">From: Ada</div><p>Again?</p>',
    ],
)
def test_an_answer_in_html_alone_is_found_wherever_it_stands(html: str) -> None:
    raw = f"From: cleo@home.example\nContent-Type: text/html\n\n{html}".encode()
    assert parse(raw).reply == ANSWER


@pytest.mark.parametrize(
    "style", ["border-top: 1px solid #e1e1e1", "border:none;border-top:solid #E1E1E1 1.0pt"]
)
def test_a_line_drawn_above_an_answer_hides_nothing(style: str) -> None:
    html = f'<p>Form 7</p><div style="{style}"><p>Name: Cleo</p><p>{ANSWER}</p></div><p>Thanks</p>'
    raw = f"From: cleo@home.example\nContent-Type: text/html\n\n{html}".encode()
    assert ANSWER in parse(raw).reply
    assert "Thanks" in parse(raw).reply


def test_html_that_is_only_quotation_shows_whole() -> None:
    raw = f"From: cleo@home.example\nContent-Type: text/html\n\n{ANNOUNCED}Again?</p></blockquote>".encode()
    assert parse(raw).reply.endswith("Again?")


@given(st.text(alphabet="> \n:-_@<abOn2026wrote:", max_size=400))
def test_a_reply_holds_only_lines_of_the_mail_and_is_never_empty_for_one_with_words(text: str) -> None:
    reply = reply_text(text)
    assert {line.strip() for line in reply.split("\n")} <= {line.strip() for line in text.split("\n")} | {""}
    assert bool(reply.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "unit",
    [
        "\n",
        "On aaa ",
        "On 2 Mar 2026 a@b.example\n",
        "> \n",
        "> a\n\nb\n",
        "From: a@b.example\n",
        "--- \n",
        ":\n",
        "| a\n",
        "<a@b\n",
        "wrote:\n",
        "2026-03-02 10:00 wrote a@b\n",
        "-- \n",
        "=== x\n",
        "--- On 2 Mar 2026 a@b.example wrote \n",
        ">>> a@b.example 2026 >>> \n",
        "2026 <a@b.example> wrote:  x\n",
        "\u202a2026 <a@b.example>:\u202c\n",
        "word " * 20 + "\n",
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (64 * 1024 // len(unit))
    started = time.process_time()
    reply_text(text)
    assert time.process_time() - started < 2
