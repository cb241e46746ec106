"""An owner invites by e-mail; who has the address, or the code sent to it, joins. Nobody learns of accounts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from api.core.limits import counting, rates
from api.trips.mail import plain
from resources.accounts.models import Person
from resources.trips.models import Invitation, Member
from tests.client import Answer, Client
from tests.people import faults
from tests.world import World, key

# Letters leave when a transaction is committed, which it is not in other tests.
pytestmark = pytest.mark.django_db(transaction=True)

NEW, KNOWN, UNKNOWN = "new@example.org", "stranger@example.org", "nobody@example.org"
TRIP = str(key(10))
CODE = re.compile(r"^[\w-]{43}$", re.MULTILINE)


def invite(client: Client, email: str = NEW, **more: Any) -> Answer:
    return client.post("/v1/invitations", {"trip": TRIP, "email": email, **more})


def mailed_code(address: str) -> str:
    (code,) = CODE.findall([letter for letter in mail.outbox if letter.to == [address]][-1].body)
    return str(code)


def verified(person: Person, address: str, *, is_verified: bool = True) -> None:
    EmailAddress.objects.create(user=person, email=address, verified=is_verified)


@pytest.fixture
def owner(world: World, api: Client) -> Client:
    return api.acting_for(world.owner)


@pytest.fixture
def stranger(world: World, api: Client) -> Client:
    return api.acting_for(world.stranger)


def test_it_works(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW)
    made = invite(owner, "New@Example.org", role="editor")
    assert (made.status, made.json["email"], made.json["role"], made.json["member"]) == (201, NEW, "editor", None)
    assert made.json["invited_by"] == str(world.owner.id)
    [found] = stranger.get("/v1/invitations").json["results"]
    assert found == made.json
    joined = stranger.post(f"/v1/invitations/{found['id']}/accept")
    assert (joined.status, joined.json["person"], joined.json["role"]) == (201, str(world.stranger.id), "editor")
    assert stranger.get(joined.headers["Location"]).json == joined.json
    assert stranger.patch(f"/v1/trips/{TRIP}", {"notes": "Changed."}).status == 200
    assert owner.get(f"/v1/invitations/{found['id']}").json["member"] == joined.json["id"]


def test_the_letter(owner: Client, world: World) -> None:
    assert invite(owner).status == 201
    [letter] = mail.outbox
    assert letter.to == [NEW]
    assert letter.subject == "[Headwater] owner@example.org invites you to a trip"
    assert '"Alps by train" as a viewer' in letter.body
    code = mailed_code(NEW)
    stored = Invitation.objects.values().get(email=NEW)
    assert code not in str(stored)
    assert code not in owner.get("/v1/invitations").text
    assert stored["expires_at"] - stored["created_at"] - timedelta(days=7) < timedelta(seconds=1)


def test_a_letter_carries_no_link_of_its_senders() -> None:
    assert plain("Win at https://evil.example/now?a=1 \r\n\r\n today") == "Win at https evil example now a 1 today"
    assert plain("Bergen & Tromsø (2027)") == "Bergen & Tromsø (2027)"
    assert len(plain("a" * 200)) == 63


def test_no_letter_goes_out_for_what_is_refused(api: Client, world: World) -> None:
    assert invite(api.acting_for(world.editor)).status == 403
    assert invite(api.acting_for(world.owner), "nonsense").status == 400
    assert not mail.outbox


def test_a_code_makes_whoever_has_it_a_member_once(owner: Client, stranger: Client, api: Client, world: World) -> None:
    invite(owner)
    code = {"code": mailed_code(NEW)}
    assert api.post("/v1/invitations/redeem", code).status == 401
    assert stranger.post("/v1/invitations/redeem", code).status == 201
    assert Member.objects.get(person=world.stranger).trip_id == key(10)
    again = api.acting_for(world.staff).post("/v1/invitations/redeem", code)
    assert (again.status, faults(again)) == (400, [("/code", "unknown_code")])
    assert not Member.objects.filter(person=world.staff).exists()


def test_a_code_ends_with_its_invitation(owner: Client, stranger: Client) -> None:
    first, second = invite(owner).json, invite(owner, UNKNOWN).json
    assert owner.delete(f"/v1/invitations/{first['id']}").status == 204
    Invitation.objects.filter(id=second["id"]).update(expires_at=timezone.now())
    answers = [stranger.post("/v1/invitations/redeem", {"code": mailed_code(to)}) for to in (NEW, UNKNOWN)]
    answers.append(stranger.post("/v1/invitations/redeem", {"code": "a guess"}))
    assert [answer.status for answer in answers] == [400] * 3
    assert len({answer.json["detail"] for answer in answers}) == 1
    assert not Member.objects.filter(trip=key(10)).exclude(id__in=[key(30), key(31)]).exists()


def test_an_expired_invitation_says_so(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW)
    made = invite(owner).json
    Invitation.objects.update(expires_at=timezone.now())
    late = stranger.post(f"/v1/invitations/{made['id']}/accept")
    assert (late.status, late.json["detail"]) == (409, "This invitation has expired. Ask for another.")


def test_an_invitation_is_accepted_once(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW)
    path = f"/v1/invitations/{invite(owner).json['id']}/accept"
    assert [stranger.post(path).status for _ in range(2)] == [201, 409]
    assert Member.objects.filter(person=world.stranger).count() == 1


def test_only_a_verified_address_counts(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW, is_verified=False)
    Person.objects.filter(pk=world.stranger.pk).update(email=NEW)
    path = f"/v1/invitations/{invite(owner).json['id']}"
    assert stranger.get("/v1/invitations").json["results"] == []
    assert [stranger.get(path).status, stranger.post(f"{path}/accept").status] == [404, 404]
    EmailAddress.objects.update(verified=True)
    assert stranger.post(f"{path}/accept").status == 201


def test_the_invited_person_declines(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW)
    path = f"/v1/invitations/{invite(owner).json['id']}"
    assert stranger.delete(path).status == 204
    assert owner.get(path).status == 404
    assert stranger.post("/v1/invitations/redeem", {"code": mailed_code(NEW)}).status == 400


def test_the_invited_person_sees_nothing_of_the_trip_before(owner: Client, stranger: Client, world: World) -> None:
    verified(world.stranger, NEW)
    made = invite(owner).json
    shown = stranger.get(f"/v1/invitations/{made['id']}", expand="trip").json
    assert shown["trip"] == TRIP
    assert stranger.get(f"/v1/trips/{TRIP}").status == 404
    assert stranger.get("/v1/invitations", trip__not=TRIP).json["results"] == []


def test_an_address_is_invited_once(owner: Client) -> None:
    assert invite(owner).status == 201
    again = invite(owner, NEW.upper())
    assert (again.status, again.json["type"].rpartition("/")[2]) == (409, "conflict")
    assert "invited already" in again.json["detail"]
    assert len(mail.outbox) == 1


def test_who_was_invited_and_is_a_member_is_invited_already(owner: Client, stranger: Client, world: World) -> None:
    invite(owner)
    member = stranger.post("/v1/invitations/redeem", {"code": mailed_code(NEW)}).json
    assert invite(owner).status == 409
    assert stranger.delete(f"/v1/members/{member['id']}").status == 204
    assert invite(owner).status == 201, "the invitation went with the member"


def test_nobody_invites_themselves(owner: Client, world: World) -> None:
    verified(world.owner, NEW)
    answer = invite(owner)
    assert (answer.status, faults(answer)) == (400, [("/email", "own_address")])
    several = owner.post("/v1/invitations", [{"trip": TRIP, "email": UNKNOWN}, {"trip": TRIP, "email": NEW}])
    assert (several.status, faults(several)) == (400, [("/1/email", "own_address")])
    assert not mail.outbox
    assert not Invitation.objects.filter(email__in=(NEW, UNKNOWN)).exists()


def test_nobody_becomes_a_member_twice_or_of_their_own_trip(owner: Client, api: Client, world: World) -> None:
    invite(owner)
    code = {"code": mailed_code(NEW)}
    for person, detail in ((world.viewer, "You take part in this trip already."), (world.owner, "your own")):
        answer = api.acting_for(person).post("/v1/invitations/redeem", code)
        assert (answer.status, detail in answer.json["detail"]) == (409, True)
    assert api.acting_for(world.stranger).post("/v1/invitations/redeem", code).status == 201, "it was not used up"


def test_the_answer_tells_nothing_of_accounts(owner: Client, world: World) -> None:
    """The same for an address with an account, with a member's, and with none; each gets a letter of the same kind."""
    verified(world.stranger, KNOWN)
    verified(world.viewer, "viewer@example.org")
    addresses = (KNOWN, "viewer@example.org", UNKNOWN)
    answers = [invite(owner, email) for email in addresses]
    own = ("id", "email", "created_at", "updated_at", "expires_at")
    told = [{name: value for name, value in answer.json.items() if name not in own} for answer in answers]
    assert [answer.status for answer in answers] == [201] * 3
    assert told[0] == told[1] == told[2]
    letters = {re.sub(rf"{CODE.pattern}|until .* UTC", "", letter.body, flags=re.MULTILINE) for letter in mail.outbox}
    assert len(mail.outbox) == 3
    assert len(letters) == 1


def test_the_same_is_asked_of_the_database_for_every_address(
    owner: Client, world: World, django_assert_num_queries: Any
) -> None:
    """So the time tells nothing, either."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    verified(world.stranger, KNOWN)
    invite(owner, "warm@example.org")
    asked = []
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as captured:
            invite(owner, email)
        asked.append([re.sub(r"'[^']*'|[0-9a-f]{32}", "?", query["sql"]) for query in captured])
    assert [sql.split()[0] for sql in asked[0]] == [sql.split()[0] for sql in asked[1]]


def test_nobody_is_flooded_with_letters(owner: Client, api: Client, world: World) -> None:
    counting.MEMORY.forget()
    with override_settings(LIMIT_INVITATIONS=rates.rate("invitations", "2/d")):
        statuses = [invite(owner, f"{number}@example.org").status for number in range(3)]
        assert statuses == [201, 201, 429]
        last = invite(owner, "again@example.org")
        assert int(last.headers["Retry-After"]) > 3600
        other = api.acting_for(world.stranger)
        for expected in (201, 429):  # the address has had one letter already
            sent = other.post("/v1/invitations", {"trip": str(key(11)), "email": "0@example.org"})
            assert sent.status == expected
            Invitation.objects.filter(trip=key(11)).delete()
    assert len(mail.outbox) == 3
    counting.MEMORY.forget()


def test_a_letter_that_does_not_go_out_leaves_the_invitation(owner: Client, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "tests.features.test_invitations.Broken"}}
    assert invite(owner).status == 201
    assert Invitation.objects.filter(email=NEW).exists()


class Broken:
    """A mail server that is away."""

    def __init__(self, *args: Any, **options: Any) -> None:
        raise OSError("away")


@pytest.mark.parametrize("scopes", [("invitations:read",), ("members:write", "trips:write")])
def test_keys_do_no_more_than_their_scopes(owner: Client, api: Client, world: World, scopes: tuple[str, ...]) -> None:
    invite(owner)
    verified(world.stranger, NEW)
    narrow = api.acting_for(world.stranger, *scopes)
    found = Invitation.objects.get(email=NEW)
    assert narrow.post(f"/v1/invitations/{found.id}/accept").status == 403
    assert narrow.post("/v1/invitations/redeem", {"code": mailed_code(NEW)}).status == 403
    assert api.acting_for(world.stranger, "invitations:write").post(f"/v1/invitations/{found.id}/accept").status == 201
