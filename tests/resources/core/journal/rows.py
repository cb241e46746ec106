"""Changes for tests of the log, written as triggers write them."""

from django.db import connections, transaction

INSERT = {
    "postgresql": "INSERT INTO headwater_change (table_name, key, operation, after, changed_at)"
    " VALUES (%s, %s, 'U', '{}', clock_timestamp())",
    "sqlite": 'INSERT INTO headwater_change ("transaction", table_name, key, operation, after, changed_at)'
    " VALUES (%s, %s, %s, 'U', '{}', strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'))",
}
_transactions = iter(range(1, 10**9))


def write(*keys: str, table: str = "trip", using: str = "default") -> None:
    """Write changes of rows in one transaction."""
    connection = connections[using]
    number = [next(_transactions)] if connection.vendor == "sqlite" else []
    with transaction.atomic(using), connection.cursor() as cursor:
        for key in keys:
            cursor.execute(INSERT[connection.vendor], [*number, table, key])
