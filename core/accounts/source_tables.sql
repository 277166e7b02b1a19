-- Which tables and views of a PostgreSQL database may the user read? Run there, not in DuckDB.
SELECT table_schema, table_name
FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  AND has_table_privilege(format('%I.%I', table_schema, table_name), 'SELECT')
ORDER BY table_schema, table_name
