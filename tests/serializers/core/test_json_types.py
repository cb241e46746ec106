"""Each kind of field takes its own JSON type, also those that no resource of the sample has."""

from typing import Any

import pytest
from rest_framework import serializers

from serializers.core.problems import Fault
from serializers.core.write.members import member_faults


def faults(field: Any, value: Any) -> list[Fault]:
    serializer = type("One", (serializers.Serializer,), {"one": field})()
    return list(member_faults(serializer, {"one": value}, None))


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (serializers.TimeField(), ["10:30", "10:30:00", "23:59:59.999999"], ["10", "10:30Z", "10:30:00.1234567", 1030]),
        (
            serializers.DurationField(),
            ["P1D", "PT1H30M", "-P1DT0.5S", "P0D"],
            ["P", "1 00:00:00", "5", 5, "P1Y", "pt1h", ""],
        ),
        (
            serializers.UUIDField(),
            ["0198f1c2-0000-7000-8000-00000000000A"],
            ["0198f1c2000070008000000000000001", "", 5],
        ),
        (serializers.EmailField(), ["a@example.org"], [5, True]),
        (serializers.ChoiceField([1, 2]), [1, 2], [True, "1", 3, [1], {}]),
        (serializers.ChoiceField(["a", "b"]), ["a"], ["A", "c", 1]),
        (
            serializers.MultipleChoiceField(choices=["a", "b"]),
            [[], ["a"], ["a", "b"]],
            ["a", {"a": 1}, ["c"], [["a"]], [1]],
        ),
        (
            serializers.ListField(child=serializers.IntegerField()),
            [[], [1, 2]],
            ["1", [1.5], ["1"], [True], [None], {}],
        ),
        (serializers.ListField(child=serializers.IntegerField(allow_null=True)), [[None, 1]], [["1"]]),
        (serializers.DictField(), [{}, {"a": 1}], [[], "a", 1]),
        (serializers.JSONField(), [1, "a", {}, [], 1e18, True], [1e19, [-1e19], {"a": 2.0**63}]),
        (serializers.SlugRelatedField("id", read_only=False, queryset=[]), ["a", 1, 1.5], [True, [], {}]),
        (serializers.IPAddressField(), ["127.0.0.1"], [5, []]),
        (
            serializers.DecimalField(40, 20),
            ["1" * 20, 5, 0.5, "-1.5"],
            [0.30000000000000004, 12345678901234567.0, "1e3", True, "1."],
        ),
    ],
)
def test_a_field_takes_its_type(field: Any, right: list[Any], wrong: list[Any]) -> None:
    assert [value for value in right if faults(field, value)] == []
    assert [value for value in wrong if not faults(field, value)] == []


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        (serializers.ListField(child=serializers.IntegerField()), [1, "2"], "/one/1"),
        (serializers.MultipleChoiceField(choices=["a/b"]), ["a/b", "c"], "/one/1"),
        (serializers.JSONField(), {"a/b": [{"~": 1e300}]}, "/one/a~1b/0/~0"),
        (
            serializers.ListField(child=serializers.ListField(child=serializers.CharField())),
            [["a"], ["b", 1]],
            "/one/1/1",
        ),
    ],
)
def test_the_pointer_leads_to_the_place(field: Any, value: Any, pointer: str) -> None:
    assert [fault.pointer for fault in faults(field, value)] == [pointer]


class Inner(serializers.Serializer):
    name = serializers.CharField()
    made = serializers.CharField(read_only=True)


class Outer(serializers.Serializer):
    inner = Inner()
    many = Inner(many=True)
    secret = serializers.CharField(write_only=True)
    by = serializers.HiddenField(default="me")


def test_nested_objects_are_as_strict() -> None:
    body = {"inner": {"nme": "x", "name": 5}, "many": [{"name": "x"}, {"made": "x"}, "x"], "secret": "x"}
    found = {fault.pointer: fault.code for fault in member_faults(Outer(), body, None)}
    assert found == {
        "/inner/nme": "unknown",
        "/inner/name": "invalid",
        "/many/1/made": "read_only",
        "/many/2": "invalid",
    }


def test_a_hidden_member_is_not_known() -> None:
    [fault] = member_faults(Outer(), {"by": "you"}, None)
    assert fault.code == "unknown"


@pytest.mark.parametrize(
    ("stored", "sent", "accepted"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (True, 1, False),
        ("1", 1, False),
        (None, None, True),
        (None, 0, False),
        ([1, {"a": None}], [1, {"a": None}], True),
        ([1, {"a": 1}], [1, {"a": True}], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {}, False),
    ],
)
def test_a_read_only_member_repeats_the_stored_value(stored: Any, sent: Any, accepted: bool) -> None:
    class One(serializers.Serializer):
        one = serializers.JSONField(read_only=True)

    assert (list(member_faults(One(), {"one": sent}, lambda: {"one": stored})) == []) is accepted
    assert list(member_faults(One(), {"one": sent}, None)) != []
    assert list(member_faults(One(), {"one": sent}, dict)) != []
