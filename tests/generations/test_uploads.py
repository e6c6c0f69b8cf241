"""Uploads: tickets, files, and how long they are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone
from PIL import Image

from generations import images, keys, pipeline, uploads
from generations.errors import InvalidInputs, UnusablePicture
from generations.images import MAX_BYTES
from generations.models import ApiKey, Member, Upload, User
from generations.sources import reopened
from tests.generations.test_images import DAMAGED, HUGE, noise, saved

pytestmark = pytest.mark.django_db

Announcing = Callable[..., Upload]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def key(member: Member) -> ApiKey:
    return keys.issue(member, "Laptop", keys.Limits())[0]


@pytest.fixture
def announce(key: ApiKey) -> Announcing:
    def ticket(filename: object = "fox.png", size: object = 1000, content_type: object = "image/png") -> Upload:
        return uploads.ticket(key, filename=filename, size=size, content_type=content_type)

    return ticket


@pytest.fixture
def fox() -> bytes:
    return saved(noise(), "PNG")


def files(settings) -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def end(upload: Upload, ago: timedelta = timedelta(hours=1)) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=Now() - ago)


class TestATicket:
    def test_it_waits_an_hour_for_its_file(self, announce: Announcing, key: ApiKey):
        upload = announce()
        assert uploads.awaited(upload.public_id) == upload
        assert (upload.team, upload.key, upload.file.name) == (key.member.team, key, "")
        assert abs(upload.expires_at - timezone.now() - timedelta(hours=1)) < timedelta(seconds=10)
        end(upload, timedelta(seconds=1))
        assert uploads.awaited(upload.public_id) is None

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ("fox.png", "fox.png"),
            ("../../../etc/passwd", "passwd"),
            ("/etc/cron.d/fox.png", "fox.png"),
            ("C:\\Users\\fox\\fox.png", "fox.png"),
            ("..\\../fox.png", "fox.png"),
            ("fo\0x\r\n.png\x7f", "fox.png"),
            ("fox\u202egnp.exe", "foxgnp.exe"),
            ("fo\ud800x.png", "fox.png"),
            ("  Füchse 🦊.png ", "Füchse 🦊.png"),
            ('"; filename="evil.html', '"; filename="evil.html'),
            ("x" * 5000, "x" * 200),
        ],
    )
    def test_a_name_is_only_a_name(self, announce: Announcing, given: str, named: str):
        upload = announce(given)
        upload.refresh_from_db()
        assert upload.filename == named

    @pytest.mark.parametrize("name", ["", " ", "/", "a/", "\0\n", None, 17, ["fox.png"], {"a": 1}])
    def test_a_file_without_a_name_is_refused(self, announce: Announcing, name: object):
        with pytest.raises(InvalidInputs) as refused:
            announce(name)
        assert refused.value.fields == {"filename": uploads.NO_NAME}

    @pytest.mark.parametrize("size", [0, -1, None, "1000", 1.5, True, [], float("nan")])
    def test_a_size_that_is_none_is_refused(self, announce: Announcing, size: object):
        with pytest.raises(InvalidInputs) as refused:
            announce(size=size)
        assert refused.value.fields == {"size": uploads.NO_SIZE}

    def test_twenty_megabytes_are_the_most(self, announce: Announcing):
        assert announce(size=20_000_000).size_bytes == 20_000_000
        for size in (20_000_001, 10**30):
            with pytest.raises(uploads.TooLarge) as refused:
                announce(size=size)
            assert refused.value.message == images.TOO_MANY_BYTES

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("image/png", "image/png"),
            ("IMAGE/JPEG; q=1", "image/jpeg"),
            ("", ""),
            (None, ""),
            ("application/octet-stream", ""),
        ],
    )
    def test_a_type_may_be_that_of_a_picture_or_unknown(self, announce: Announcing, given: object, kept: str):
        assert announce(content_type=given).content_type == kept

    @pytest.mark.parametrize(
        "given", ["text/html", "video/mp4", "image", 17, ["image/png"], "image/\r\nX: y", "image/" + "x" * 200]
    )
    def test_any_other_type_is_refused(self, announce: Announcing, given: object):
        with pytest.raises(InvalidInputs) as refused:
            announce(content_type=given)
        assert refused.value.fields == {"content_type": uploads.NOT_AN_IMAGE}

    def test_a_team_has_so_many_at_a_time_and_no_more(
        self, announce: Announcing, monkeypatch: pytest.MonkeyPatch, outsider: User
    ):
        monkeypatch.setattr(uploads, "MOST_LIVE", 2)
        first, _ = announce(), announce()
        with pytest.raises(InvalidInputs) as refused:
            announce()
        assert refused.value.fields == {"file": uploads.TOO_MANY}
        theirs = keys.issue(Member.objects.get(user=outsider), "Theirs", keys.Limits())[0]
        assert uploads.ticket(theirs, filename="fox.png", size=1)
        end(first)
        assert announce()


class TestAFile:
    def test_it_becomes_a_png_of_nothing_but_its_pixels(self, announce: Announcing, settings):
        upload = announce("../fox.jpg", content_type="image/jpeg")
        exif = Image.Exif()
        exif[0x010E] = "where I live"
        original = saved(noise(), "JPEG", exif=exif)
        assert uploads.take(upload, original)
        name = upload.public_id.hex
        assert files(settings) == [f"uploads/{name[:2]}/{name}.png"]
        with default_storage.open(upload.file.name) as file:
            data = file.read()
        assert data.startswith(b"\x89PNG")
        assert b"where I live" not in data
        assert reopened(data) == images.open_picture(original)
        assert (upload.width, upload.height) == (64, 48)

    def test_it_is_kept_for_seven_days_or_as_the_settings_say(self, announce: Announcing, fox: bytes, settings):
        for days in (7, 2):
            settings.API_FILES_DAYS = days
            upload = announce()
            at_the_latest = uploads.downloadable_until(upload)
            uploads.take(upload, fox)
            assert abs(upload.expires_at - timezone.now() - timedelta(days=days)) < timedelta(seconds=10)
            assert upload.expires_at <= at_the_latest

    def test_the_second_one_for_a_ticket_is_not_taken(self, announce: Announcing, fox: bytes):
        upload = announce()
        again = Upload.objects.get(pk=upload.pk)  # as a request sees it that came at the same moment
        assert uploads.take(upload, fox)
        assert not uploads.take(again, saved(noise(width=32), "PNG"))
        upload.refresh_from_db()
        with default_storage.open(upload.file.name) as file:
            assert reopened(file.read()).width == upload.width == 64

    def test_one_that_comes_too_late_is_not_taken(self, announce: Announcing, fox: bytes, settings):
        upload = announce()
        end(upload, timedelta(seconds=1))
        assert not uploads.take(upload, fox)
        assert files(settings) == []

    @pytest.mark.parametrize(
        "data",
        [b"", SVG, HTML, b"GIF89a" + bytes(50), saved(noise(), "PNG")[:-500], bytes(500)],
        ids=["empty", "svg", "html", "gif", "cut off", "zeros"],
    )
    def test_what_is_no_picture_is_refused_and_the_ticket_stays_good(
        self, announce: Announcing, fox: bytes, data: bytes, settings
    ):
        upload = announce()
        with pytest.raises(UnusablePicture):
            uploads.take(upload, data)
        assert files(settings) == []
        assert uploads.awaited(upload.public_id) == upload
        assert uploads.take(upload, fox)

    def test_bombs_are_refused(self, announce: Announcing, settings):
        upload = announce()
        for data in [*HUGE.values(), *[make() for make in DAMAGED.values()][:3]]:
            with pytest.raises(UnusablePicture):
                uploads.take(upload, data)
        assert files(settings) == []

    def test_a_file_over_20_mb_is_too_large(self, announce: Announcing):
        with pytest.raises(uploads.TooLarge):
            uploads.take(announce(), bytes(MAX_BYTES + 1))

    def test_one_without_a_ticket_is_kept_at_once(self, key: ApiKey, fox: bytes, settings):
        upload = uploads.receive(key, fox, filename="a/fox.png", content_type="image/png")
        assert (upload.filename, upload.size_bytes, len(files(settings))) == ("fox.png", len(fox), 1)
        assert Upload.objects.get() == upload
        with pytest.raises(UnusablePicture):
            uploads.receive(key, SVG, filename="fox.svg", content_type="image/svg+xml")
        assert Upload.objects.count() == 1

    def test_a_full_disk_leaves_the_ticket_open(self, announce: Announcing, fox: bytes, settings, tmp_path: Path):
        options = {"location": tmp_path / "full", "room": 0}
        settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "tests.painters.FullDisk", "OPTIONS": options}}
        upload = announce()
        with pytest.raises(OSError, match="No space left"):
            uploads.take(upload, fox)
        assert uploads.awaited(upload.public_id) == upload


class TestTheSweep:
    def test_what_is_over_is_deleted_with_its_file_and_the_rest_stays(self, announce: Announcing, fox: bytes, settings):
        old, kept, never_came, waiting = announce(), announce(), announce(), announce()
        for upload in (old, kept):
            uploads.take(upload, fox)
        for upload in (old, never_came):
            end(upload)
        pipeline.sweep()
        assert set(Upload.objects.all()) == {kept, waiting}
        assert files(settings) == [kept.file.name]

    def test_a_file_that_may_just_be_arriving_is_left_alone(self, announce: Announcing, fox: bytes, settings):
        upload = announce()
        uploads.take(upload, fox)
        end(upload, timedelta(seconds=1))
        uploads.forget_old()
        assert files(settings) == [upload.file.name]

    def test_a_file_that_a_crash_left_goes_with_its_ticket(self, announce: Announcing, settings):
        upload = announce()
        name = upload.public_id.hex
        left = Path(settings.MEDIA_ROOT, "uploads", name[:2], f"{name}.png")
        left.parent.mkdir(parents=True)
        left.write_bytes(b"left")
        end(upload)
        uploads.forget_old()
        assert files(settings) == []

    def test_many_are_deleted_some_hundred_at_a_time_in_two_queries(
        self, announce: Announcing, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
    ):
        monkeypatch.setattr(uploads, "MOST_FORGOTTEN", 3)
        for hours in range(1, 6):
            end(announce(f"{hours}.png"), timedelta(hours=hours))
        with django_assert_num_queries(2):
            uploads.forget_old()
        assert sorted(Upload.objects.values_list("filename", flat=True)) == ["1.png", "2.png"]

    def test_what_cannot_be_deleted_keeps_its_row_for_the_next_time(self, announce: Announcing, settings, caplog):
        stuck, other = announce(), announce()
        name = stuck.public_id.hex
        Path(settings.MEDIA_ROOT, "uploads", name[:2], f"{name}.png", "in the way").mkdir(parents=True)
        for upload in (stuck, other):
            end(upload)
        uploads.forget_old()
        assert list(Upload.objects.all()) == [stuck]
        assert "not deleted" in caplog.text
