"""What goes wrong, when, and how often: rules that tests lay down through `POST /_control`.

A rule is `{"on": endpoint, "fault": name}`, with, as wanted, `times` (how often, once by default; 0 is for ever), `after` (let so
many pass first), `every` (only each n-th), `prompt` (only orders whose prompt contains it), and a fault's own parameters.

on                        fault
any endpoint, "any"       "500", "429", "401" … any status before anything is done (`retry_after`, `message`)
                          "500_after" … the same after it was done
                          reset, hang · accept_then_reset, accept_then_hang
                          html, garbage, huge (10 MB), deep (nested without end), no_id, drip, drip_body (`drip_s`), cut,
                          gzip (although nobody asked), gzip_bomb (100 MB in 100 kB)
result                    unknown_word (`word`), wrong_id
task (one order for good) fails (`code`, `error`), word (`word`: cancelled, timeout, …), stuck, gone, no_outputs,
                          two_outputs, nsfw
output                    short (a file that ends early), oversized (60 MB), svg, html_picture, bomb, polyglot,
                          redirect (`to`), loop
webhook                   lost, doubled (`copies`, 50), early, forged, replayed
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.vendor.wire import Delivery, Reply

ENDPOINTS = (
    "submit", "result", "list", "delete", "balance", "models", "pricing", "ticket", "put", "upload", "secret", "output", "file",
)  # fmt: skip
PLACES = (*ENDPOINTS, "any", "task", "webhook")
_DELIVERIES = {
    "reset": Delivery.RESET,
    "hang": Delivery.HANG,
    "accept_then_reset": Delivery.RESET,
    "accept_then_hang": Delivery.HANG,
    "drip": Delivery.DRIP,
    "drip_body": Delivery.DRIP_BODY,
    "cut": Delivery.CUT,
}
_BODIES = {
    "html": ("text/html", b"<!doctype html><title>Just a moment</title><h1>Checking your browser</h1>"),
    "garbage": ("application/json", b'{"code":200,"data":{"id":\x00\xff]]'),
    "huge": ("application/json", b'{"code":200,"message":"' + b"x" * 10_000_000 + b'"}'),
    "deep": ("application/json", b"[" * 100_000),
    "no_id": ("application/json", b'{"code":200,"message":"success","data":{"status":"created","outputs":[]}}'),
}
_ELSEWHERE = frozenset(
    {
        "gzip", "gzip_bomb", "unknown_word", "wrong_id", "fails", "word", "stuck", "gone", "no_outputs", "two_outputs", "nsfw",
        "short", "oversized", "svg", "html_picture", "bomb", "polyglot", "redirect", "loop",
        "lost", "doubled", "early", "forged", "replayed",
    }
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault, and how often it has struck."""

    on: str
    fault: str
    times: int = 1
    after: int = 0
    every: int = 1
    prompt: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    seen: int = 0
    struck: int = 0

    @property
    def is_before(self) -> bool:
        """Whether it strikes before anything is done."""
        return self.fault.isdecimal() or self.fault in ("reset", "hang")

    def strikes(self, on: str, prompt: str) -> bool:
        if self.on not in (on, "any") or (self.on == "any" and on not in ENDPOINTS) or self.prompt not in prompt:
            return False
        if self.times and self.struck >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.after or (self.seen - self.after) % self.every:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, raw: Mapping[str, object]) -> None:
        """Take a rule; ValueError when nothing would ever come of it."""
        known = {name: raw[name] for name in ("on", "fault", "times", "after", "every", "prompt") if name in raw}
        options = {name: value for name, value in raw.items() if name not in known}
        rule = Rule(**known, options=options)  # type: ignore[arg-type]
        name = rule.fault.removesuffix("_after")
        if rule.on not in PLACES or not (name.isdecimal() or name in _DELIVERIES or name in _BODIES or name in _ELSEWHERE):
            raise ValueError(f"no such fault: {rule.on} {rule.fault}")
        self.rules.append(rule)

    def take(self, on: str, prompt: str = "") -> Rule | None:
        """Return the first rule that strikes here and now."""
        return next((rule for rule in self.rules if rule.strikes(on, prompt)), None)


def spoiled(rule: Rule, reply: Reply) -> Reply:
    """Return what becomes of an answer."""
    name = rule.fault.removesuffix("_after")
    if name.isdecimal():
        return refusal(int(name), str(rule.options.get("message", "told to fail")), retry_after=rule.options.get("retry_after"))
    if name in _DELIVERIES:
        return replace(reply, delivery=_DELIVERIES[name], drip_s=float(str(rule.options.get("drip_s", 1.0))))
    if name in _BODIES:
        content_type, body = _BODIES[name]
        return Reply(content_type=content_type, body=body)
    if name in ("gzip", "gzip_bomb"):
        body = gzip.compress(reply.body if name == "gzip" else bytes(100_000_000), 1)
        return replace(reply, body=body, headers={**reply.headers, "Content-Encoding": "gzip"})
    return reply


def refusal(status: int, message: str, *, retry_after: object = None) -> Reply:
    """Return an error as the vendor words it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = f'{{"code":{status},"message":"{message}","error":"{message}"}}'
    return Reply(status=status, body=body.encode(), headers=headers)
