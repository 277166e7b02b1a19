-- From here on the transaction may only read. Run in PostgreSQL.
SET TRANSACTION READ ONLY
