"""One noun gives a resource all its names."""

import pytest

from api.core.scaffold.names import NameRefusedError, Names, names_of, pluralised


def test_it_works():
    names = names_of("travel_document")

    assert names == Names("travel_document", "travel_documents")
    assert (names.model, names.noun, names.nouns) == ("TravelDocument", "travel document", "travel documents")
    assert names.route == "travel-documents"


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("booking", "bookings"),
        ("city", "cities"),
        ("day", "days"),
        ("address", "addresses"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("wish", "wishes"),
    ],
)
def test_plurals(noun: str, plural: str):
    assert pluralised(noun) == plural


def test_an_irregular_plural_is_given():
    assert names_of("child", "children").route == "children"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Booking",
        "travel document",
        "travel-document",
        "2nd",
        "_booking",
        "booking_",
        "a__b",
        "class",
        "réservation",
    ],
)
def test_what_is_no_name_is_refused(name: str):
    with pytest.raises(NameRefusedError, match="is no name"):
        names_of(name)


def test_a_bad_plural_is_refused():
    with pytest.raises(NameRefusedError, match="'The children' is no name"):
        names_of("child", "The children")


def test_a_plural_in_the_place_of_a_noun_is_refused():
    with pytest.raises(NameRefusedError, match="looks like a plural"):
        names_of("bookings")
    assert names_of("status", "statuses").model == "Status"


def test_a_name_too_long_for_an_index_is_refused():
    with pytest.raises(NameRefusedError, match="has 20 letters; 19 is the most"):
        names_of("a" * 20)
