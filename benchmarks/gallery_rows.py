"""A gallery of any size, made and asked inside an installation: `python -m benchmarks.gallery_rows DO JSON`, which prints JSON.

`fill` makes it: a dozen pictures are painted, and all rows share their files; the rows come from one statement for each table,
the same for SQLite and PostgreSQL, and the index of words is made in one go afterwards. `queries` counts what a page asks the
database, and `offset` takes the time of a page that is found by counting instead of by its key.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from generations.models import Member, User

# So many of each that no two numbers share a factor: then every word meets every other.
WORDS = {
    "subject": "fox owl lighthouse sailboat cottage mountain heron bear whale balloon windmill castle teapot bike tram cat ox",
    "place": "snow forest harbour meadow desert city valley shore garden river cave market station island bridge field",
    "light": "sunset dawn moonlight noon storm mist rain starlight dusk",
    "style": "watercolour oil ink charcoal pastel gouache etching",
}
STRIDES = (("subject", 7919), ("place", 104_729), ("light", 1_299_709), ("style", 15_485_863))
RARE_EVERY = 20_000
SIZES = ((1024, 768), (768, 1024), (1024, 1024), (1216, 832), (832, 1216), (1344, 768))
YEARS_S = 2 * 365 * 86_400


def fill(*, count: int) -> dict[str, str]:
    """Add so many pictures of the owner and two others; return the owner's session."""
    from django.db import connection, transaction

    from generations.models import Generation, Member, User

    owner = Member.objects.select_related("team", "user").get()
    others = [User.objects.create_user(f"painter{number}@example.org", name=f"Painter {number}") for number in (1, 2)]
    Member.objects.bulk_create(Member(team=owner.team, user=user) for user in others)
    painted = _paint(owner)
    first = Generation.objects.latest("pk").pk
    people = [owner.user_id, *(user.pk for user in others)]
    with transaction.atomic(), connection.cursor() as cursor:
        index = _drop_index(cursor)
        for statement in (*_vocabulary(), *_rows(count, first, owner.team_id, people, painted)):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        # PostgreSQL makes no index of rows that a transaction has not yet checked.
        for statement in (*index, "ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
    return {"session": _session(owner.user), "middle": str(first + count // 2)}


def _session(user: User) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


def _paint(member: Member) -> list[int]:
    """Paint a dozen pictures, and return the keys of their files' rows."""
    from generations import catalog, pipeline
    from generations.backends import backend_for
    from generations.models import Image
    from generations.submission import Order, submit

    for number in range(2 * len(SIZES)):
        width, height = SIZES[number % len(SIZES)]
        words = [text.split() for text in WORDS.values()]
        prompt = "A {} in the {} at {}, {}".format(*(each[(number * 7) % len(each)] for each in words))
        raw = {"prompt": prompt, "size": f"{width}*{height}", "num_inference_steps": 8, "seed": number}
        generation = submit(member, Order(inputs=catalog.load().clean(raw), backend=backend_for("easel")), hint=False)
        pipeline.advance(generation.pk)
    return list(Image.objects.order_by("pk").values_list("pk", flat=True))


def _drop_index(cursor: Any) -> list[str]:
    """Drop the index of words, and return what makes it again, with all that is there by then."""
    from django.db import connection

    from generations.migrations import _search_index

    if connection.vendor == "postgresql":
        cursor.execute("DROP INDEX generations_search")
        return [_search_index.POSTGRESQL[1]]
    for statement in _search_index.SQLITE_AWAY:
        cursor.execute(statement)
    table, *triggers = _search_index.SQLITE
    return [table, "INSERT INTO generations_search (generations_search) VALUES ('rebuild')", *triggers]


def _vocabulary() -> list[str]:
    made = []
    for kind, text in WORDS.items():
        rows = ", ".join(f"({number}, '{word}')" for number, word in enumerate(text.split()))
        made += [
            f"CREATE TEMPORARY TABLE bench_{kind} (i INTEGER PRIMARY KEY, word TEXT)",
            f"INSERT INTO bench_{kind} VALUES {rows}",
        ]
    return made


def _rows(count: int, first: int, team_id: int, people: list[int], painted: list[int]) -> list[str]:
    """Return the statements that add the rows: a table of all that differs, then each table from it."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    ago = f"(({count} - n.i) * {YEARS_S / count})"
    when = (
        f"now() - {ago} * interval '1 second'"
        if postgres
        else f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || {ago} || ' seconds')"
    )
    year = "to_char({0}, 'YYYY')" if postgres else "strftime('%Y', {0})"
    month = "to_char({0}, 'YYYYMM')" if postgres else "strftime('%Y%m', {0})"
    uuid = "lpad(to_hex({0}), 32, '0')::uuid" if postgres else "printf('%032x', {0})"
    joins = " ".join(
        f"JOIN bench_{kind} ON bench_{kind}.i = (n.i * {prime}) % {len(WORDS[kind].split())}" for kind, prime in STRIDES
    )
    prompt = f"""'A ' || bench_subject.word || ' in the ' || bench_place.word || ' at ' || bench_light.word || ', '
        || bench_style.word || CASE WHEN n.i % {RARE_EVERY} = 7 THEN ' with a zeppelin' ELSE '' END"""
    source = f"""{numbers(count)} SELECT n.i AS i, {when} AS made, {prompt} AS prompt, {_case("n.i", people)} AS author,
        {_case("n.i / 7", painted)} AS painted,
        CASE WHEN n.i % 4 = 0 THEN 'wavespeed' ELSE 'easel' END AS backend FROM n {joins}"""
    shape = "CASE WHEN i.width > i.height THEN 'landscape' WHEN i.width < i.height THEN 'portrait' ELSE 'square' END"
    engine = f"CASE b.backend WHEN 'easel' THEN '{b'easel'.hex()}' ELSE '{b'wavespeed'.hex()}' END"
    times = f"' =y' || {year.format('b.made')} || ' =m' || {month.format('b.made')}"
    facets = f"'=t{team_id} =a' || b.author || ' =b' || {engine} || ' =' || {shape} || {times}"
    return [
        f"CREATE TEMPORARY TABLE bench_pictures AS {source}",
        f"""INSERT INTO generations_generation (id, public_id, team_id, author_id, created_at, stack, model, backend,
            prompt, width, height, num_inference_steps, guidance_scale, seed, output_format, state, fence, expiries, error,
            detail, finished_at, render_ms, price_microusd, notes, versions, note, is_check)
            SELECT b.i + {first}, {uuid.format("b.i")}, {team_id}, b.author, b.made, {uuid.format("b.i")}, 'flux-srpo', b.backend,
            b.prompt, i.width, i.height, 28, 3.5, b.i, 'jpeg', 'succeeded', 1, 0, '', '', b.made, 900, 0, '[]', '{{}}', '', FALSE
            FROM bench_pictures b JOIN generations_image i ON i.id = b.painted ORDER BY b.i""",
        f"""INSERT INTO generations_image (generation_id, "index", created_at, file, small, large, width, height, size_bytes,
            output_format, sha256, pixels_sha256, placeholder)
            SELECT b.i + {first}, 0, b.made, i.file, i.small, i.large, i.width, i.height, i.size_bytes, i.output_format, i.sha256,
            i.pixels_sha256, i.placeholder FROM bench_pictures b JOIN generations_image i ON i.id = b.painted ORDER BY b.i""",
        f"""INSERT INTO generations_searchtext (generation_id, team_id, words, facets)
            SELECT b.i + {first}, {team_id}, replace(lower(b.prompt), ',', ''), {facets}
            FROM bench_pictures b JOIN generations_image i ON i.id = b.painted ORDER BY b.i""",
    ]


def numbers(count: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"


def _case(number: str, values: list[int]) -> str:
    """Return SQL that takes the values in turn."""
    cases = " ".join(f"WHEN {at} THEN {value}" for at, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {cases} END"


def queries(*, session: str, paths: list[str]) -> dict[str, int]:
    """Return path → how many queries that page takes."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    client, found = Client(), {}
    client.cookies["sessionid"] = session
    client.get("/account/password/")  # the first request of a process asks whether anybody has an account
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        found[path] = len(captured)
    return found


def offset(*, depth: int, times: int) -> list[float]:
    """Return how many milliseconds the rows and the whole count of a page take that is found by counting."""
    from generations.models import Generation, Team

    rows, found = Generation.objects.filter(team=Team.objects.get()).in_gallery(), []
    for _ in range(times):
        started = time.perf_counter()
        list(rows.with_card().newest_first()[depth : depth + 60])
        rows.count()
        found.append((time.perf_counter() - started) * 1000)
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    work: dict[str, Callable[..., object]] = {"fill": fill, "queries": queries, "offset": offset}
    print(json.dumps(work[sys.argv[1]](**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
