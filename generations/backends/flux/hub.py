"""Weights from the hub: fetched once, and what went wrong said in a sentence."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    def model(self, repository: str, *, with_transformer: bool) -> Path:
        """Return the folder of a checkpoint; its transformer is left out where another one takes its place.

        Raises BackendUnavailable, as all of these do.
        """
        return self._folder("FLUX_MODEL", repository, ALL_BUT_TRANSFORMER + (TRANSFORMER if with_transformer else []))

    def transformer(self, repository: str) -> Path:
        """Return a folder with the weights of a transformer."""
        return self._folder("FLUX_TRANSFORMER", repository, LONE_TRANSFORMER)

    def file(self, repository: str, file: str) -> Path:
        # Imported here: the web server asks this package about its files and has no extra packages.
        from huggingface_hub import hf_hub_download

        name = f"{repository}/{file}"
        return _fetched("FLUX_TRANSFORMER", repository, name, lambda: hf_hub_download(repository, file, **self._options()))

    def _folder(self, variable: str, repository: str, wanted: list[str]) -> Path:
        from huggingface_hub import snapshot_download

        options = {**self._options(), "allow_patterns": wanted}
        return _fetched(variable, repository, repository, lambda: snapshot_download(repository, **options))

    def _options(self) -> dict[str, Any]:
        return {"token": self.token or None, "cache_dir": self.cache or None, "endpoint": self.address or None}


def _fetched(variable: str, repository: str, name: str, fetch: Callable[[], str]) -> Path:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )
    from huggingface_hub.utils import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        return Path(fetch())
    except LocalEntryNotFoundError as error:  # It counts as missing there, too, when the hub was not reached.
        raise BackendUnavailable(UNREACHABLE.format(name=name, variable=variable), detail=str(error)[:500]) from error
    except GatedRepoError as error:
        raise BackendUnavailable(GATED.format(repository=repository), detail=str(error)[:500]) from error
    except (RepositoryNotFoundError, EntryNotFoundError) as error:
        raise BackendUnavailable(UNKNOWN.format(name=name, variable=variable), detail=str(error)[:500]) from error
    except HTTPError as error:
        raise BackendUnavailable(UNREACHABLE.format(name=name, variable=variable), detail=str(error)[:500]) from error
    except OSError as error:
        sentence = NO_ROOM if error.errno == errno.ENOSPC else UNREACHABLE
        raise BackendUnavailable(sentence.format(name=name, variable=variable), detail=repr(error)[:500]) from error
