-- Which token was left last?
SELECT token FROM ping;
