"""The API described for programs: OpenAPI 3.1, read off the routes, so that it cannot differ from them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

import desk
from desk.http.entrance import allow, declared_right
from desk.model.permission import Permission

blueprint = Blueprint("description", __name__)

PREFIX = "/api/v1"
_REFUSALS = (401, 403, 404, 409, 413, 422, 429, 503)
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["kind", "sentence", "field", "current"],
            "properties": {
                "kind": {"type": "string"},
                "sentence": {"type": "string", "description": "What is wrong, for a person."},
                "field": {
                    "type": ["string", "null"],
                    "description": "The part of the request that is wrong.",
                },
                "current": {"type": "object", "description": "What changed, after a conflict."},
            },
        }
    },
}


@blueprint.get("/openapi.json")
@allow(Permission.SIGNED_IN)
def openapi() -> dict[str, Any]:
    """This description."""
    return description(current_app)


def description(app: Flask) -> dict[str, Any]:
    """Every route under /api/v1 with the right it asks, its query and its body."""
    rules = sorted((r for r in app.url_map.iter_rules() if r.rule.startswith(PREFIX)), key=lambda r: r.rule)
    shapes = _shapes(app, rules)
    paths: dict[str, Any] = {}
    for rule in rules:
        path = re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Desk", "version": desk.__version__},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, **shapes.schemas},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(app: Flask, rule: Rule, method: str, shapes: _Shapes) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    body, query = getattr(view, "desk_body", None), getattr(view, "desk_query", None)
    refusal = {"$ref": "#/components/schemas/Error"}
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": inspect.getdoc(view) or "",
        "x-right": declared_right(view),
        "parameters": [
            *_places(rule),
            *(_questions(shapes.of(query)) if query else ()),
            *_headers(getattr(view, "desk_header", None)),
        ],
        "responses": {
            "2XX": {"description": "Done."},
            **{
                str(code): {
                    "description": HTTPStatus(code).phrase,
                    "content": {"application/json": {"schema": refusal}},
                }
                for code in _REFUSALS
            },
        },
    }
    if body:
        content = {"application/json": {"schema": shapes.reference[body]}}
        operation["requestBody"] = {"required": True, "content": content}
    elif getattr(view, "desk_upload", False):
        file = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": file}}}
    return operation


def _places(rule: Rule) -> Iterable[dict[str, Any]]:
    """The arguments in the path; every one is required."""
    for name in sorted(rule.arguments):
        number = f"<int:{name}>" in rule.rule
        schema = {"type": "integer" if number else "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _questions(shape: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name, schema in shape.get("properties", {}).items():
        required = name in shape.get("required", ())
        yield {"name": name, "in": "query", "required": required, "schema": schema}


def _headers(name: str | None) -> Iterable[dict[str, Any]]:
    if name is not None:
        yield {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


@dataclass(frozen=True)
class _Shapes:
    """The schemas of all bodies and queries; two models of one name get two."""

    schemas: dict[str, Any]
    reference: dict[type[BaseModel], dict[str, Any]]

    def of(self, model: type[BaseModel]) -> dict[str, Any]:
        """The schema itself."""
        found: dict[str, Any] = self.schemas[self.reference[model]["$ref"].rpartition("/")[2]]
        return found


def _shapes(app: Flask, rules: Iterable[Rule]) -> _Shapes:
    models: dict[type[BaseModel], None] = {}
    for rule in rules:
        view = app.view_functions[rule.endpoint]
        for model in (getattr(view, "desk_body", None), getattr(view, "desk_query", None)):
            if model is not None:
                models[model] = None
    references, schema = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return _Shapes(schema.get("$defs", {}), {model: references[model, "validation"] for model in models})
