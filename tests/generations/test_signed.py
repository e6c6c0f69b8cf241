"""Addresses that open one thing for a while: what they open, and what opens nothing."""

from __future__ import annotations

import string
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from generations import signed
from generations.signed import Kind, Opened, opened, picture_address, ticket_address, upload_address

FOX = uuid.UUID("0123456789abcdef0123456789abcdef")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
HERE = "https://pictures.example.org"


@pytest.fixture(autouse=True)
def _here(settings) -> None:
    settings.PUBLIC_URL = HERE


def path_of(address: str) -> str:
    assert address.startswith(HERE + "/api/media/")
    return address.removeprefix(HERE)


def test_a_pictures_address_names_the_picture_and_ends_like_its_file():
    address = picture_address(FOX, 2, "jpeg", LATER)
    assert address.startswith(f"{HERE}/api/media/pictures/{FOX.hex}/2/4102444800-")
    assert address.endswith(".jpeg")
    expected = Opened(kind=Kind.PICTURE, public_id=FOX, index=2, ending="jpeg", expires=4_102_444_800)
    assert opened(path_of(address)) == expected
    assert picture_address(FOX, 2, "png", LATER).endswith(".png")


def test_an_uploads_address_is_that_of_a_png_and_a_ticket_has_no_ending():
    upload, ticket = opened(path_of(upload_address(FOX, LATER))), opened(path_of(ticket_address(FOX, LATER)))
    assert upload is not None and (upload.kind, upload.public_id, upload.ending) == (Kind.UPLOAD, FOX, "png")
    assert ticket is not None and (ticket.kind, ticket.public_id, ticket.ending) == (Kind.TICKET, FOX, "")


def test_a_picture_has_the_same_address_all_day_and_a_week_of_it(monkeypatch: pytest.MonkeyPatch):
    midnight = datetime(2026, 11, 30, tzinfo=UTC)

    def address_at(moment: datetime) -> str:
        monkeypatch.setattr(signed.time, "time", moment.timestamp)
        return picture_address(FOX, 0, "jpeg")

    def is_open_at(address: str, moment: datetime) -> bool:
        monkeypatch.setattr(signed.time, "time", moment.timestamp)
        return opened(path_of(address)) is not None

    first, last, next_day = (address_at(midnight + timedelta(hours=hours)) for hours in (0, 23.99, 24))
    assert first == last != next_day
    assert is_open_at(last, midnight + timedelta(hours=23.99, days=7))
    assert not is_open_at(first, midnight + timedelta(days=8))


@pytest.mark.parametrize("make", [lambda until: picture_address(FOX, 0, "png", until), lambda until: ticket_address(FOX, until)])
def test_an_address_that_is_over_opens_nothing(make):
    now = datetime.now(UTC)
    assert opened(path_of(make(now - timedelta(seconds=1)))) is None
    assert opened(path_of(make(now + timedelta(minutes=1)))) is not None


def test_no_character_of_an_address_can_be_another_one():
    for address in (picture_address(FOX, 0, "jpeg", LATER), upload_address(FOX, LATER), ticket_address(FOX, LATER)):
        path = path_of(address)
        for at in range(len(signed.PREFIX), len(path)):
            for other in string.ascii_letters + string.digits + "-_./":
                changed = path[:at] + other + path[at + 1 :]
                assert changed == path or opened(changed) is None, changed


def test_the_signature_of_one_kind_is_none_for_another():
    upload = path_of(upload_address(FOX, LATER))
    name = upload.rpartition("/")[2]
    for kind, rest in (("pictures", f"{FOX.hex}/0"), ("tickets", FOX.hex), ("uploads", f"{FOX.hex}/0")):
        assert opened(f"/api/media/{kind}/{rest}/{name}") is None
        assert opened(f"/api/media/{kind}/{rest}/{name.removesuffix('.png')}") is None
    assert opened(upload) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path + "\n",
        lambda path: path + "?x",
        lambda path: path + ".png",
        lambda path: "/" + path,
        lambda path: path.upper(),
        lambda path: path.replace("/0/", "/00/"),
        lambda path: path.replace("4102444800", "04102444800"),
        lambda path: path.replace("4102444800", "٤102444800"),
        lambda path: path.replace("4102444800", "9" * 400),
        lambda path: path.replace("-", "--", 1),
        lambda path: path[:-5] + "é.png",
        lambda path: "",
        lambda path: "x" * 100_000,
    ],
)
def test_another_way_to_write_an_address_opens_nothing(change):
    path = path_of(picture_address(FOX, 0, "png", LATER))
    assert opened(path) is not None
    assert opened(change(path)) is None


def test_another_server_signs_otherwise(settings):
    path = path_of(picture_address(FOX, 0, "png", LATER))
    settings.SECRET_KEY = "another one"
    assert opened(path) is None


def test_a_signature_has_at_least_128_bits():
    assert len({picture_address(FOX, index, "png", LATER)[-36:] for index in range(50)}) == 50
    assert signed._SIGNATURE_BYTES * 8 >= 128
