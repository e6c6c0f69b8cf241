"""The form for a team's budgets: what it, and each of its members, may spend in a month, and what needs an owner's yes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction

from generations import audit_log
from generations.models import AuditKind, Member, Team
from generations.money import dollars

MOST_USD = 1_000_000
AMOUNT = "Write an amount from 0 to 1,000,000 dollars, such as 25 or 7.50. Leave it empty for none."
TEAMS = ("budget", "person_budget", "approval")
"""Fields of the form, and with _microusd columns of the team."""
WORDS = {
    "budget": "The team’s budget a month",
    "person_budget": "Each person’s budget a month",
    "approval": "What needs an owner’s yes",
}


def _amount(label: str, help_text: str = "", placeholder: str = "No limit") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_value=MOST_USD,
        decimal_places=2,
        help_text=help_text,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places", "max_digits"), AMOUNT),
        widget=forms.NumberInput(attrs={"placeholder": placeholder, "inputmode": "decimal"}),
    )


class BudgetForm(forms.Form):
    """Dollars with cents; empty is no limit. Each member has a field `person_<key>`, which goes before the team's for each."""

    budget = _amount("The team, a month, in dollars", "All that everybody spends together. Empty: no limit.")
    person_budget = _amount("Each person, a month, in dollars", "Unless the list below says otherwise. Empty: no limit.")
    approval = _amount(
        "Needs an owner’s yes above, in dollars",
        "What one press of the button may cost before it waits for an owner; owners need nobody’s yes. "
        "Empty: nothing waits. 0: everything that costs money does.",
        "Nothing waits",
    )

    def __init__(self, team: Team, members: Sequence[Member], data: Any = None) -> None:
        self.team, self.members = team, members
        initial = {name: _usd(getattr(team, f"{name}_microusd")) for name in TEAMS}
        super().__init__(data, initial=initial | {name_of(member): _usd(member.budget_microusd) for member in members})
        for member in members:
            self.fields[name_of(member)] = _amount(f"Budget of {member.user} a month, in dollars", placeholder="As everybody")

    def clean(self) -> None:
        """Lead to the first field that cannot be used."""
        if self.errors:
            first = next(name for name in self.fields if name in self.errors)
            self.fields[first].widget.attrs["autofocus"] = True

    def save(self, actor: Member) -> int:
        """Keep what is different, write each change down, and return how many there were."""
        with transaction.atomic():
            changes = [*self._team_changes(), *self._person_changes()]
            for words in changes:
                audit_log.record(AuditKind.BUDGET_CHANGED, words, team=self.team, actor=actor.user)
        return len(changes)

    def _team_changes(self) -> list[str]:
        before = {name: getattr(self.team, f"{name}_microusd") for name in TEAMS}
        after = {name: _microusd(self.cleaned_data[name]) for name in TEAMS}
        changed = [name for name in TEAMS if before[name] != after[name]]
        Team.objects.filter(pk=self.team.pk).update(**{f"{name}_microusd": after[name] for name in changed})
        return [_change(WORDS[name], before[name], after[name], "no limit") for name in changed]

    def _person_changes(self) -> list[str]:
        changes: list[str] = []
        for member in self.members:
            before, after = member.budget_microusd, _microusd(self.cleaned_data[name_of(member)])
            if before != after:
                Member.objects.filter(pk=member.pk).update(budget_microusd=after)
                changes.append(_change(f"The budget of {member.user} a month", before, after, "as everybody"))
        return changes


def name_of(member: Member) -> str:
    return f"person_{member.pk}"


def _change(what: str, before: int | None, after: int | None, none: str) -> str:
    return f"{what}: {none if before is None else dollars(before)} → {none if after is None else dollars(after)}"


def _microusd(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 1_000_000)


def _usd(microusd: int | None) -> str:
    """Write it as a number field does, with cents."""
    return "" if microusd is None else f"{Decimal(microusd) / 1_000_000:.2f}"
