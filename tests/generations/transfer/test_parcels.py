"""Hostile ZIPs: each is refused with a sentence, and costs little."""

from __future__ import annotations

import io
import resource
import time
import zipfile

import pytest

from generations.errors import InvalidInputs, UnusablePicture
from generations.images import MAX_BYTES, TOO_MANY_BYTES
from generations.transfer import parcels
from generations.transfer.parcels import MOST, parcels_in
from tests.generations.transfer.conftest import foreign_png
from tests.generations.transfer.zips import bomb, link, locked, long_list, lying, packed, renamed

PNG = foreign_png()


def said(data: bytes, name: str = "pictures.zip") -> dict[str, str]:
    """Return what is said of each refused file, "" for those that can be read."""
    found = {}
    for parcel in parcels_in([(name, io.BytesIO(data))]):
        try:
            parcel.read()
            found[parcel.name] = ""
        except UnusablePicture as error:
            found[parcel.name] = error.message
    return found


def test_files_and_what_is_in_zips_come_one_by_one():
    files = [("a.png", io.BytesIO(PNG)), ("b.zip", io.BytesIO(packed(("x/c.png", PNG), ("d.png", b"no picture"))))]
    found = list(parcels_in(files))
    assert [parcel.name for parcel in found] == ["a.png", "x/c.png", "d.png"]
    assert [parcel.read() for parcel in found] == [PNG, PNG, b"no picture"]


def test_a_zip_is_known_by_what_it_holds_and_not_by_its_name():
    assert said(packed(("a.png", PNG)), "picture.png") == {"a.png": ""}


@pytest.mark.parametrize(
    "name", ["__MACOSX/._a.png", "._a.png", ".DS_Store", "Thumbs.db", "settings.json", "settings.csv", "missing.txt", "folder/"]
)
def test_what_archives_hold_beside_pictures_is_passed_over(name: str):
    assert said(packed((name, b""), ("a.png", PNG))) == {"a.png": ""}


@pytest.mark.parametrize(
    "name", ["../a.png", "x/../../a.png", "/etc/a.png", "//server/a.png", "..\\a.png", "C:\\a.png", "C:a.png", "\\a.png"]
)
def test_names_that_lead_elsewhere_are_refused_and_the_others_are_not(name: str):
    plain = "n" * len(name)
    data = renamed(packed((plain, PNG), ("good.png", PNG)), plain, name)
    assert said(data) == {name: parcels.LEADS_ELSEWHERE, "good.png": ""}


def test_links_are_refused():
    assert said(link("a.png", "/etc/passwd")) == {"a.png": parcels.A_LINK}


def test_locked_entries_are_refused():
    assert said(locked(packed(("a.png", PNG)))) == {"a.png": parcels.LOCKED}


@pytest.mark.parametrize("inner", [packed(("a.png", PNG)), packed(), b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"])
def test_archives_inside_are_refused(inner: bytes):
    assert said(packed(("inner.zip", inner))) == {"inner.zip": parcels.AN_ARCHIVE}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused_as_they_unpack_without_a_limit(compression: int):
    assert said(packed(("a.png", PNG), compression=compression)) == {"a.png": parcels.OTHER_PACKING}


def test_two_entries_of_one_name_are_two():
    other = foreign_png(6)
    found = list(parcels_in([("z.zip", io.BytesIO(packed(("a.png", PNG), ("a.png", other))))]))
    assert [parcel.read() for parcel in found] == [PNG, other]


@pytest.mark.parametrize("keep", [4, 30, 60, 0.3, 0.9, 0.99])
def test_a_zip_that_is_cut_off_is_damaged(keep: float):
    whole = packed(("a.png", PNG), ("b.png", PNG))
    data = whole[: int(keep if keep > 1 else keep * len(whole))]
    assert said(data) == {"pictures.zip": parcels.DAMAGED_ZIP}


def test_an_entry_that_is_damaged_leaves_the_others():
    data = packed(("a.png", PNG), ("b.png", PNG), compression=zipfile.ZIP_STORED)
    at = data.find(PNG) + 100
    assert said(data[:at] + b"\0\0\0\0" + data[at + 4 :]) == {"a.png": parcels.DAMAGED_ZIP, "b.png": ""}


@pytest.mark.parametrize("says", [0, 10, 14_999_999])
def test_an_entry_that_lies_about_its_size_is_damaged(says: int):
    assert said(lying(packed(("a.png", bytes(15_000_000))), says)) == {"a.png": parcels.DAMAGED_ZIP}


def test_an_entry_that_is_too_large_is_not_unpacked():
    assert said(packed(("a.png", bytes(MAX_BYTES + 1)))) == {"a.png": TOO_MANY_BYTES}


class TestBombs:
    @pytest.mark.parametrize(("entries", "each"), [(500, 20_000_000), (1, 10_000_000_000)])
    def test_ten_megabytes_that_unpack_to_ten_gigabytes_are_refused_unopened(self, entries: int, each: int):
        ten_gigabytes = bomb(entries, each)
        assert 9_000_000 < len(ten_gigabytes) < 11_000_000
        started = time.monotonic()
        assert said(ten_gigabytes) == {"pictures.zip": parcels.TOO_LARGE_ZIP.format(size="10.0")}
        assert time.monotonic() - started < 10

    def test_one_entry_of_two_gigabytes_is_refused(self):
        data = lying(packed(("a.png", bytes(1000))), 2_000_000_000)
        assert said(data) == {"pictures.zip": parcels.TOO_LARGE_ZIP.format(size="2.0")}

    def test_a_list_without_end_is_not_read(self):
        data = long_list(60_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert said(data) == {"pictures.zip": parcels.DAMAGED_ZIP}
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000

    def test_more_files_than_go_at_once_are_refused_together(self):
        data = packed(*((f"{number}.png", b"") for number in range(MOST + 1)))
        with pytest.raises(InvalidInputs) as refused:
            parcels_in([("a.zip", io.BytesIO(data))])
        assert refused.value.message == parcels.TOO_MANY.format(count=201, most=200)


@pytest.mark.parametrize("files", [[], [("empty.zip", io.BytesIO(packed()))]])
def test_nothing_at_all_is_said(files: list[tuple[str, io.BytesIO]]):
    with pytest.raises(InvalidInputs, match="Choose pictures"):
        parcels_in(files)
