local function following(generation)
  local high, low = tonumber(generation:sub(1, 10)), tonumber(generation:sub(11)) + 1
  if generation == '18446744073709551615' then return generation end
  if low == 10000000000 then high, low = high + 1, 0 end
  return string.format('%010.0f%010.0f', high, low)
end

if not row then return {'missing'} end
bury(following(row.generation))
return standing('closed')
