redis.call('DEL', record)
for _, names in ipairs({living, marked, expiring}) do
  redis.call('ZREM', names, name)
end
return {'done'}
