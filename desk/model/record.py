"""What every stored noun is made of: a mapped dataclass with a number, and the types they share."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Enum, Identity, MetaData
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, mapped_column

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
"""The number of a row; never an authorisation by itself."""


class Record(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The root of all stored nouns. Mapping is allowed on this floor; sessions and engines are not."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy
        int: BigInteger,
        datetime: DateTime(timezone=True),
        enum.StrEnum: Enum(
            enum.StrEnum,
            native_enum=False,
            create_constraint=False,
            length=24,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }
