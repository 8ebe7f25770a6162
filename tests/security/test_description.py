"""The description of the API says what the API does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from desk.http.description import description
from desk.model.agent import Agent
from tests.people import Cast
from tests.security.browser import Browser

AsAgent = Callable[[Agent], Browser]
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def test_every_route_is_described_with_its_right(app: Flask) -> None:
    told = description(app)
    operations = [op for path in told["paths"].values() for op in path.values()]
    routes = [
        rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
    ]

    assert told["openapi"] == "3.1.0"
    assert len(operations) == len(routes)
    assert all(operation["x-right"] and operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_two_shapes_of_one_name_do_not_hide_each_other(app: Flask) -> None:
    told = description(app)
    described = {
        operation["operationId"].partition("_")[2]: operation["requestBody"]["content"]["application/json"]
        for path in told["paths"].values()
        for operation in path.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }

    for endpoint, view in app.view_functions.items():
        if hasattr(view, "desk_body"):
            name = described[endpoint.replace(".", "_")]["schema"]["$ref"].rpartition("/")[2]
            fields = told["components"]["schemas"][name]["properties"]
            shape = view.desk_body.model_fields
            assert set(fields) == {field.alias or name for name, field in shape.items()}


def test_every_reference_leads_somewhere(as_agent: AsAgent, cast: Cast) -> None:
    answer = as_agent(cast.ada).api("GET", "/openapi.json")
    schemas = answer.json["components"]["schemas"]

    assert set(re.findall(r"#/components/schemas/(\w+)", answer.text)) <= set(schemas)
    assert "additionalProperties" in schemas["PreferencesAsked"]


def test_every_number_is_explained_to_operators(app: Flask) -> None:
    here = Browser(app, address="127.0.0.1").get("/metrics").text
    names = {line.split()[2] for line in here.splitlines() if line.startswith("# TYPE desk_")}
    told = OPERATING.read_text()

    assert [name for name in sorted(names) if f"`{name}`" not in told and not name.endswith("_created")] == []
