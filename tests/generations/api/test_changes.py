"""Runs are deleted and cancelled by whoever asked for them, and by owners of the team."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from generations.models import State, User
from tests.conftest import finish
from tests.generations.api.conftest import (
    FOX,
    LIST,
    NO_SUCH_RUN,
    NOT_YOURS,
    OPTIMIZER,
    RUN,
    UNKNOWN,
    Calling,
    Issuing,
    generation_of,
    result,
)

pytestmark = pytest.mark.django_db


class TestDeleting:
    def test_many_at_once_leave_the_api_and_stay_in_the_gallery(self, call: Calling, run, client_of_owner: Client):
        told = [run(), run(), run()]
        finish(generation_of(told[0]))
        ids = [told[0]["id"], told[1]["id"], told[0]["id"], UNKNOWN, "x"]
        assert call("POST", f"{LIST}/delete", {"ids": ids}).data == {"deleted_count": 2}
        assert [call("GET", result(each)).status for each in told] == [404, 404, 200]
        assert call("GET", LIST).data["total"] == 1
        assert client_of_owner.get(generation_of(told[0]).get_absolute_url()).status_code == 200
        assert call("POST", f"{LIST}/delete", {"ids": ids}).data == {"deleted_count": 0}

    def test_one_leaves_by_its_address(self, call: Calling, run):
        told = run()
        assert call("DELETE", f"{LIST}/{told['id']}").data == {"deleted_count": 1}
        assert call("GET", result(told)).refusal == (404, 404, NO_SUCH_RUN)
        assert call("DELETE", f"{LIST}/{told['id']}").status == 404

    def test_a_member_deletes_only_their_own(self, call: Calling, run, issue: Issuing, teammate: User):
        theirs = issue(teammate)
        mine, own = run(), call("POST", RUN, FOX, key=theirs).data
        assert call("POST", f"{LIST}/delete", {"ids": [mine["id"], own["id"]]}, key=theirs).data == {"deleted_count": 1}
        assert call("DELETE", f"{LIST}/{mine['id']}", key=theirs).refusal == (403, 403, NOT_YOURS)
        assert call("GET", result(mine)).status == 200

    def test_an_owner_deletes_anybodys(self, call: Calling, issue: Issuing, teammate: User):
        told = call("POST", RUN, FOX, key=issue(teammate)).data
        assert call("DELETE", f"{LIST}/{told['id']}").data == {"deleted_count": 1}

    def test_another_team_deletes_nothing(self, call: Calling, run, issue: Issuing, outsider: User):
        told = run()
        assert call("POST", f"{LIST}/delete", {"ids": [told["id"]]}, key=issue(outsider)).data == {"deleted_count": 0}
        assert call("GET", result(told)).status == 200

    def test_a_key_that_only_reads_deletes_nothing(self, call: Calling, run, issue: Issuing, owner: User):
        told, reading = run(), issue(owner, scope="read")
        assert call("POST", f"{LIST}/delete", {"ids": [told["id"]]}, key=reading).status == 403
        assert call("DELETE", f"{LIST}/{told['id']}", key=reading).status == 403
        assert call("GET", result(told)).status == 200

    @pytest.mark.parametrize("body", [{}, {"ids": "x"}, {"ids": [7]}, {"ids": [None]}, {"ids": ["x"] * 1001}, [], None])
    def test_what_is_no_list_of_ids_is_400(self, call: Calling, body: object):
        assert call("POST", f"{LIST}/delete", body).refusal[:2] == (400, 1400)


class TestCancelling:
    def cancel(self, call: Calling, told: dict[str, Any], **options: Any) -> Any:
        return call("POST", f"{LIST}/{told['id']}/cancel", **options)

    def test_a_run_that_waits_is_cancelled(self, call: Calling, run):
        told = run()
        now = self.cancel(call, told).data
        assert (now["id"], now["status"], now["error"]) == (told["id"], "cancelled", "This run was cancelled.")
        assert generation_of(told).state == State.CANCELLED

    def test_so_is_a_prompt(self, call: Calling):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data
        assert self.cancel(call, told).data["status"] == "cancelled"

    def test_what_has_ended_stays_as_it_is(self, call: Calling, run):
        told = run()
        finish(generation_of(told))
        assert self.cancel(call, told).data["status"] == "completed"

    def test_a_members_own_only(self, call: Calling, run, issue: Issuing, teammate: User):
        theirs = issue(teammate)
        mine, own = run(), call("POST", RUN, FOX, key=theirs).data
        assert self.cancel(call, mine, key=theirs).refusal == (403, 403, NOT_YOURS)
        assert self.cancel(call, own, key=theirs).data["status"] == "cancelled"
        assert generation_of(mine).state == State.QUEUED

    def test_an_owner_cancels_anybodys(self, call: Calling, issue: Issuing, teammate: User):
        told = call("POST", RUN, FOX, key=issue(teammate)).data
        assert self.cancel(call, told).data["status"] == "cancelled"

    def test_not_with_a_key_that_only_reads(self, call: Calling, run, issue: Issuing, owner: User):
        told = run()
        assert self.cancel(call, told, key=issue(owner, scope="read")).status == 403
        assert generation_of(told).state == State.QUEUED
