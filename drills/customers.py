"""Those who use a desk in a drill: customers who write, an agent who uploads and answers, over the wire."""

from __future__ import annotations

import hashlib
import json
import secrets
import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import Enum, auto
from http.client import HTTPConnection, HTTPException

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from desk.model.case import Case
from desk.model.permission import system
from drills.stage import Stage
from tests.servers.household import Household

MAIL_BYTES = 300_000
UPLOAD_BYTES = 200_000
ANSWER_WORDS = 15_000
"""Large enough that a full disk is felt at once, and not only when the next page is needed."""

PUT_OFF = (503, 507)


class Verdict(Enum):
    """How the desk answered."""

    TAKEN = auto()
    PUT_OFF = auto()


@dataclass
class Customers:
    """What they did, by the word that marks it; what was put off waits in `waiting` to be tried again."""

    household: Household
    stage: Stage
    token: str
    written: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    uploaded: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    mails: dict[str, EmailMessage] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def is_ready(self) -> bool:
        """Whether both doors are open."""
        try:
            with smtplib.SMTP("127.0.0.1", self.household.settings.smtp_in_port, timeout=5):
                return self._ask("GET", "/health/ready")[0] == 200
        except (OSError, HTTPException):
            return False

    def go_on(self, rounds: int) -> list[Verdict]:
        """In each round a new mail with a file, an upload, and an answer to a case without one."""
        verdicts = []
        for _ in range(rounds):
            self._number += 1
            word = f"mark{self._number:05d}end"
            self.mails[word] = _mail(self._number, word, self.stage.address)
            verdicts += [self._write(word), self._upload()]
            case_id = self._unanswered()
            if case_id is not None:
                self.answers[f"answer{self._number:05d}end"] = case_id
                verdicts.append(self._answer(f"answer{self._number:05d}end"))
        return verdicts

    def try_again(self) -> bool:
        """Everything that was put off once more; whether all of it is taken now."""
        for word in list(self.mails):
            self._write(word)
        for word in list(self.answers):
            self._answer(word)
        return not self.mails and not self.answers

    def _write(self, word: str) -> Verdict:
        mail = self.mails[word]
        try:
            with smtplib.SMTP("127.0.0.1", self.household.settings.smtp_in_port, timeout=30) as line:
                line.sendmail(mail["From"], [mail["To"]], mail.as_bytes())
        except (OSError, smtplib.SMTPException) as error:
            code = _code_of(error)
            if not 400 <= code < 500:
                self.faults.append(f"the mail {word} heard {code} ({type(error).__name__})")
            return Verdict.PUT_OFF
        self.written.add(word)
        del self.mails[word]
        return Verdict.TAKEN

    def _upload(self) -> Verdict:
        content = secrets.token_bytes(UPLOAD_BYTES)
        line = b"--drill"
        head = b'Content-Disposition: form-data; name="file"; filename="photo.bin"\r\n\r\n'
        form = line + b"\r\n" + head + content + b"\r\n" + line + b"--\r\n"
        verdict = self._told(
            "the upload", "POST", "/api/v1/files", form, "multipart/form-data; boundary=drill"
        )
        if verdict is Verdict.TAKEN:
            self.uploaded.add(hashlib.sha256(content).hexdigest())
        return verdict

    def _answer(self, word: str) -> Verdict:
        text = " ".join([word, *(secrets.token_hex(4) for _ in range(ANSWER_WORDS))])
        said = {"client_id": word, "kind": "reply", "text": text}
        verdict = self._told(
            f"the answer {word}",
            "POST",
            f"/api/v1/cases/{self.answers[word]}/messages",
            json.dumps(said).encode(),
            "application/json",
        )
        if verdict is Verdict.TAKEN:
            self.answered.add(word)
            del self.answers[word]
        return verdict

    def _told(self, what: str, method: str, path: str, body: bytes, kind: str) -> Verdict:
        """Taken, or put off with a sentence; anything else is a fault."""
        try:
            status, answer = self._ask(method, path, body, kind)
        except (OSError, HTTPException) as error:
            self.faults.append(f"{what} heard nothing ({type(error).__name__})")
            return Verdict.PUT_OFF
        if status in (200, 201):
            return Verdict.TAKEN
        if status not in PUT_OFF or not _sentence_of(answer):
            self.faults.append(f"{what} heard {status}: {answer[:200].decode('utf-8', 'replace')}")
        return Verdict.PUT_OFF

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        line = HTTPConnection("127.0.0.1", self.household.settings.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": kind} if kind else {})
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def _unanswered(self) -> int | None:
        try:
            with self.household.store.reading(system("drill")) as work:
                return work.session.scalar(
                    select(Case.id)
                    .where(Case.first_replied_at.is_(None), Case.id.notin_(self.answers.values()))
                    .order_by(Case.id)
                    .limit(1)
                )
        except DBAPIError:
            return None


def _mail(number: int, word: str, to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"c{number}@customers.example"
    mail["To"] = to
    mail["Subject"] = f"Question {number}"
    mail["Message-ID"] = f"<{word}@customers.example>"
    mail.set_content(f"See the picture. {word}\n")
    mail.add_attachment(
        secrets.token_bytes(MAIL_BYTES), maintype="application", subtype="octet-stream", filename="photo.bin"
    )
    return mail


def _code_of(error: Exception) -> int:
    """What the door said: 0 where it said nothing."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return 0


def _sentence_of(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["error"]["sentence"])
    except (ValueError, KeyError, TypeError):
        return ""
