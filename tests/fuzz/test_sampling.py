"""A sample of the contract is smaller, is a contract still, and is the same for the same seed."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi.core.diff import read
from tests.contract.committed import SCHEMA
from tests.fuzz.sampling import FILTERS, GROUPS, NAMES, enumerations, lists, sample

CONTRACT = read(SCHEMA)
SAMPLE = sample(CONTRACT, 1)


def conditions(contract):
    """Every condition of every list."""
    return {(op["operationId"], name) for op, names in lists(contract) for name in names if name not in GROUPS}


def forms(contract):
    """What there is of lookups and types."""
    return {(name.rpartition("__")[2], json.dumps(of[name])) for _, of in lists(contract) for name in of}


def test_it_is_a_contract():
    OpenAPIV31SpecValidator(SAMPLE).validate()


def test_every_operation_is_in_it():
    assert [list(path) for path in SAMPLE["paths"].values()] == [list(path) for path in CONTRACT["paths"].values()]


def test_lists_keep_a_few_filters_and_every_other_parameter():
    for (operation, kept), (whole, all_) in zip(lists(SAMPLE), lists(CONTRACT), strict=True):
        assert len(set(kept) - set(GROUPS)) == FILTERS
        dropped = [each for each in whole["parameters"] if each not in operation["parameters"]]
        names = {each["name"] for each in dropped} - {"ordering"}
        assert names == set(all_) - set(kept)


def test_long_enumerations_are_cut():
    assert max(map(len, enumerations(SAMPLE))) == NAMES < max(map(len, enumerations(CONTRACT)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_many_forms_of_filters_are_in_it_as_find_a_place(seed):
    smaller = sample(CONTRACT, seed)
    assert conditions(smaller) < conditions(CONTRACT)
    assert len(forms(smaller)) > 0.8 * len(conditions(smaller))


def test_a_seed_draws_the_same_and_another_draws_others():
    assert sample(CONTRACT, 1) == SAMPLE
    assert conditions(sample(CONTRACT, 2)) != conditions(SAMPLE)


def test_the_contract_itself_stays_as_it_was():
    assert read(SCHEMA) == CONTRACT
