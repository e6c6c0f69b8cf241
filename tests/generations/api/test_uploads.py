"""Uploads in the vendor's words: what a program is told, and that what it is told works."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from generations import images, keys
from generations.api.uploads import receive, ticket
from generations.errors import InvalidInputs, NotAllowed, UnusablePicture
from generations.models import ApiKey, Member, Scope, Upload, User
from generations.sources import reopened
from generations.uploads import TooLarge
from tests.generations.test_images import noise, saved

pytestmark = pytest.mark.django_db

FOX = saved(noise(), "JPEG")


@pytest.fixture
def key(member: Member) -> ApiKey:
    return keys.issue(member, "Laptop", keys.Limits())[0]


def path_of(address: str, settings) -> str:
    assert address.startswith(f"{settings.PUBLIC_URL}/api/media/")
    return address.removeprefix(settings.PUBLIC_URL)


def fetched(address: str, settings) -> images.Picture:
    response = Client().get(path_of(address, settings))
    assert response.status_code == 200
    return reopened(response.content)


class TestATicket:
    def test_it_says_where_to_put_the_file_and_where_it_is_found_then(self, key: ApiKey, settings):
        said = ticket(key, {"filename": "C:\\fox.jpg", "size": len(FOX), "content_type": "image/jpeg"})
        assert set(said) == {"type", "download_url", "filename", "size", "upload"}
        assert (said["type"], said["filename"], said["size"]) == ("image", "fox.jpg", len(FOX))
        instruction = said["upload"]
        assert set(instruction) == {"method", "url", "headers", "expires_at"}
        assert (instruction["method"], instruction["headers"]) == ("PUT", {"Content-Type": "image/jpeg"})
        left = datetime.fromisoformat(instruction["expires_at"]) - timezone.now()
        assert timedelta(minutes=59) < left <= timedelta(hours=1)
        assert said["download_url"].endswith(".png")
        assert Client().get(path_of(said["download_url"], settings)).status_code == 404
        answer = Client().put(path_of(instruction["url"], settings), FOX, **instruction["headers"])
        assert answer.status_code == 200
        assert fetched(said["download_url"], settings) == images.open_picture(FOX)

    @pytest.mark.parametrize("content_type", [{}, {"content_type": None}, {"content_type": ""}])
    def test_the_type_may_be_left_out(self, key: ApiKey, content_type: dict[str, object]):
        said = ticket(key, {"filename": "fox", "size": 1, **content_type, "colour": "red"})
        assert said["upload"]["headers"] == {"Content-Type": "application/octet-stream"}

    @pytest.mark.parametrize(
        "order", [{}, {"filename": "a"}, {"size": 1}, {"filename": "a", "size": 1, "content_type": "text/html"}]
    )
    def test_an_order_that_makes_no_sense_is_refused(self, key: ApiKey, order: dict[str, object]):
        with pytest.raises(InvalidInputs):
            ticket(key, order)
        assert not Upload.objects.exists()

    def test_too_large_a_file_is_refused_before_it_is_sent(self, key: ApiKey):
        with pytest.raises(TooLarge):
            ticket(key, {"filename": "a", "size": 20_000_001})


class TestAFileInTheRequest:
    def test_it_is_found_at_once(self, key: ApiKey, settings):
        file = SimpleUploadedFile("fox.jpg", FOX, "image/jpeg")
        said = receive(key, file, file.name, file.content_type)
        assert said == {"type": "image", "download_url": said["download_url"], "filename": "fox.jpg", "size": len(FOX)}
        assert fetched(said["download_url"], settings) == images.open_picture(FOX)

    def test_the_older_address_calls_it_url_as_well(self, key: ApiKey):
        said = receive(key, FOX, None, None, with_url=True)
        assert said["url"] == said["download_url"]
        assert said["filename"] == "upload"

    def test_what_is_no_picture_or_too_large_is_refused(self, key: ApiKey):
        for data, refusal in ((b"<svg/>", UnusablePicture), (b"", UnusablePicture), (bytes(21_000_000), TooLarge)):
            with pytest.raises(refusal):
                receive(key, SimpleUploadedFile("a.png", data), "a.png", "image/png")
        assert not Upload.objects.exists()


def test_a_key_that_can_only_read_uploads_nothing(member: Member, viewer: User):
    reading = keys.issue(member, "Reader", keys.Limits(scope=Scope.READ))[0]
    viewers = keys.issue(Member.objects.get(user=viewer), "Viewer", keys.Limits())[0]
    for key in (reading, viewers):
        with pytest.raises(NotAllowed):
            ticket(key, {"filename": "a", "size": 1})
        with pytest.raises(NotAllowed):
            receive(key, FOX, "a", None)
    assert not Upload.objects.exists()
