"""Bodies for drawings that are heads alone: a fox sits, a child stands, a robot has arms and legs."""

from __future__ import annotations

import re
from dataclasses import dataclass

_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coat:
    """The colours of a sitting animal, in hex, and what it wags."""

    coat: str
    belly: str
    shade: str
    paw: str
    tail: str = "none"


_ANIMALS = {
    "🦊": Coat(coat="F4900C", belly="FFE8B6", shade="D67503", paw="662113", tail="bush"),
    "🐺": Coat(coat="66757F", belly="CCD6DD", shade="55626B", paw="99AAB5", tail="bush"),
    "🦝": Coat(coat="66757F", belly="CCD6DD", shade="55626B", paw="292F33", tail="rings"),
    "🐻": Coat(coat="C1694F", belly="D99E82", shade="A5573F", paw="662113"),
    "🐻‍❄": Coat(coat="E1E8ED", belly="F5F8FA", shade="CCD6DD", paw="99AAB5"),
    "🐼": Coat(coat="F5F8FA", belly="FFFFFF", shade="292F33", paw="292F33"),
    "🐨": Coat(coat="99AAB5", belly="CCD6DD", shade="8899A6", paw="66757F"),
    "🐹": Coat(coat="FFCC4D", belly="FFF3D6", shade="F4B83C", paw="EA9FB4"),
    "🐸": Coat(coat="77B255", belly="C6E5B3", shade="5C913B", paw="3E721D"),
    "🐗": Coat(coat="A85A43", belly="C1694F", shade="8F4A36", paw="3E1A10", tail="thin"),
    "🫎": Coat(coat="8A4B33", belly="C1694F", shade="74402C", paw="3E1A10"),
    "🦁": Coat(coat="FFCC4D", belly="FFE8B6", shade="F4B83C", paw="F4900C", tail="tuft"),
    "🦍": Coat(coat="31373D", belly="66757F", shade="292F33", paw="66757F"),
    "🐵": Coat(coat="BF6952", belly="FFCC9F", shade="A5573F", paw="7D3F2C", tail="thin"),
    "🐱": Coat(coat="FFCC4D", belly="FFE8B6", shade="F4B83C", paw="FFF3D6", tail="thin"),
    "🐶": Coat(coat="D99E82", belly="F3D2A2", shade="C1694F", paw="FFE8D6", tail="thin"),
    "🐭": Coat(coat="99AAB5", belly="CCD6DD", shade="8899A6", paw="F4ABBA", tail="thin"),
    "🐰": Coat(coat="99AAB5", belly="E1E8ED", shade="8899A6", paw="E1E8ED"),
    "🐷": Coat(coat="F4ABBA", belly="F9CBD4", shade="EA9FB4", paw="C16A80"),
    "🐮": Coat(coat="E1E8ED", belly="F5F8FA", shade="CCD6DD", paw="66757F", tail="tuft"),
    "🐯": Coat(coat="FFCC4D", belly="FFF3D6", shade="F4900C", paw="F5F8FA", tail="thin"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """What a standing figure wears, in hex."""

    top: str
    legs: str
    skin: str = "FFDC5D"
    shoes: str = "4A3728"


_FIGURES = {
    "👦": Clothes(top="3B88C3", legs="8A5A3C"),
    "👧": Clothes(top="DD2E44", legs="41578C"),
    "🧒": Clothes(top="5C913B", legs="41578C"),
    "👶": Clothes(top="BBDDF5", legs="BBDDF5", shoes="8CCAF7"),
    "👴": Clothes(top="5C6F52", legs="66574A"),
    "👵": Clothes(top="9266CC", legs="553788"),
    "🧓": Clothes(top="557A8C", legs="4A5058"),
    "🧔": Clothes(top="A0041E", legs="31475E"),
    "🧑": Clothes(top="F4900C", legs="31475E"),
    "👱": Clothes(top="3B88C3", legs="4A5058"),
    "👱‍♀": Clothes(top="EA596E", legs="41578C"),
    "👩‍🦰": Clothes(top="3E8A5C", legs="41578C"),
    "🎅": Clothes(top="DD2E44", legs="DD2E44", shoes="292F33"),
    "🤶": Clothes(top="DD2E44", legs="A0041E", shoes="292F33"),
    "🧌": Clothes(top="8A5A3C", legs="5F4030", skin="77A353", shoes="77A353"),
    "🤡": Clothes(top="FFCC4D", legs="3B88C3", skin="F5F8FA", shoes="DD2E44"),
    "👽": Clothes(top="CCD6DD", legs="CCD6DD", skin="CCD6DD", shoes="99AAB5"),
    "👹": Clothes(top="BE1931", legs="662113", skin="DD2E44", shoes="292F33"),
}


_ROBED = frozenset({"🧙", "🧙‍♀", "🧝‍♀", "🧛", "🧞", "🤴", "👸", "🫅", "👼", "🧑‍🎓", "🧑‍⚖", "🧕", "👰", "🧚", "👳"})
_SUITED = frozenset({
    "🧝", "🧟", "🦸", "🦸‍♀", "🦹", "🥷", "👨‍🌾", "👩‍🌾", "🧑‍🍳", "👩‍🍳", "🧑‍🔬", "🧑‍🎨", "🧑‍🚒", "🧑‍✈", "🧑‍🎤", "🧑‍🏫", "🧑‍⚕",
    "👩‍⚕", "🧑‍🔧", "🧑‍🏭", "🧑‍💻", "🧑‍💼", "👮", "🕵", "💂", "👷", "🤵", "🤹", "🧑‍🚀", "👩‍🚀", "👨‍🚀",
})  # fmt: skip
"""Drawings that end at the chest: what they wear goes on below it, as a robe or as trousers."""


_CLOTH = {
    "🧑‍🚀": "E6EAEE", "👩‍🚀": "E6EAEE", "👨‍🚀": "E6EAEE", "🤴": "553788", "👸": "EA596E", "🫅": "A0041E", "🧑‍🎨": "3B88C3",
    "🧑‍💻": "5C6F52",
}  # fmt: skip
"""Where the lower edge shows something else than clothes."""


def has_body(emoji: str) -> bool:
    """Whether a body is known for this head."""
    return emoji in _ANIMALS or emoji in _FIGURES or emoji == "🤖" or ends_at_chest(emoji)


def ends_at_chest(emoji: str) -> bool:
    """Whether the drawing shows head and chest, so that the body has to go on in the colour of its clothes."""
    return emoji in _ROBED or emoji in _SUITED


def embodied(emoji: str, head_svg: str, cloth: str = "") -> str:
    """Return the SVG of a head with its body; `cloth` is the hex colour that a chest ends in."""
    inside = _INSIDE.search(head_svg)
    head = inside.group(1) if inside else ""
    if emoji in _ANIMALS:
        return _sitting(_ANIMALS[emoji], head)
    if emoji in _FIGURES:
        return _standing(_FIGURES[emoji], head)
    if ends_at_chest(emoji):
        return _lengthened(head, _CLOTH.get(emoji, cloth), robed=emoji in _ROBED)
    return _robot(head)


def _sitting(coat: Coat, head: str) -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 46 60">{_tail(coat)}
<ellipse cx="13" cy="52" rx="8.5" ry="7" fill="#{coat.coat}"/><ellipse cx="31" cy="52" rx="8.5" ry="7" fill="#{coat.coat}"/>
<ellipse cx="10" cy="57.4" rx="6" ry="2.6" fill="#{coat.shade}"/><ellipse cx="34" cy="57.4" rx="6" ry="2.6" fill="#{coat.shade}"/>
<path d="M14 24C9 34 9 46 12 55Q22 60 32 55C35 46 35 34 30 24Z" fill="#{coat.coat}"/>
<path d="M15.5 27C13.5 35 16 43 22 47C28 43 30.5 35 28.5 27Z" fill="#{coat.belly}"/>
<path d="M15 40q3 -3 6 0v16.5a3 2.5 0 0 1 -6 0zM23 40q3 -3 6 0v16.5a3 2.5 0 0 1 -6 0z" fill="#{coat.shade}"/>
<ellipse cx="17.8" cy="57.6" rx="4" ry="2.4" fill="#{coat.paw}"/><ellipse cx="26.2" cy="57.6" rx="4" ry="2.4" fill="#{coat.paw}"/>
<g transform="translate(6.5 0) scale(.86)">{head}</g></svg>"""


def _tail(coat: Coat) -> str:
    if coat.tail == "bush":
        return (
            f'<path d="M27 57C38 62 48 54 45 41C44 35 46 31 43 28C36 31 33 40 30 46Z" fill="#{coat.shade}"/>'
            f'<path d="M45.2 42C44 35 46 31 43 28C40 29.5 37.5 33 35.8 36.5C39 41 42 42 45.2 42Z" fill="#{coat.belly}"/>'
        )
    if coat.tail == "rings":
        bands = "".join(f'<path d="M35.5 {y}h9.5" stroke="#{coat.paw}" stroke-width="3"/>' for y in (34, 41, 48))
        return f'<path d="M27 57C36 62 47 56 45 42C44 35 44 30 40 28C35 32 36 42 30 48Z" fill="#{coat.coat}"/>{bands}'
    if coat.tail in ("thin", "tuft"):
        tuft = f'<ellipse cx="42" cy="36" rx="3" ry="4.5" fill="#{coat.paw}"/>' if coat.tail == "tuft" else ""
        curve = '<path d="M30 55C42 58 44 48 42 37" fill="none" stroke-linecap="round"'
        return f'{curve} stroke="#{coat.coat}" stroke-width="3.2"/>{tuft}'
    return ""


def _standing(clothes: Clothes, head: str) -> str:
    limb = 'fill="none" stroke-linecap="round" stroke-width="5.5"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 38 66">
<path d="M12 29L6.5 42M26 29L31.5 42" {limb} stroke="#{clothes.top}"/>
<circle cx="6" cy="43.5" r="2.7" fill="#{clothes.skin}"/><circle cx="32" cy="43.5" r="2.7" fill="#{clothes.skin}"/>
<path d="M11 42h16l.5 19.5h-7.2l-1.3-12-1.3 12h-7.2z" fill="#{clothes.legs}"/>
<path d="M10.5 27Q19 22.5 27.5 27L28.5 45Q19 47.5 9.5 45Z" fill="#{clothes.top}"/>
<path d="M16 25.5h6l-3 4z" fill="#{clothes.skin}"/>
<ellipse cx="13" cy="62.5" rx="5" ry="2.5" fill="#{clothes.shoes}"/>
<ellipse cx="25" cy="62.5" rx="5" ry="2.5" fill="#{clothes.shoes}"/>
<g transform="translate(5 -1) scale(.78)">{head}</g></svg>"""


def _robot(head: str) -> str:
    limb = 'fill="none" stroke-linecap="round" stroke-width="4.5" stroke="#99AAB5"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 46 66">
<path d="M12 34L5 46M34 34L41 46" {limb}/>
<circle cx="4.5" cy="47.5" r="3.4" fill="#66757F"/><circle cx="41.5" cy="47.5" r="3.4" fill="#66757F"/>
<path d="M17 52v9M29 52v9" {limb}/>
<path d="M11.5 64a5.5 4 0 0 1 11 0zM23.5 64a5.5 4 0 0 1 11 0z" fill="#66757F"/>
<rect x="18" y="27" width="10" height="5" fill="#66757F"/>
<rect x="10" y="30" width="26" height="23" rx="4" fill="#55ACEE"/>
<rect x="14" y="34" width="18" height="12" rx="2" fill="#CCD6DD"/>
<circle cx="18.5" cy="38" r="2" fill="#DD2E44"/><circle cx="24" cy="38" r="2" fill="#FFCC4D"/>
<path d="M17 43h12" stroke="#66757F" stroke-width="1.5"/>
<g transform="translate(8.5 0) scale(.81)">{head}</g></svg>"""


def _lengthened(chest: str, cloth: str, *, robed: bool) -> str:
    """Return a chest with arms and the rest of the body below it."""
    dark = "".join(f"{int(int(cloth[at : at + 2], 16) * 0.78):02X}" for at in (0, 2, 4))
    if robed:
        below = (
            f'<path d="M9 28Q5 48 3 61Q21 66 39 61Q37 48 33 28Z" fill="#{cloth}"/>'
            f'<path d="M16 32Q14 50 13 62.6M26 32Q28 50 29 62.6" fill="none" stroke="#{dark}" stroke-width="1.6"/>'
        )
    else:
        below = (
            f'<path d="M12 42h18l1 19h-8l-2-12-2 12h-8z" fill="#{dark}"/><path d="M8.5 28h25l-2 18h-21z" fill="#{cloth}"/>'
            '<ellipse cx="14" cy="62.5" rx="5.4" ry="2.5" fill="#3E3430"/>'
            '<ellipse cx="28" cy="62.5" rx="5.4" ry="2.5" fill="#3E3430"/>'
        )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 42 66">{below}
<path d="M9.5 29L6 43M32.5 29L36 43" fill="none" stroke-linecap="round" stroke-width="5.6" stroke="#{dark}"/>
<circle cx="5.6" cy="45" r="2.6" fill="#FFDC5D"/><circle cx="36.4" cy="45" r="2.6" fill="#FFDC5D"/>
<g transform="translate(6 0) scale(.835)">{chest}</g></svg>"""
