"""Tickets: what a browser opens a stream with."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey
from resources.core.tickets import MOST, Ticket, TooManyError, issue, redeem
from tests.client import Client
from tests.world import World


def actor_of(person: Person) -> Actor:
    return Actor(id=person.pk, is_staff=person.is_staff, scopes=frozenset("*"))


def test_whoever_is_known_gets_one(api: Client, world: World):
    answer = api.acting_for(world.owner).post("/v1/tickets", {})
    assert answer.status == 201
    assert re.fullmatch(r"hwt_[A-Za-z0-9_-]{43}", answer.json["ticket"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_gets_one(api: Client):
    assert api.post("/v1/tickets", {}).status == 401


def test_it_is_for_whoever_asks_and_for_nobody_else(api: Client, world: World):
    answer = api.acting_for(world.owner).post("/v1/tickets", {"person": str(world.editor.pk)})
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (400, "invalid-body")


def test_a_ticket_makes_no_ticket(api: Client, world: World):
    secret = issue(actor_of(world.owner), None)
    assert api.unchecked().post(f"/v1/tickets?ticket={secret}", {}).status == 400


def test_what_is_stored_is_no_ticket(world: World):
    secret = issue(actor_of(world.owner), None)
    [row] = Ticket.objects.all()
    assert secret not in str(vars(row))


def test_it_works_once(world: World):
    secret = issue(actor_of(world.owner), None)
    bearer = redeem(secret)
    assert bearer is not None
    assert bearer.actor == actor_of(world.owner)
    assert redeem(secret) is None


def test_it_runs_out(world: World):
    secret = issue(actor_of(world.owner), None)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert redeem(secret) is None


def test_it_acts_as_the_key_that_made_it_and_goes_with_it(world: World):
    ApiKey.objects.issue(world.owner, scopes=["trips:read"])
    key = ApiKey.objects.get(scopes=["trips:read"])
    bearer = redeem(issue(key.actor, None))
    assert bearer is not None
    assert bearer.actor == key.actor
    later = issue(key.actor, None)
    key.delete()
    assert redeem(later) is None


def test_somebody_kept_out_gets_nothing_for_it(world: World):
    secret = issue(actor_of(world.owner), None)
    world.owner.is_active = False
    world.owner.save()
    assert redeem(secret) is None


def test_there_are_not_many(world: World):
    for _ in range(MOST):
        issue(actor_of(world.owner), None)
    with pytest.raises(TooManyError):
        issue(actor_of(world.owner), None)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    issue(actor_of(world.owner), None)
    assert Ticket.objects.count() == 1


def test_it_is_good_for_streams_only(api: Client, world: World):
    secret = issue(actor_of(world.owner), None)
    assert api.get("/v1/trips", ticket=secret).status == 401
    assert redeem(secret) is not None
