"""DO what was asked: one verb a file. Every verb returns the ids of rows that deserve a hint."""

from generations.pipeline.advance import advance
from generations.pipeline.sweep import sweep

__all__ = ["advance", "sweep"]
