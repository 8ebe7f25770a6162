"""The demo: a made-up coffee shop, its customers, and what they go on writing, by mail, text and chat."""

from desk.demo.line import with_standins
from desk.demo.seed import open_shop
from desk.demo.traffic import run

__all__ = ["open_shop", "run", "with_standins"]
