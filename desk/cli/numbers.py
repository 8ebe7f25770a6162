"""Numbers on the command line."""

from __future__ import annotations

from math import isnan

import click


class Within(click.FloatRange):
    """A number within bounds; “nan” is a float and lies within none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if isnan(number):
            self.fail(f"“{value}” is not a number.", param, ctx)
        return number
