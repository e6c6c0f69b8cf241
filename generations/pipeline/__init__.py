"""DO what was asked: one verb a file. Every verb returns the ids of rows that deserve a hint."""

from generations.pipeline.accept import accept
from generations.pipeline.advance import advance, take_turn
from generations.pipeline.deliver import deliver
from generations.pipeline.enhance import enhance
from generations.pipeline.judge import judge, judge_some, some_unjudged
from generations.pipeline.poll import poll
from generations.pipeline.reconcile import adopt
from generations.pipeline.sweep import sweep

__all__ = [
    "accept",
    "adopt",
    "advance",
    "deliver",
    "enhance",
    "judge",
    "judge_some",
    "poll",
    "some_unjudged",
    "sweep",
    "take_turn",
]
