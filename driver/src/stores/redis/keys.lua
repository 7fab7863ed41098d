-- KEYS: the record; and of its collection the names that live, that have a mark, and that expire, by when.
local record, living, marked, expiring = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local name = ARGV[1]
