"""Paint a contact sheet of what Easel can do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from PIL import Image

from generations.backends.base import ImageRequest
from generations.backends.easel import Easel

COLUMNS = 6
TILE = 192
"""Pixels a side on the sheet; painted at twice the size."""

PROMPTS = (
    "a red fox in the snow under a full moon",
    "three red balloons over the desert",
    "a purple octopus and tropical fish underwater",
    "a sailboat on a calm sea at sunset",
    "a cat wearing a top hat reading a newspaper in a cozy room",
    "a lion in the savanna, golden hour",
    "a castle under the northern lights in winter",
    "a wizard in an autumn forest holding a crystal ball",
    "a lighthouse by the sea at dusk, watercolour",
    "a police car and a taxi in the city at night in the rain, neon",
    "five sheep on a farm in the morning",
    "two astronauts on the moon looking at the earth",
    "a steaming cup of coffee and a croissant on a wooden table",
    "a hot air balloon over the mountains at dawn",
    "a dinosaur in a volcanic wasteland",
    "a girl holding a red balloon in a garden",
    "a windmill and yellow tulips in spring",
    "an owl on a tree at night under a crescent moon",
    "a rocket flying through space past saturn",
    "a fox by a tent in the forest, pixel art",
    "a swan on a lake at dawn, pastel",
    "a dog under an umbrella, ink drawing",
    "a penguin and a polar bear on the ice, flat vector",
    "jazz in blue and gold",
    "a yellow submarine and a shark in the deep sea",
    "a koala in a eucalyptus tree",
    "a pirate ship in a storm",
    "an astronaut riding a horse on the moon",
    "a snowman and a christmas tree, snowing at night",
    "a bee on a sunflower, macro photo",
    "a whale flying above the clouds",
    "a robot playing a violin in the city at dusk",
    "a witch and a black cat, halloween",
    "a bicycle in front of a church in spring",
    "a motorcycle on a desert road, cinematic",
    "a bowl of strawberries and a glass of milk",
    "two elephants by a lake in the mist",
    "a unicorn under a rainbow",
    "a dragon in a cave",
    "a steam train in the mountains in autumn",
    "a bear and three rabbits in the forest, children's book",
    "four green apples and a banana, pencil sketch",
    "a mermaid with a dolphin and coral, watercolour",
    "piano, guitar and saxophone",
    "a taxi, a tram and a bus downtown, foggy",
    "camel and palm tree, sunset",
    "pizza, sushi, taco",
    "melancholy, calm, grey and lavender",
)
"""48 prompts of different kinds; the sheet shows the first 24."""


class Command(BaseCommand):
    help = "Paint the contact sheet of the built-in painter."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, default=Path("docs/images/easel.png"), help="The PNG file to write.")
        parser.add_argument("--seed", type=int, default=5, help="The seed of the first picture; each next one is one higher.")
        parser.add_argument("--all", action="store_true", help="Show all 48 prompts.")

    def handle(self, *args: Any, **options: Any) -> None:
        prompts = PROMPTS if options["all"] else PROMPTS[:24]
        sheet = Image.new("RGB", (COLUMNS * TILE, -(-len(prompts) // COLUMNS) * TILE))
        for index, prompt in enumerate(prompts):
            sheet.paste(_painted(prompt, options["seed"] + index), (index % COLUMNS * TILE, index // COLUMNS * TILE))
            self.stdout.write(f"{index + 1}. {prompt}")
        options["output"].parent.mkdir(parents=True, exist_ok=True)
        # 256 colours keep the file under a megabyte.
        sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(options["output"], optimize=True)
        self.stdout.write(f"Saved {options['output']}.")


def _painted(prompt: str, seed: int) -> Image.Image:
    request = ImageRequest(prompt=prompt, width=2 * TILE, height=2 * TILE, num_inference_steps=28, guidance_scale=3.5, seed=seed)
    [image] = Easel().render(request, lambda step, of, preview: None)
    picture = Image.frombuffer("RGB", (image.width, image.height), image.pixels, "raw", "RGB", 0, 1)
    return picture.resize((TILE, TILE), Image.Resampling.LANCZOS)
