"""The broker in files, with many that write, read and bind at once."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Exchange, Queue

from playground.file_broker import Transport

MESSAGES, EXCHANGES, AT_ONCE = 400, 100, 8
QUEUES = ["enhance", "gpu", "local", "remote"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "broker").mkdir()
    return tmp_path / "broker"


def connected(folder: Path) -> Connection:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection("filesystem://", transport=Transport, transport_options=options)


def bind(folder: Path, queue: str) -> None:
    """Declare the queue at many exchanges, as a worker does when it starts."""
    with connected(folder) as connection, connection.channel() as channel:
        for number in range(EXCHANGES):
            Queue(queue, Exchange(f"hints-{number}"), routing_key=queue)(channel).declare()


def test_every_message_is_read_whole_and_once_however_many_write_and_read(folder: Path):
    def write(first: int) -> None:
        with connected(folder) as connection, connection.SimpleQueue("local") as queue:
            for number in range(first, MESSAGES, AT_ONCE):
                queue.put({"row": number})

    def read(_: int) -> list[int]:
        rows: list[int] = []
        with connected(folder) as connection, connection.SimpleQueue("local") as queue:
            while True:
                was_over = writing.done()
                try:
                    message = queue.get(block=False)
                except Empty:
                    if was_over:
                        return rows
                    continue
                rows.append(message.payload["row"])
                message.ack()

    with connected(folder) as connection:
        connection.SimpleQueue("local").close()
    with ThreadPoolExecutor(3) as readers, ThreadPoolExecutor(AT_ONCE) as writers, ThreadPoolExecutor(1) as waiting:
        writing = waiting.submit(lambda: list(writers.map(write, range(AT_ONCE))))
        rows = [row for found in readers.map(read, range(3)) for row in found]
    assert sorted(rows) == list(range(MESSAGES))


def test_workers_that_start_together_find_each_others_queues_bound(folder: Path):
    with ProcessPoolExecutor(len(QUEUES), multiprocessing.get_context("spawn")) as workers:
        list(workers.map(bind, [folder] * len(QUEUES), QUEUES))
    with connected(folder) as connection, connection.channel() as channel:
        for number in range(EXCHANGES):
            assert sorted(entry.queue for entry in channel.get_table(f"hints-{number}")) == QUEUES
