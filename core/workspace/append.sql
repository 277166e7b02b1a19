-- Add one row to the log.
-- In: the row's columns, in the order of the table.
INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
