"""Money: taken when a picture is asked for, charged when its vendor accepts it, given back when it does not.

Every entry is written in the transaction of the state move it belongs to, so books and states never disagree. The same
transaction moves what the team and the person have spent in the entry's month, last of all and in this order, so that no two
wait for each other. Free backends leave no entry. A local backend charges when the picture is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from generations.errors import OverMonthBudget
from generations.models import EnhancementRequest, Generation, LedgerEntry, Member, SpentMonth, Team
from generations.models.ledger import EntryKind
from generations.money import dollars

HELD = (EntryKind.RESERVE, EntryKind.RELEASE)
TEAMS = "Your team has {left} left of its budget of {limit} this month, and this would have cost {price}."
OWN = "You have {left} left of your budget of {limit} this month, and this would have cost {price}."
WHO_CAN = "Nothing was charged. An owner of the team can raise the budget on the page Team, under Spending."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """Whose counter: a team's, or that of one person in it."""

    team_id: int
    user_id: int | None
    month: date
    """Its first day, UTC."""

    @property
    def counter(self) -> Q:
        who = Q(user__isnull=True) if self.user_id is None else Q(user=self.user_id)
        return who & Q(team=self.team_id, month=self.month)


def reserve(stack: Sequence[Generation], attempt: int = 1) -> None:
    """Set the price of what one press asked for aside, all of it or nothing.

    Call it last in the transaction, which must not be kept when this raises OverMonthBudget.
    """
    _count([_enter(each, EntryKind.RESERVE, each.price_microusd, attempt) for each in stack], guarded=True)


def reserve_anew(generation: Generation) -> None:
    """Set the price aside for another order of a picture whose first one was charged; raises OverMonthBudget."""
    if not _held(generation):
        reserve([generation], generation.attempts.count() + 1)


def charge(generation: Generation, attempt: int = 1) -> None:
    """Turn what was set aside into a charge; a second accepted attempt is charged on top."""
    _count([*_free(generation), _enter(generation, EntryKind.CHARGE, generation.price_microusd, attempt)])


def settle(generation: Generation) -> None:
    """Charge for a picture that is kept, unless its vendor's acceptance has been charged."""
    if not generation.ledger.filter(kind=EntryKind.CHARGE).exists():
        charge(generation)


def release(generation: Generation) -> None:
    """Give back what was set aside, if it still is."""
    _count(_free(generation))


def expect_refund(generation: Generation, attempt: int) -> None:
    """Note that the vendor gives back what it charged, as it does for pictures that it failed to make."""
    _count([_enter(generation, EntryKind.REFUND_EXPECTED, -generation.price_microusd, attempt)])


def take_for_prompt(request: EnhancementRequest, price_microusd: int) -> None:
    """Count a prompt that is about to be sent to a vendor; raises OverMonthBudget."""
    _take(request.team_id, request.author_id, month_of(request.created_at), price_microusd, guarded=True)


def give_back_for_prompt(request: EnhancementRequest, price_microusd: int) -> None:
    """Count a prompt no longer, for which the vendor has proven to charge nothing."""
    _take(request.team_id, request.author_id, month_of(request.created_at), -price_microusd, guarded=False)


def left_for(member: Member) -> int | None:
    """Return what this person can still spend this month, of the team's budget or their own; None without one."""
    limits = {None: member.team.budget_microusd, member.user_id: limit_of(member)}
    if all(limit is None for limit in limits.values()):
        return None
    spent = spent_by(member.team, [member.user_id])
    return min(max(0, limit - spent.get(who, 0)) for who, limit in limits.items() if limit is not None)


def limit_of(member: Member) -> int | None:
    """Return the most that this person may spend in a month: by their membership, or else by the team."""
    own = member.budget_microusd
    return member.team.person_budget_microusd if own is None else own


def spent_by(team: Team, users: Sequence[int]) -> dict[int | None, int]:
    """Return what these people have spent or set aside this month, and under None the whole team; one query."""
    rows = SpentMonth.objects.filter(Q(user__isnull=True) | Q(user__in=users), team=team, month=month_of(timezone.now()))
    return dict(rows.values_list("user", "amount_microusd"))


def month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def booked(spender: Spender) -> int:
    """Return what the counter has to be: the sum of the ledger in that month, and of the prompts that were charged."""
    begins = datetime(spender.month.year, spender.month.month, 1, tzinfo=UTC)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    within = Q(team=spender.team_id, created_at__gte=begins, created_at__lt=ends)
    own, asked = (Q(), Q()) if spender.user_id is None else (Q(user=spender.user_id), Q(author=spender.user_id))
    entries = LedgerEntry.objects.filter(within, own).aggregate(sum=Sum("amount_microusd", default=0))["sum"]
    prompts = EnhancementRequest.objects.filter(within, asked).aggregate(sum=Sum("charged_microusd", default=0))["sum"]
    return int(entries) + int(prompts)


def spenders() -> list[Spender]:
    """Return everybody with a counter or with anything that counts, by team, person and month."""
    month = TruncMonth("created_at", tzinfo=UTC)
    entries = LedgerEntry.objects.values_list("team", "user", month).distinct().order_by()
    prompts = EnhancementRequest.objects.filter(charged_microusd__gt=0).values_list("team", "author", month).distinct().order_by()
    found: set[tuple[int, int | None, date]] = set(SpentMonth.objects.values_list("team", "user", "month"))
    for team, user, moment in [*entries, *prompts]:
        found |= {(team, user, month_of(moment)), (team, None, month_of(moment))}
    ordered = sorted(found, key=lambda each: (each[0], each[2], each[1] or 0))
    return [Spender(team_id=team, user_id=user, month=month) for team, user, month in ordered]


def _held(generation: Generation) -> dict[int, int]:
    """Return attempt → what is set aside for it and has not been given back."""
    open_ones: Counter[int] = Counter()
    for attempt, amount in generation.ledger.filter(kind__in=HELD).values_list("attempt", "amount_microusd"):
        open_ones[attempt] += amount
    return {attempt: amount for attempt, amount in open_ones.items() if amount > 0}


def _free(generation: Generation) -> list[LedgerEntry]:
    if not generation.price_microusd:
        return []
    entries = [_enter(generation, EntryKind.RELEASE, -amount, attempt) for attempt, amount in _held(generation).items()]
    return [entry for entry in entries if entry is not None]


def _enter(generation: Generation, kind: EntryKind, amount_microusd: int, attempt: int = 1) -> LedgerEntry | None:
    if not amount_microusd:
        return None
    return LedgerEntry.objects.create(
        team_id=generation.team_id,
        user_id=generation.author_id,
        generation=generation,
        attempt=attempt,
        kind=kind,
        amount_microusd=amount_microusd,
    )


def _count(entries: Sequence[LedgerEntry | None], *, guarded: bool = False) -> None:
    """Move the counters by what was entered, which is all of one person's; its month is the database's."""
    sums: Counter[tuple[int, int, date]] = Counter()
    for entry in entries:
        if entry is not None:
            sums[entry.team_id, entry.user_id, month_of(entry.created_at)] += entry.amount_microusd
    for (team_id, user_id, month), amount in sorted(sums.items()):
        if amount:
            _take(team_id, user_id, month, amount, guarded=guarded)


def _take(team_id: int, user_id: int, month: date, amount: int, *, guarded: bool) -> None:
    """Move the team's counter, then the person's; what they may not go beyond is read here, within the transaction."""
    limits = _limits(team_id, user_id) if guarded else (None, None)
    for who, limit in zip((None, user_id), limits, strict=True):
        spender = Spender(team_id=team_id, user_id=who, month=month)
        if not _add(spender, amount, limit):
            raise _refusal(spender, amount, limit or 0)


def _limits(team_id: int, user_id: int) -> tuple[int | None, int | None]:
    member = Member.objects.select_related("team").filter(team=team_id, user=user_id).first()
    if member is None:  # They left while it was asked for.
        return Team.objects.values_list("budget_microusd", flat=True).get(pk=team_id), None
    return member.team.budget_microusd, limit_of(member)


def _add(spender: Spender, amount: int, limit: int | None) -> bool:
    """Add to a counter in one statement, unless that leads beyond the limit."""
    room = Q() if limit is None else Q(amount_microusd__lte=limit - amount)
    rows = SpentMonth.objects.filter(spender.counter & room)
    moved = F("amount_microusd") + amount
    if rows.update(amount_microusd=moved):
        return True
    _begin(spender, booked(spender) - amount)
    return rows.update(amount_microusd=moved) == 1


def _begin(spender: Spender, amount_microusd: int) -> None:
    """Make the month's counter; somebody who makes it at the same time is waited for, and theirs is the one."""
    row = SpentMonth(team_id=spender.team_id, user_id=spender.user_id, month=spender.month, amount_microusd=amount_microusd)
    SpentMonth.objects.bulk_create([row], ignore_conflicts=True)


def _refusal(spender: Spender, price: int, limit: int) -> OverMonthBudget:
    spent = SpentMonth.objects.filter(spender.counter).values_list("amount_microusd", flat=True).get()
    sentence = (TEAMS if spender.user_id is None else OWN).format(
        left=dollars(max(0, limit - spent)), limit=dollars(limit), price=dollars(price)
    )
    return OverMonthBudget(f"{sentence} {WHO_CAN}", detail=f"{spender}: {spent} of {limit} spent, {price} asked for")
