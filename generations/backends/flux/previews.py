"""What a half-made picture looks like: latents turned into colours by one small matrix, which takes no time."""

from __future__ import annotations

from typing import Any

import torch

from generations.backends.base import Preview

SIDE = 128
"""Pixels of the square that the matrix is found with."""
MOST = 320
"""Pixels on the longer side of a preview."""


class Projection:
    """A straight line from latents to colours, as near to what the decoder does as a straight line comes.

    It is found with the decoder's other half: coloured noise is encoded, and the best fit from latents back to the
    colours is solved for. So it suits every VAE, and no table of numbers has to come along.
    """

    def __init__(self, vae: Any) -> None:
        self.matrix = _fitted(vae)

    def preview(self, latents: torch.Tensor) -> Preview:
        """Return latents (channels, rows, columns) as a small picture."""
        channels, rows, columns = latents.shape
        flat = latents.detach().to("cpu", torch.float32).reshape(channels, -1).T
        colours = _with_ones(flat) @ self.matrix
        picture = ((colours / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).reshape(rows, columns, 3)
        thinned = picture[:: -(-rows // MOST), :: -(-columns // MOST)].contiguous()
        return Preview(width=thinned.shape[1], height=thinned.shape[0], pixels=thinned.numpy().tobytes())


def _fitted(vae: Any) -> torch.Tensor:
    noise = torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    colours = torch.nn.functional.interpolate(noise, size=(SIDE, SIDE), mode="bicubic").clamp(-1, 1)
    with torch.no_grad():
        latents = vae.encode(colours.to(vae.device, vae.dtype)).latent_dist.mode()
    latents = (latents - vae.config.shift_factor) * vae.config.scaling_factor
    target = torch.nn.functional.interpolate(colours, size=latents.shape[-2:], mode="area")
    inputs = _with_ones(latents[0].float().cpu().flatten(1).T)
    # A little is added to the diagonal, or channels that carry nothing would get any weight.
    square = inputs.T @ inputs + 1e-3 * torch.eye(inputs.shape[1])
    return torch.linalg.solve(square, inputs.T @ target[0].flatten(1).T)


def _with_ones(rows: torch.Tensor) -> torch.Tensor:
    return torch.cat([rows, torch.ones(len(rows), 1)], dim=1)
