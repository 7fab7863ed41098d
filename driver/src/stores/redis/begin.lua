-- ARGV: name, attempt, length of the lease in milliseconds.
if not row then return {'missing'} end
if row.ended then return standing('ended') end
local time = now()
local remaining = row.lease_until and row.lease_until - time or 0
if remaining > 0 then return {'held', whole(remaining)} end
local begun = standing('begun')
if row.mark_attempt then
  begun[5], begun[6] = row.mark_attempt, whole(math.max(time - row.mark_set, 0))
end
-- The first attempt's mark stays: its outcome is not known.
local mark_attempt, mark_set = row.mark_attempt or ARGV[2], row.mark_set or whole(time)
clear('mark_attempt', 'mark_set', 'lease_attempt', 'lease_until')
redis.call('HSET', record, 'mark_attempt', mark_attempt, 'mark_set', mark_set,
  'lease_attempt', ARGV[2], 'lease_until', whole(time + ARGV[3]))
redis.call('ZADD', marked, 0, name)
return begun
