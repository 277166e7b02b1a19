-- The statement that reads a table of a PostgreSQL database, written by PostgreSQL, which quotes the names. Run there.
SELECT format('SELECT * FROM %I.%I LIMIT %s', table_schema, table_name, $3::bigint) AS statement
FROM information_schema.tables
WHERE table_schema = $1::text AND table_name = $2::text
