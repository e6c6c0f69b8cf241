"""The forms of the page Members, and the one for a team's name."""

from __future__ import annotations

from typing import Any

from django import forms

from generations.membership import LONG_NAME, MOST_NAME, NO_NAME
from generations.models import Role

WHICH_ROLE = "Choose what they may do in your team."


class RoleForm(forms.Form):
    """What somebody may do in a team."""

    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        initial=Role.MEMBER,
        error_messages={"required": WHICH_ROLE, "invalid_choice": WHICH_ROLE},
        widget=forms.RadioSelect,
    )


class InviteForm(RoleForm):
    """Whom a new link is for; the address is asked for only where this server sends mail."""

    email = forms.EmailField(
        label="Email",
        required=False,
        help_text="The link is sent there. Leave it empty to pass the link on yourself.",
        error_messages={"invalid": "This is no email address. Write one such as ada@example.org, or leave it empty."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, sends_mail: bool) -> None:
        super().__init__(data)
        if not sends_mail:
            del self.fields["email"]


class TeamForm(forms.Form):
    """What a team is called."""

    name = forms.CharField(
        label="Name of the team",
        max_length=MOST_NAME,
        error_messages={"required": NO_NAME, "max_length": LONG_NAME},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
