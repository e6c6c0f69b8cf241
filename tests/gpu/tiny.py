"""Build a FLUX checkpoint of under 1 MB with all its parts, for tests and trials: `python -m tests.gpu.tiny FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

WORDS = ["a red fox in the snow", "a blue lighthouse at night", "an old city in the rain, oil painting"]
WIDTH = 32
"""Numbers a word becomes in both encoders."""
CHANNELS = 4
"""Of the latents; FLUX has 16."""


def build(folder: Path, seed: int = 0) -> Path:
    """Save a checkpoint with random weights drawn from `seed`; the same seed gives the same files."""
    torch.manual_seed(seed)
    clip_words, t5_words = _clip_tokenizer(), _t5_tokenizer()
    pipeline = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=_vae(),
        text_encoder=_clip(len(clip_words)),
        tokenizer=clip_words,
        text_encoder_2=_t5(len(t5_words)),
        tokenizer_2=t5_words,
        transformer=transformer(),
    )
    pipeline.save_pretrained(folder)
    return folder


def transformer() -> FluxTransformer2DModel:
    """Return a FLUX transformer of one double and one single block."""
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * CHANNELS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(4, 6, 6),
    )


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=CHANNELS,
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=64,
        shift_factor=0.1159,
        scaling_factor=0.3611,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def _clip(words: int) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=words,
            hidden_size=WIDTH,
            intermediate_size=37,
            num_hidden_layers=1,
            num_attention_heads=4,
            max_position_embeddings=77,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def _t5(words: int) -> T5EncoderModel:
    return T5EncoderModel(T5Config(vocab_size=words, d_model=WIDTH, d_kv=8, d_ff=37, num_layers=1, num_heads=4))


def _clip_tokenizer() -> PreTrainedTokenizerFast:
    trained = _trained(["<|startoftext|>", "<|endoftext|>"])
    trained.post_processor = TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>", special_tokens=[("<|startoftext|>", 0), ("<|endoftext|>", 1)]
    )
    edges = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    return PreTrainedTokenizerFast(tokenizer_object=trained, model_max_length=77, unk_token="<|endoftext|>", **edges)


def _t5_tokenizer() -> PreTrainedTokenizerFast:
    trained = _trained(["<pad>", "</s>", "<unk>"])
    trained.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    edges = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=trained, model_max_length=512, **edges)


def _trained(special: list[str]) -> Tokenizer:
    """Return a tokenizer of byte pairs that can spell every text."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel()
    alphabet: Any = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(
        WORDS, trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    )
    return trained


if __name__ == "__main__":
    build(Path(sys.argv[1]))
