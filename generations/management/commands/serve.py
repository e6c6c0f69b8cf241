"""Run one process of the playground by itself, for containers and service managers."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from generations import supervision


class Command(BaseCommand):
    help = "Run the web server or one of the workers, the same way as `manage.py up` does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", choices=["web", "remote", "enhance", "local", "gpu"])

    def handle(self, *args: Any, **options: Any) -> None:
        command = supervision.program_of(options["program"]).command
        os.chdir(settings.BASE_DIR)
        # The program takes this process's place, so that whoever started this one signals that one.
        os.execve(command[0], list(command), {**supervision.ENVIRONMENT, **os.environ})
