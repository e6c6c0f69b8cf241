"""What the environment and the data folder say, and in which words they are refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground.environment import SOCKET_PATH_LIMIT, env_bool, env_int, env_str, prepare_data_folder, secret_key, socket_path


class TestVariables:
    @pytest.mark.parametrize("text", ["1", "true", "YES", " on "])
    def test_words_for_yes(self, monkeypatch: pytest.MonkeyPatch, text: str):
        monkeypatch.setenv("SWITCH", text)
        assert env_bool("SWITCH") is True

    @pytest.mark.parametrize("text", ["0", "false", "No", "off"])
    def test_words_for_no(self, monkeypatch: pytest.MonkeyPatch, text: str):
        monkeypatch.setenv("SWITCH", text)
        assert env_bool("SWITCH", True) is False

    @pytest.mark.parametrize("text", ["", "  "])
    def test_an_empty_variable_counts_as_unset(self, monkeypatch: pytest.MonkeyPatch, text: str):
        monkeypatch.setenv("SWITCH", text)
        assert (env_bool("SWITCH", True), env_int("SWITCH", 7), env_str("SWITCH", "x")) == (True, 7, "x")

    @pytest.mark.parametrize("text", ["maybe", "2", "ja"])
    def test_what_is_neither_is_refused_by_name(self, monkeypatch: pytest.MonkeyPatch, text: str):
        monkeypatch.setenv("SWITCH", text)
        with pytest.raises(ImproperlyConfigured, match="SWITCH must be yes or no"):
            env_bool("SWITCH")

    @pytest.mark.parametrize("text", ["1.5", "many", "1e3"])
    def test_what_is_no_whole_number_is_refused_by_name(self, monkeypatch: pytest.MonkeyPatch, text: str):
        monkeypatch.setenv("COUNT", text)
        with pytest.raises(ImproperlyConfigured, match="COUNT must be a whole number"):
            env_int("COUNT", 1)


class TestTheDataFolder:
    def test_it_is_made_with_all_its_parts_and_left_as_it_is(self, tmp_path: Path):
        folder = tmp_path / "new" / "data"
        assert prepare_data_folder(folder) == folder
        (folder / "media" / "kept").write_text("x")
        prepare_data_folder(folder)
        assert sorted(path.name for path in folder.iterdir()) == ["broker", "logs", "media", "run"]
        assert (folder / "media" / "kept").read_text() == "x"

    def test_one_that_cannot_be_is_told_in_a_sentence(self, tmp_path: Path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(ImproperlyConfigured, match=r"cannot be written \(Not a directory\)\. Set PLAYGROUND_DATA"):
            prepare_data_folder(tmp_path / "file" / "data")


class TestTheSecretKey:
    def test_it_is_made_once_and_readable_by_its_owner_alone(self, tmp_path: Path):
        path = tmp_path / "secret_key"
        key = secret_key(path)
        assert len(key) >= 50
        assert secret_key(path) == key == path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_two_installations_have_two_keys(self, tmp_path: Path):
        assert secret_key(tmp_path / "one") != secret_key(tmp_path / "two")

    def test_an_empty_file_is_refused_with_what_to_do(self, tmp_path: Path):
        (tmp_path / "secret_key").touch()
        with pytest.raises(ImproperlyConfigured, match=r"is empty\. Delete that file"):
            secret_key(tmp_path / "secret_key")


class TestTheSocket:
    def test_it_stands_in_the_run_folder(self, tmp_path: Path):
        run = Path("/srv/data/run")
        assert socket_path(run, "valkey.sock") == run / "valkey.sock"

    def test_where_that_path_is_too_long_it_stands_in_a_private_short_one(self, tmp_path: Path):
        run = tmp_path / ("long" * 30) / "run"
        path = socket_path(run, "valkey.sock")
        assert len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path == socket_path(run, "valkey.sock") != socket_path(run.parent / "other", "valkey.sock")
