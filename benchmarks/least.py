"""The least that a durable intake can cost: the standard library's parser and eight statements a mail."""

from __future__ import annotations

import email
import time
from typing import Any

import psycopg

from benchmarks.intake_desk import KEPT_AT_ONCE
from benchmarks.mailbag import Bag

TABLES = """
CREATE TABLE least_customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, address text UNIQUE);
CREATE TABLE least_case (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint,
  subject text);
CREATE TABLE least_message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id bigint,
  message_id text UNIQUE, body text, search tsvector);
CREATE INDEX ON least_message USING gin (search);
CREATE TABLE least_journal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id bigint, kind text);
"""


def least(connection: psycopg.Connection[Any], bag: Bag) -> float:
    """What a mail cannot do without, a commit for as many as we keep at once; milliseconds each."""
    begun = time.perf_counter()
    for number, raw in enumerate(bag.mails, start=1):
        _keep_one(connection, raw)
        if number % KEPT_AT_ONCE == 0:
            connection.commit()
    connection.commit()
    return 1000 * (time.perf_counter() - begun) / len(bag.mails)


def _keep_one(connection: psycopg.Connection[Any], raw: bytes) -> None:
    mail = email.message_from_bytes(raw)
    body = next(
        bytes(part.get_payload(decode=True)) for part in mail.walk() if part.get_content_maintype() == "text"
    ).decode()
    parent, run = mail["In-Reply-To"], connection.execute
    run("SELECT 1 FROM least_message WHERE message_id = %s", (mail["Message-ID"],)).fetchone()
    run("INSERT INTO least_customer (address) VALUES (%s) ON CONFLICT DO NOTHING", (mail["From"],))
    row = run("SELECT id FROM least_customer WHERE address = %s", (mail["From"],)).fetchone()
    assert row is not None
    known = run("SELECT case_id FROM least_message WHERE message_id = %s", (parent,)).fetchone()
    case = (
        known
        or run(
            "INSERT INTO least_case (customer_id, subject) VALUES (%s, %s) RETURNING id",
            (row[0], str(mail["Subject"])),
        ).fetchone()
    )
    assert case is not None
    run(
        "INSERT INTO least_message (case_id, message_id, body, search) "
        "VALUES (%s, %s, %s, to_tsvector('simple', %s))",
        (case[0], mail["Message-ID"], body, body),
    )
    run("UPDATE least_case SET subject = subject WHERE id = %s", (case[0],))
    run("INSERT INTO least_journal (case_id, kind) VALUES (%s, 'MessageReceived')", (case[0],))
