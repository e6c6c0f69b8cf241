"""Routes of the gallery."""

from __future__ import annotations

from django.urls import path

from generations.gallery import views

app_name = "gallery"

urlpatterns = [
    path("", views.index, name="index"),
    path("<uuid:public_id>/", views.picture, name="picture"),
    path("<uuid:public_id>/download/", views.download, name="download"),
    path("<uuid:public_id>/<slug:kind>/", views.file, name="file"),
]
