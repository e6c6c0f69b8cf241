"""Where programs hand over pictures: a ticket for a file that comes by itself, or a form with the file."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from generations import contract
from generations.api import uploads
from generations.api.auth import KeyRequest
from generations.api.refusals import respond
from generations.api.schemas import Enveloped, Ticket, Uploaded, UploadedAt

router = Router()

SUMMARY = "Upload a picture"

PICTURE = Annotated[UploadedFile, File(description="A PNG, JPEG or WebP file of at most 20 MB.")]


class TicketOrder(Schema):
    """The file that is to come."""

    filename: str
    size: int
    content_type: str | None = None


@router.post("/v3/media/uploads", url_name="ticket", response=Enveloped[Ticket], summary="A ticket for an upload")
def ticket(request: KeyRequest, order: TicketOrder) -> HttpResponse:
    """Say where a picture has to be PUT within the hour, with these headers alone, and where it is found then."""
    return respond(contract.envelope(uploads.ticket(request.auth, order.dict())))


@router.post("/v3/media/upload/binary", url_name="binary", response=Enveloped[Uploaded], summary=SUMMARY)
@router.post("/v2/media/upload/binary", url_name="binary_v2", response=Enveloped[Uploaded], summary=SUMMARY, deprecated=True)
def binary(request: KeyRequest, file: PICTURE) -> HttpResponse:
    """Take a picture and say where it is found."""
    return respond(contract.envelope(uploads.receive(request.auth, file, file.name, file.content_type)))


@router.post("/v3/upload", url_name="upload", response=Enveloped[UploadedAt], summary=SUMMARY, deprecated=True)
def older(request: KeyRequest, file: PICTURE) -> HttpResponse:
    """Take a picture, as older clients hand it over."""
    return respond(contract.envelope(uploads.receive(request.auth, file, file.name, file.content_type, with_url=True)))
