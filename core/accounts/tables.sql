-- Which tables does a DuckDB file hold? Views are left out: they are queries of somebody else's.
-- Columns: schema_name, table_name
SELECT schema_name, table_name
FROM duckdb_tables()
WHERE NOT internal AND NOT temporary
ORDER BY schema_name, table_name
