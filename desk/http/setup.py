"""The setup pages' door: the same four routes for every kind of row."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from pydantic import BaseModel

from desk.actions.setup import kinds as setup_kinds
from desk.actions.setup import rows as setup
from desk.actions.setup.kinds import Kind
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas import setup as forms
from desk.model.permission import Permission

blueprint = Blueprint("setup", __name__)

KINDS: tuple[tuple[str, Kind, type[BaseModel]], ...] = (
    ("queues", setup_kinds.QUEUES, forms.QueueForm),
    ("skills", setup_kinds.SKILLS, forms.SkillForm),
    ("teams", setup_kinds.TEAMS, forms.TeamForm),
    ("categories", setup_kinds.CATEGORIES, forms.CategoryForm),
    ("canned", setup_kinds.CANNED, forms.CannedForm),
    ("macros", setup_kinds.MACROS, forms.MacroForm),
    ("rules", setup_kinds.RULES, forms.RuleForm),
    ("fields", setup_kinds.FIELDS, forms.FieldForm),
)


@blueprint.get("/setup")
@allow(Permission.SIGNED_IN)
def lists() -> dict[str, Any]:
    """The short reference lists."""
    with reading() as w:
        return setup.setup_shown(w)


def _routes_for(path: str, kind: Kind, form: type[BaseModel]) -> None:
    """List, add, change and delete rows of this kind."""

    @allow(Permission.READ_SETUP)
    def listed() -> dict[str, Any]:
        with reading() as w:
            return {"rows": setup.rows_shown(w, kind)}

    @allow(Permission.EDIT_WORK_SETUP)
    @body(form)
    def added(body: BaseModel) -> tuple[dict[str, Any], int]:
        with work() as w:
            return setup.add(w, kind, body.model_dump(mode="json")), 201

    @allow(Permission.EDIT_WORK_SETUP)
    @body(forms.change_of(form))
    def changed(row_id: int, body: BaseModel) -> dict[str, Any]:
        with work() as w:
            return setup.change(w, kind, row_id, forms.given(body))

    @allow(Permission.EDIT_WORK_SETUP)
    def removed(row_id: int) -> None:
        with work() as w:
            setup.remove(w, kind, row_id)

    listed.__doc__ = f"Every {kind.word}."
    added.__doc__ = f"A new {kind.word}."
    changed.__doc__ = f"Change a {kind.word}."
    removed.__doc__ = f"Delete a {kind.word} that nothing holds on to."
    blueprint.add_url_rule(f"/{path}", f"list_{path}", listed, methods=["GET"])
    blueprint.add_url_rule(f"/{path}", f"add_{path}", added, methods=["POST"])
    blueprint.add_url_rule(f"/{path}/<int:row_id>", f"change_{path}", changed, methods=["PATCH"])
    blueprint.add_url_rule(f"/{path}/<int:row_id>", f"delete_{path}", removed, methods=["DELETE"])


for _path, _kind, _form in KINDS:
    _routes_for(_path, _kind, _form)
