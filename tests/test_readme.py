"""What the README says can be set is what the settings read; what it prints is what `make run` prints."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_table():
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "api" / "settings.py").read_text()))
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", README, re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} == read


def test_the_calls_are_those_that_the_server_prints():
    welcome = (ROOT / "api" / "welcome.txt").read_text()
    printed = welcome.replace("$url", "http://127.0.0.1:8000").replace("$key", "hw_...")
    calls = re.findall(r"^ +(curl .*?)(?=\n\n)", printed, re.MULTILINE | re.DOTALL)

    assert len(calls) == 3
    assert [call for call in calls if " ".join(call.split()) not in " ".join(README.split())] == []


def test_every_file_it_links_to_is_there():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_it_credits_every_source():
    from resources.places.credits import CREDITS

    assert [credit.url for credit in CREDITS if credit.url not in README] == []
