"""Weights from the hub: fetched once, and what went wrong said in a sentence."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generations.backends.flux.sources import Source
from generations.errors import BackendUnavailable

# It would tell the hub about the programs around it.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

GATED = (
    "The hub does not hand out {repository}. Somebody with an account there accepts its licence at "
    "https://huggingface.co/{repository}, and whoever runs this server sets HF_TOKEN to a token of that account."
)
UNKNOWN = (
    "The hub knows no {name}, and there is no folder of this name here either. Whoever runs this server corrects {variable}, "
    "or sets HF_TOKEN if it is private."
)
UNREACHABLE = (
    "The weights {name} are not on this machine yet, and the hub could not be reached. Try again later; whoever runs this "
    "server can also bring them into a folder and name that in {variable}."
)
NO_ROOM = "The weights {name} do not fit on this machine's disk. Whoever runs this server makes room, then try again."
ALL_BUT_TRANSFORMER = [
    "model_index.json",
    "scheduler/*",
    "tokenizer/*",
    "tokenizer_2/*",
    "text_encoder/*",
    "text_encoder_2/*",
    "vae/*",
    "transformer/config.json",
]
TRANSFORMER = ["transformer/*"]
LONE_TRANSFORMER = ["config.json", "diffusion_pytorch_model*.safetensors*", *TRANSFORMER]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """How this installation speaks to the hub."""

    token: str = ""
    """Of an account that has accepted the models' licences."""
    cache: str = ""
    """A folder for what was fetched; "" for the usual one in the home folder."""
    address: str = ""
    """Another hub than the usual one, or the one that HF_ENDPOINT names."""

    def model(self, source: Source, *, with_transformer: bool) -> Path:
        """Return the folder of a checkpoint; its transformer is left out where another one takes its place.

        Raises BackendUnavailable, as `transformer` does.
        """
        return self._folder("FLUX_MODEL", source, ALL_BUT_TRANSFORMER + (TRANSFORMER if with_transformer else []))

    def transformer(self, source: Source) -> Path:
        """Return a file of a transformer's weights, or the folder that holds them."""
        if not source.file:
            return self._folder("FLUX_TRANSFORMER", source, LONE_TRANSFORMER)
        # Imported here: the web server asks this package about its files and has no extra packages.
        from huggingface_hub import hf_hub_download

        name, options = (source.repository, source.file), self._options(source)
        # Whoever wants one revision names it, and the fingerprints of what came are on each receipt.
        return _fetched("FLUX_TRANSFORMER", source, lambda: hf_hub_download(*name, **options))  # nosec B615

    def _folder(self, variable: str, source: Source, wanted: list[str]) -> Path:
        from huggingface_hub import snapshot_download

        options = {**self._options(source), "allow_patterns": wanted}
        return _fetched(variable, source, lambda: snapshot_download(source.repository, **options))  # nosec B615

    def _options(self, source: Source) -> dict[str, Any]:
        named = {"revision": source.revision, "token": self.token, "cache_dir": self.cache, "endpoint": self.address}
        return {name: value or None for name, value in named.items()}


def _fetched(variable: str, source: Source, fetch: Callable[[], str]) -> Path:
    from huggingface_hub import errors
    from huggingface_hub.utils import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        return Path(fetch())
    except errors.LocalEntryNotFoundError as error:  # It counts as missing there, too, when the hub was not reached.
        raise BackendUnavailable(UNREACHABLE.format(name=source, variable=variable), detail=str(error)[:500]) from error
    except errors.GatedRepoError as error:
        raise BackendUnavailable(GATED.format(repository=source.repository), detail=str(error)[:500]) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise BackendUnavailable(UNKNOWN.format(name=source, variable=variable), detail=str(error)[:500]) from error
    except errors.HTTPError as error:
        raise BackendUnavailable(UNREACHABLE.format(name=source, variable=variable), detail=str(error)[:500]) from error
    except OSError as error:
        sentence = NO_ROOM if error.errno == errno.ENOSPC else UNREACHABLE
        raise BackendUnavailable(sentence.format(name=source, variable=variable), detail=repr(error)[:500]) from error
