"""A person never has more keys than the limit, however many are asked for at the same moment."""

import pytest

from api.core.builtin import keys
from resources.core.api_keys.models import ApiKey
from tests.client import Client
from tests.threads import together
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"name": "Script", "scopes": ["trips:read"]}


@pytest.mark.parametrize("several", [1, 2])
def test_it_works(owner: Client, world: World, monkeypatch: pytest.MonkeyPatch, several: int) -> None:
    before = ApiKey.objects.filter(owner=world.owner).count()
    monkeypatch.setattr(keys, "MOST_KEYS", before + 4)
    body = [NEW] * several if several > 1 else NEW
    answers = together(*[lambda: owner.post("/v1/keys", body)] * 8)
    assert sorted(answer.status for answer in answers) == [201] * (4 // several) + [409] * (8 - 4 // several)
    assert ApiKey.objects.filter(owner=world.owner).count() == before + 4


def test_nobody_waits_for_the_keys_of_others(owner: Client, staff: Client, world: World) -> None:
    answers = together(lambda: owner.post("/v1/keys", NEW), lambda: staff.post("/v1/keys", NEW))
    assert [answer.status for answer in answers] == [201, 201]
