-- Generations have 20 digits and attempts 32, as text: a number of Lua's holds 53 bits. So text is compared.

local HIGHEST = '18446744073709551615'
local TOMBSTONE_MS = 90 * 24 * 3600 * 1000
local row, unreadable

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number)
  return string.format('%.0f', number)
end

local function is_time(text)
  return text and #text > 0 and #text <= 20 and not text:find('%D')
end

local function is_pair(attempt, time)
  if not attempt and not time then return true end
  return attempt and #attempt == 32 and not attempt:find('%X') and is_time(time)
end

-- What is kept; or nothing and why it cannot be read.
local function read()
  local kept = redis.call('HMGET', record, 'version', 'generation', 'ended', 'record', 'discard_after',
    'mark_attempt', 'mark_set', 'lease_attempt', 'lease_until')
  if redis.call('EXISTS', record) == 0 then return nil end
  local version = kept[1] and tonumber(kept[1])
  if version and version > 1 then return nil, {'too_new'} end
  local found = {generation = kept[2], ended = kept[3], record = kept[4], discard_after = kept[5],
    mark_attempt = kept[6], mark_set = kept[7], lease_attempt = kept[8], lease_until = kept[9]}
  local is_sound = version == 1 and found.generation and #found.generation == 20 and not found.generation:find('%D')
    and found.generation <= HIGHEST and found.record and (not found.discard_after or is_time(found.discard_after))
    and is_pair(found.mark_attempt, found.mark_set) and is_pair(found.lease_attempt, found.lease_until)
  if not is_sound then return nil, {'damaged'} end
  return found
end

-- The word, unless a tombstone stands there.
local function standing(word)
  if row.ended then return {'ended', row.generation} end
  return {word, row.generation, row.record, row.discard_after or ''}
end

-- Before anything is added: Redis refuses nothing that makes room, however full it is, and lets a script that has
-- begun to write go on. So a record that is there can always be refreshed, and a new one is refused.
local function clear(...)
  if row then redis.call('HDEL', record, ...) end
end

-- Names of records that Redis has dropped meanwhile, a few at a time.
local function forget_dropped(time)
  for _, dropped in ipairs(redis.call('ZRANGEBYSCORE', expiring, '-inf', time, 'LIMIT', 0, 16)) do
    for _, names in ipairs({living, marked, expiring}) do
      redis.call('ZREM', names, dropped)
    end
  end
end

local function keep(generation, bytes, discard_after)
  clear('ended', 'discard_after', 'mark_attempt', 'mark_set', 'lease_attempt', 'lease_until')
  redis.call('HSET', record, 'version', '1', 'generation', generation, 'record', bytes)
  redis.call('PERSIST', record)
  redis.call('ZREM', marked, name)
  redis.call('ZREM', expiring, name)
  redis.call('ZADD', living, 0, name)
  forget_dropped(whole(now()))
  if discard_after == '' then return end
  redis.call('HSET', record, 'discard_after', discard_after)
  -- More digits would be a year beyond 33,000.
  if #discard_after <= 15 then
    redis.call('ZADD', expiring, discard_after, name)
    redis.call('PEXPIREAT', record, discard_after)
  end
end

local function bury(generation)
  clear('discard_after', 'mark_attempt', 'mark_set', 'lease_attempt', 'lease_until')
  redis.call('HSET', record, 'version', '1', 'generation', generation, 'record', '', 'ended', '1')
  redis.call('PEXPIREAT', record, whole(now() + TOMBSTONE_MS))
  for _, names in ipairs({living, marked, expiring}) do
    redis.call('ZREM', names, name)
  end
end

row, unreadable = read()
if unreadable then return unreadable end
