"""The compiler: a serializer becomes one SQL expression that yields a row's JSON, equal to what DRF would write.

`compiler.compile_row` walks a serializer and answers with an expression, or raises `NotCompiled` with the reason why
DRF itself must show the rows. How each type of column is written stands in one table per database.
"""
