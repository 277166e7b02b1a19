-- Which tables stand beside a book, the oldest first?
-- In:  $prefix: how their names begin.
-- Out: one row per table. Columns: table_name
SELECT table_name
FROM duckdb_tables()
WHERE starts_with(table_name, $prefix)
ORDER BY table_oid
