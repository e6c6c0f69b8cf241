"""Weights from the hub: fetched once, and what went wrong said in a sentence."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from generations.errors import BackendUnavailable

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


def fetch_model(repository: str, *, token: str, with_transformer: bool) -> Path:
    """Return the folder of a whole checkpoint; its transformer is left out where another one takes its place.

    Raises BackendUnavailable.
    """
    # Imported here: the web server asks this package about its files and has no extra packages.
    from huggingface_hub import snapshot_download

    wanted = ALL_BUT_TRANSFORMER + (TRANSFORMER if with_transformer else [])
    return _fetched("FLUX_MODEL", repository, lambda: snapshot_download(repository, allow_patterns=wanted, token=token or None))


def fetch_transformer(repository: str, file: str, *, token: str) -> Path:
    """Return a file of a repository, or a folder with its only weights and their configuration; raises BackendUnavailable."""
    from huggingface_hub import hf_hub_download, snapshot_download

    if file:
        return _fetched("FLUX_TRANSFORMER", repository, lambda: hf_hub_download(repository, file, token=token or None), file)
    usual = ["config.json", "diffusion_pytorch_model*.safetensors*", "transformer/*"]
    return _fetched(
        "FLUX_TRANSFORMER", repository, lambda: snapshot_download(repository, allow_patterns=usual, token=token or None)
    )


def _fetched(variable: str, repository: str, fetch: Callable[[], str], file: str = "") -> Path:
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    name = "/".join(filter(None, (repository, file)))
    try:
        return Path(fetch())
    except GatedRepoError as error:
        raise BackendUnavailable(GATED.format(repository=repository), detail=str(error)[:500]) from error
    except (RepositoryNotFoundError, EntryNotFoundError) as error:
        raise BackendUnavailable(UNKNOWN.format(name=name, variable=variable), detail=str(error)[:500]) from error
    except HfHubHTTPError as error:
        raise BackendUnavailable(UNREACHABLE.format(name=name, variable=variable), detail=str(error)[:500]) from error
    except OSError as error:
        sentence = NO_ROOM if error.errno == errno.ENOSPC else UNREACHABLE
        raise BackendUnavailable(sentence.format(name=name, variable=variable), detail=repr(error)[:500]) from error
