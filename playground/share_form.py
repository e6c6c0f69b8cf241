"""The form for a new share link."""

from __future__ import annotations

from typing import Any

from django import forms

from generations.models import ShareKind
from generations.sharing import DAYS, USUAL_DAYS

LEAST_PASSWORD = 6
MOST_PASSWORD = 100
HOW_LONG = "Choose how long the link works."
WHAT = "Choose what the link shows."
ENDS = {str(days): f"After {days} day{'' if days == 1 else 's'}" for days in DAYS} | {"never": "Never, until you revoke it"}
OF_PICTURE = {
    "alone": "The picture alone",
    "settings": "The picture, with its prompt and settings",
    "recipe": "Its recipe, for others to make it themselves",
}
OF_COLLECTION = {"alone": "The pictures alone", "settings": "The pictures, each with its prompt and settings"}


class ShareForm(forms.Form):
    """What a link shows, for how long, and to whom; a valid form has `kind` and `options`."""

    kind: ShareKind
    options: dict[str, Any]

    shows = forms.ChoiceField(
        label="The link shows",
        initial="alone",
        error_messages={"required": WHAT, "invalid_choice": WHAT},
        widget=forms.RadioSelect,
    )
    ends = forms.ChoiceField(
        label="It ends",
        choices=ENDS,
        initial=str(USUAL_DAYS),
        error_messages={"required": HOW_LONG, "invalid_choice": HOW_LONG},
    )
    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        min_length=LEAST_PASSWORD,
        max_length=MOST_PASSWORD,
        help_text="Whoever opens the link is asked for it. Send it another way than the link. Empty: none.",
        error_messages={
            "min_length": f"Use at least {LEAST_PASSWORD} characters, or leave it empty for no password.",
            "max_length": f"Use at most {MOST_PASSWORD} characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "None", "spellcheck": "false"}),
    )
    allows_downloads = forms.BooleanField(
        label="Allow downloads",
        required=False,
        help_text="In full size. Files say how they were made only if the link shows it; without that, only that AI made them.",
    )

    def __init__(self, *, is_collection: bool, data: Any = None) -> None:
        super().__init__(data)
        self.is_collection = is_collection
        shows = self.fields["shows"]
        assert isinstance(shows, forms.ChoiceField)
        shows.choices = list((OF_COLLECTION if is_collection else OF_PICTURE).items())

    def clean(self) -> None:
        if self.errors:
            return
        chosen = self.cleaned_data
        kinds = {"recipe": ShareKind.RECIPE}
        self.kind = ShareKind.COLLECTION if self.is_collection else kinds.get(chosen["shows"], ShareKind.PICTURE)
        self.options = {
            "days": None if chosen["ends"] == "never" else int(chosen["ends"]),
            "password": chosen["password"],
            "with_settings": chosen["shows"] != "alone",
            "allows_downloads": chosen["allows_downloads"],
        }
