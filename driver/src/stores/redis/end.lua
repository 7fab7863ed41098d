-- ARGV: name, attempt, the generation that was spent, why it ends.
if not row then return {'missing'} end
if row.ended or row.lease_attempt ~= ARGV[2] or row.generation ~= ARGV[3] then return {'superseded'} end
if ARGV[4] == 'refused_by_server' then
  bury(row.generation)
elseif ARGV[4] == 'spent_nothing' and row.mark_attempt == ARGV[2] then
  clear('mark_attempt', 'mark_set', 'lease_attempt', 'lease_until')
  redis.call('ZREM', marked, name)
else
  clear('lease_attempt', 'lease_until')
end
return {'done'}
