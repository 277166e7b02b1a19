-- Which rows of the log come after a row?
-- In: the number of that row.
SELECT seq, kind, scope, id, version, action, title, author, time, nonce, body, before, seal
FROM log
WHERE seq > ?
ORDER BY seq;
