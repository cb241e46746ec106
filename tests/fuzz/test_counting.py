"""What schemathesis found is counted by operations, from its report."""

from pathlib import Path

from tests.fuzz.__main__ import counted

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="schemathesis">
<testcase name="GET /v1/cities" time="1.0" />
<testcase name="POST /v1/trips" time="1.0"><failure message="server_error" /><failure message="schema" /></testcase>
<testcase name="PUT /v1/trips/{id}" time="1.0"><error message="no connection" /></testcase>
<testcase name="GET /v1/me" time="1.0"><skipped message="no example" /></testcase>
</testsuite></testsuites>
"""


def test_operations_are_counted_once(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert counted(report) == (1, 2)
