"""The demo: a made-up coffee shop, its customers, and the mail they go on writing."""

from desk.demo.seed import open_shop
from desk.demo.traffic import run

__all__ = ["open_shop", "run"]
