-- Leave a token for the health check.
-- In: the token.
INSERT INTO ping VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET token = excluded.token;
