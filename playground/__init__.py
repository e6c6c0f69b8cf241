"""The site around the product. Importing it makes the Celery application the one that tasks are sent through."""

from playground.celery import app as celery_app

__all__ = ["celery_app"]
