"""The form for a new API key, and the one for who makes the pictures that programs ask for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from generations.accounts import why_unavailable
from generations.backends import backends_on_offer, default_backend, title_of
from generations.keys import Limits
from generations.models import Scope, Team

MOST_NAME = 60
MOST_USD = 10_000
MOST_RUNS = 100_000
ENDS = {"30": "After 30 days", "90": "After 90 days", "365": "After 1 year", "never": "Never"}
BUDGET = "Write an amount from 0.01 to 10,000 dollars, such as 25 or 7.50. Leave it empty for none."
RUNS = "Write a whole number from 1 to 100,000. Leave it empty for none."
NO_ENGINE = "Your team cannot use this engine. Choose another one."
HOW_LONG = "Choose how long the key works."


class ApiKeyForm(forms.Form):
    """What a new key may do; a valid form has `limits`."""

    limits: Limits

    name = forms.CharField(
        label="Name",
        max_length=MOST_NAME,
        help_text="What it is for, so that you know later which key to revoke.",
        error_messages={"required": "Write a name for the key.", "max_length": f"Use at most {MOST_NAME} characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Blog illustrations"}),
    )
    scope = forms.ChoiceField(
        label="It may",
        help_text="A key that makes pictures reads their results, too.",
        choices=[(Scope.RUN, "Make pictures"), (Scope.READ, "Only read results")],
        initial=Scope.RUN,
        error_messages={"required": "Choose what the key may do.", "invalid_choice": "Choose what the key may do."},
        widget=forms.RadioSelect,
    )
    ends = forms.ChoiceField(
        label="It ends",
        choices=ENDS,
        initial="90",
        error_messages={"required": HOW_LONG, "invalid_choice": HOW_LONG},
    )
    backend = forms.ChoiceField(
        label="Who makes its pictures",
        required=False,
        help_text="A key for one engine keeps to it, whatever your team chooses later.",
        error_messages={"invalid_choice": NO_ENGINE},
    )
    budget = forms.DecimalField(
        label="Budget a month, in dollars",
        required=False,
        min_value=Decimal("0.01"),
        max_value=MOST_USD,
        decimal_places=2,
        help_text="Counts only where pictures cost money. Empty: no limit of its own.",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places", "max_digits"), BUDGET),
        widget=forms.NumberInput(attrs={"placeholder": "No limit", "inputmode": "decimal"}),
    )
    runs_per_minute = forms.IntegerField(
        label="Pictures a minute",
        required=False,
        min_value=1,
        max_value=MOST_RUNS,
        help_text="More than that is refused until a minute has passed. Empty: no limit.",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), RUNS),
        widget=forms.NumberInput(attrs={"placeholder": "No limit", "inputmode": "numeric"}),
    )
    joins_repeats = forms.BooleanField(
        label="The same request within two minutes counts once",
        required=False,
        help_text="For programs that send a request again when the answer is slow: they get the same picture, paid once.",
    )

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        chosen = f"Your team's choice ({maker_title(team)})"
        backend = self.fields["backend"]
        assert isinstance(backend, forms.ChoiceField)
        backend.choices = [("", chosen), *_usable(team)]

    def clean(self) -> None:
        """Put what was chosen together, or lead to the first field that cannot be used."""
        if self.errors:
            first = next(name for name in self.fields if name in self.errors)
            self.fields[first].widget.attrs["autofocus"] = True
            return
        chosen, budget = self.cleaned_data, self.cleaned_data["budget"]
        self.limits = Limits(
            scope=chosen["scope"],
            backend=chosen["backend"],
            budget_microusd=None if budget is None else int(budget * 1_000_000),
            runs_per_minute=chosen["runs_per_minute"],
            joins_repeats=chosen["joins_repeats"],
            expires_at=None if chosen["ends"] == "never" else timezone.now() + timedelta(days=int(chosen["ends"])),
        )


class ApiMakerForm(forms.Form):
    """Who makes the pictures that programs ask for, where their key names nobody else."""

    api_backend = forms.ChoiceField(error_messages={"required": "Choose an engine.", "invalid_choice": NO_ENGINE})

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["api_backend"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _usable(team)


def maker_title(team: Team) -> str:
    """Return what people call the engine that makes pictures for programs whose key names none."""
    return title_of(team.api_backend) if team.api_backend else default_backend().title


def _usable(team: Team) -> list[tuple[str, str]]:
    return [(backend.alias, backend.title) for backend in backends_on_offer() if not why_unavailable(team, backend)]
