"""A checkpoint on this machine's disk: found, looked over, and said in a sentence what it lacks. Nothing of it is loaded."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from generations.backends.flux.hub import Hub
from generations.backends.flux.memory import Sizes
from generations.backends.flux.sources import FILES, Source, why_unusable
from generations.errors import BackendUnavailable

PARTS = ("text_encoder", "text_encoder_2", "transformer", "vae")
OTHERS = ("scheduler", "tokenizer", "tokenizer_2")
KINDS = ("FluxPipeline", "FluxImg2ImgPipeline")

NO_CHECKPOINT = "{folder} is no checkpoint of FLUX: it has no model_index.json. Whoever runs this server corrects FLUX_MODEL."
OTHER_MODEL = "{folder} holds another model than FLUX ({kind}). Whoever runs this server corrects FLUX_MODEL."
INCOMPLETE = "{folder} is incomplete: {missing} is missing. Whoever runs this server copies the checkpoint again, whole."
SEVERAL = (
    "FLUX_TRANSFORMER names {folder}, which holds {count} files of weights and no config.json. "
    "Whoever runs this server names one of the files instead."
)
DAMAGED = "{file} is cut off or damaged. Whoever runs this server copies it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All parts at paths of this machine."""

    folder: Path
    """As `save_pretrained` writes it."""
    transformer: Path
    """A folder with config.json, a .safetensors file or a .gguf file."""

    @property
    def is_gguf(self) -> bool:
        return self.transformer.suffix == ".gguf"

    def files(self) -> dict[str, list[Path]]:
        """Return part → the files of its weights."""
        found = {part: _weights(self.folder / part) for part in PARTS if part != "transformer"}
        return {**found, "transformer": [self.transformer] if self.transformer.is_file() else _weights(self.transformer)}

    def sizes(self) -> Sizes:
        """Count the parameters by the files' own headers; raises BackendUnavailable for a damaged one."""
        files = self.files()
        gguf_bytes = self.transformer.stat().st_size if self.is_gguf else None
        counted = {part: 0 if part == "transformer" and self.is_gguf else _parameters(files[part]) for part in PARTS}
        return Sizes(
            transformer=counted["transformer"],
            t5=counted["text_encoder_2"],
            clip=counted["text_encoder"],
            vae=counted["vae"],
            gguf_bytes=gguf_bytes,
        )


def locate(model: Source, transformer: Source | None, hub: Hub) -> Checkpoint:
    """Return the checkpoint, fetched from the hub where it is not here; raises BackendUnavailable with a sentence."""
    for source, variable in ((model, "FLUX_MODEL"), (transformer, "FLUX_TRANSFORMER")):
        if source is not None and (reason := why_unusable(source, variable)):
            raise BackendUnavailable(reason)
    folder = model.path or hub.model(model, with_transformer=transformer is None)
    _look_over(folder, with_transformer=transformer is None)
    return Checkpoint(folder=folder, transformer=folder / "transformer" if transformer is None else _other(transformer, hub))


def _look_over(folder: Path, *, with_transformer: bool) -> None:
    index = folder / "model_index.json"
    if not index.is_file():
        raise BackendUnavailable(NO_CHECKPOINT.format(folder=folder))
    kind = str(json.loads(index.read_bytes()).get("_class_name", ""))
    if kind not in KINDS:
        raise BackendUnavailable(OTHER_MODEL.format(folder=folder, kind=kind or "without a name"))
    for part in (*OTHERS, *PARTS):
        if not (folder / part).is_dir():
            raise BackendUnavailable(INCOMPLETE.format(folder=folder, missing=part))
        needs_weights = part in PARTS and (part != "transformer" or with_transformer)
        if needs_weights and not _weights(folder / part):
            raise BackendUnavailable(INCOMPLETE.format(folder=folder, missing=f"the file of weights in {part}"))


def _other(source: Source, hub: Hub) -> Path:
    """Return the transformer that takes the place of the checkpoint's own."""
    path = source.path or hub.transformer(source)
    if path.is_file() or (path / "config.json").is_file():
        return path
    if (path / "transformer" / "config.json").is_file():
        return path / "transformer"
    files = sorted(file for ending in FILES for file in path.glob(f"*{ending}"))
    if len(files) != 1:
        raise BackendUnavailable(SEVERAL.format(folder=path, count=len(files) or "no"))
    return files[0]


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def _parameters(files: list[Path]) -> int:
    """Count the numbers in safetensors files by their headers, which are JSON behind eight bytes of length."""
    total = 0
    for file in files:
        try:
            with file.open("rb") as opened:
                header = json.loads(opened.read(int.from_bytes(opened.read(8), "little")))
            total += sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
        except (ValueError, KeyError, MemoryError, OverflowError, AttributeError) as error:
            raise BackendUnavailable(DAMAGED.format(file=file), detail=repr(error)[:300]) from error
    return total
