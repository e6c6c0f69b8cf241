"""Routes of the gallery."""

from __future__ import annotations

from django.urls import path

from generations.gallery import (
    checks,
    collections,
    compare,
    keep,
    picture,
    references,
    selection,
    sheet,
    transfer_views,
    trash,
    views,
    visibility,
)

app_name = "gallery"

urlpatterns = [
    path("", views.index, name="index"),
    path("import/", transfer_views.bring, name="import"),
    path("archive/", transfer_views.archive, name="archive"),
    path("collections/<uuid:public_id>/archive/", transfer_views.archive_of_collection, name="archive_of_collection"),
    path("compare/", compare.compare, name="compare"),
    path("references/<uuid:public_id>/<slug:kind>/", references.reference, name="reference"),
    path("<uuid:public_id>/", picture.picture, name="picture"),
    path("<uuid:public_id>/light/", picture.light, name="light"),
    path("<uuid:public_id>/checks/", checks.checks, name="checks"),
    path("<uuid:public_id>/more/", sheet.more, name="more"),
    path("<uuid:public_id>/vary/", sheet.varied, name="vary"),
    path("sheets/<uuid:stack>/", sheet.sheet, name="sheet"),
    path("sheets/<uuid:stack>/stop/", sheet.stop, name="stop"),
    path("<uuid:public_id>/download/", transfer_views.download, name="download"),
    path("selection/", selection.selection, name="selection"),
    path("<uuid:public_id>/favourite/", keep.favourite, name="favourite"),
    path("<uuid:public_id>/note/", keep.note, name="note"),
    path("<uuid:public_id>/tags/", keep.tags, name="tags"),
    path("<uuid:public_id>/collections/", keep.collections, name="in_collections"),
    path("<uuid:public_id>/visibility/", visibility.of_picture, name="visibility"),
    path("collections/", collections.index, name="collections"),
    path("collections/<uuid:public_id>/visibility/", visibility.of_collection, name="show_collection"),
    path("collections/<uuid:public_id>/rename/", collections.rename, name="rename_collection"),
    path("collections/<uuid:public_id>/delete/", collections.delete, name="delete_collection"),
    path("trash/", trash.index, name="trash"),
    path("trash/empty/", trash.empty, name="empty_trash"),
    path("trash/undo/", trash.undo, name="undo"),
    path("<uuid:public_id>/<slug:kind>/", views.file, name="file"),
]
