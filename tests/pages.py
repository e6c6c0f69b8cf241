"""Read answers as a browser does: a small tree of elements, and what stands beside a form's field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

HTMX = {"HX-Request": "true"}
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """Walk this element and all inside it, in the document's order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        """Return what a person reads, blanks joined."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements of that tag and attributes; `class_` asks for one of an element's classes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [each for each in self if tag in {"", each.tag} and each._has(wanted)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements of {tag} {attributes}"
        return found[0]

    def field(self, name: str) -> Element:
        """Return the form's field of that name, of radio buttons the first."""
        found = [each for each in self if each.tag in {"input", "textarea", "select"} and each.attributes.get("name") == name]
        assert found, f"no field {name}"
        return found[0]

    def value(self, name: str) -> str:
        """Return what a field would send."""
        found = self.field(name)
        if found.attributes.get("type") == "radio":
            return next((each.attributes["value"] for each in self.all("input", name=name) if "checked" in each.attributes), "")
        if found.tag == "textarea":
            text = "".join(child for child in found.children if isinstance(child, str))
            return text.removeprefix("\r\n").removeprefix("\n")
        return found.attributes.get("value", "")

    def sentences_beside(self, name: str) -> list[str]:
        """Return the sentences that assistive technology reads out with an invalid field, or with the group it is in."""
        found = self.field(name)
        if found.attributes.get("aria-invalid") != "true":
            return []
        groups = [each for each in self.all("fieldset") if found in list(each)]
        labels = " ".join(each.attributes.get("aria-describedby", "") for each in (found, *groups))
        return [p.text for label in labels.split() for p in self._errors(label)]

    def _errors(self, label: str) -> list[Element]:
        return [p for box in self.all(id=label, class_="field-error") for p in box.all("p")]

    def _has(self, wanted: dict[str, str]) -> bool:
        for name, value in wanted.items():
            own = self.attributes.get(name)
            if own is None or (value not in own.split() if name == "class" else value != own):
                return False
        return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self.open) - 1, 0, -1):
            if self.open[at].tag == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page(response: HttpResponse) -> Element:
    """Return an answer's tree."""
    reader = _Reader()
    reader.feed(response.content.decode())
    reader.close()
    return reader.root
