"""Forms: the one for a picture is built from the catalog's schema, which alone decides what is valid."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from generations import catalog
from generations.backends import backend_for, backends_on_offer, default_backend
from generations.backends.base import RemoteBackend
from generations.errors import InvalidInputs, ReadFailed, UnusablePicture
from generations.images import MAX_BYTES, Picture, open_picture
from generations.models import User
from generations.recipes import COUNTS
from generations.submission import Order

MOST_KEY = 80
KEY_HELP = "Copy it from your account at {title}. It is tried at once, kept encrypted here, and never shown again."


class GenerationForm(forms.Form):
    """The settings of one picture; a valid form has `order`."""

    order: Order

    def __init__(self, data: Any = None, files: Any = None, *, initial: Mapping[str, object] | None = None) -> None:
        self.entry = catalog.load()
        super().__init__(data, files, initial={**self._defaults(), **(initial or {})})
        for name, spec in self.entry.properties.items():
            self.fields |= _fields_for(name, spec)
        self.fields["backend"] = forms.Field(
            label="Made by",
            required=False,
            widget=forms.RadioSelect(choices=[(backend.alias, backend.title) for backend in backends_on_offer()]),
        )
        self.fields["count"] = forms.Field(
            label="How many",
            required=False,
            widget=forms.RadioSelect(choices=[(count, str(count)) for count in COUNTS]),
        )
        self.fields["image"] = forms.FileField(
            label="Reference picture",
            required=False,
            allow_empty_file=True,
            help_text="PNG, JPEG or WebP, up to 20 MB. The new picture is made from it.",
            widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        )
        # No input of type hidden: what fills the form, undoes that and keeps drafts has to take it along.
        self.fields["parent"] = forms.CharField(
            required=False, widget=forms.TextInput(attrs={"hidden": True, "autocomplete": "off"})
        )
        self.fields["idempotency_key"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        """Clean everything by the catalog and put what it says beside the fields."""
        raw = {name: self.data.get(name) for name in self.entry.properties}
        raw["size"] = self._size()
        try:
            inputs = self.entry.clean(raw)
            backend = backend_for(self.data.get("backend") or default_backend().alias)
            count, picture = self._count(), picture_in(self.files)
        except InvalidInputs as error:
            for name, sentence in error.fields.items():
                self.add_error(name if name in self.fields else "width", sentence)
            return
        key = str(self.data.get("idempotency_key") or "").strip()[:MOST_KEY]
        self.order = Order(inputs=inputs, backend=backend, picture=picture, idempotency_key=key or None, count=count)

    def _size(self) -> object:
        """Join the two number fields to the schema's one; `size` itself is taken as well."""
        width, height = (str(self.data.get(name) or "").strip() for name in ("width", "height"))
        return f"{width}*{height}" if width or height else self.data.get("size")

    def _count(self) -> int:
        text = str(self.data.get("count") or "1").strip()
        if text not in map(str, COUNTS):
            raise InvalidInputs({"count": f"How many can be {', '.join(map(str, COUNTS[:-1]))} or {COUNTS[-1]}."})
        return int(text)

    def _defaults(self) -> dict[str, object]:
        defaults = {name: spec["default"] for name, spec in self.entry.properties.items() if "default" in spec}
        width, _, height = str(defaults.pop("size")).partition("*")
        # An empty seed means a new one each time; -1 is the API's word for it.
        defaults |= {"seed": "", "width": int(width), "height": int(height), "backend": default_backend().alias, "count": 1}
        return {**defaults, "idempotency_key": uuid.uuid4().hex}


def picture_in(files: Mapping[str, Any]) -> Picture | None:
    """Return the reference picture that came with a form; raises InvalidInputs."""
    upload = files.get("image")
    if upload is None:
        return None
    try:
        return open_picture(upload.read(MAX_BYTES + 1))
    except UnusablePicture as error:
        raise InvalidInputs({"image": error.message}) from error


class AccountForm(forms.Form):
    """Somebody new: what they are called, and how they sign in."""

    name = forms.CharField(max_length=80, required=False, label="Your name", help_text="Stands beside the pictures you make.")
    email = forms.EmailField(
        label="Email",
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> None:
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, User(email=self.cleaned_data.get("email", "")))
            except ValidationError as error:
                self.add_error("password", error)


class WelcomeForm(AccountForm):
    """The very first visit: who owns this playground."""

    field_order = ["team"]

    team = forms.CharField(max_length=80, label="Name of your team", help_text="Everybody in it shares one gallery.")


class KeyForm(forms.Form):
    """A key for a vendor; a valid form has asked the vendor, and has `balance_microusd`."""

    balance_microusd: int

    key = forms.CharField(
        label="API key",
        max_length=300,
        error_messages={"required": "Paste the key here.", "max_length": "This is too long for a key. Copy it again."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, vendor: RemoteBackend, data: Any = None) -> None:
        self.vendor = vendor
        super().__init__(data, auto_id=f"id_{vendor.alias}_%s")
        self.fields["key"].help_text = KEY_HELP.format(title=vendor.title)

    def clean_key(self) -> str:
        """Refuse a key that the vendor does not know, and one that cannot be tried."""
        key = str(self.cleaned_data["key"])
        try:
            self.balance_microusd = self.vendor.for_key(key).balance()
        except ReadFailed as error:
            raise ValidationError(error.message) from error
        return key

    def clean(self) -> None:
        """Lead whoever has to paste again back to the field."""
        if self.errors:
            self.fields["key"].widget.attrs["autofocus"] = True


class AdoptForm(forms.Form):
    """The id of an order, copied from its vendor's pages."""

    upstream_id = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9_-]{5,79}\Z",
        label="Id of the order",
        error_messages={
            "required": "Paste the order's id here.",
            "invalid": "This is no order's id. Copy it again: 32 letters and digits, without blanks.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": 80}),
    )


def _fields_for(name: str, spec: Mapping[str, Any]) -> dict[str, forms.Field]:
    """Return the form field of one schema property; `size` becomes width and height."""
    if name == "size":
        return {
            side: _field({**spec, "type": "integer", "title": side.title(), "description": ""}) for side in ("width", "height")
        }
    return {name: _field(spec)}


def _field(spec: Mapping[str, Any]) -> forms.Field:
    """Make a field that shows the schema's words and bounds and leaves the checking to the schema."""
    return forms.Field(
        label=spec["title"],
        help_text=spec["description"],
        required=False,
        widget=_widget(spec),
    )


def _widget(spec: Mapping[str, Any]) -> forms.Widget:
    if "enum" in spec:
        return forms.RadioSelect(choices=[(value, value.upper()) for value in spec["enum"]])
    if spec["type"] == "string":
        return forms.Textarea(
            attrs={"maxlength": spec["maxLength"], "placeholder": spec["x-placeholder"], "rows": 4, "required": True}
        )
    step = spec.get("step", 1)
    attrs = {"min": spec["minimum"], "max": spec["maximum"], "step": step, "inputmode": "decimal" if step != 1 else "numeric"}
    return forms.NumberInput(attrs | {"placeholder": spec.get("x-placeholder", "")})
