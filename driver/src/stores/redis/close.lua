-- Higher by 2^32, as far as there is a higher one.
local function out_of_reach(generation)
  local high, low = tonumber(generation:sub(1, 10)), tonumber(generation:sub(11)) + 4294967296
  if low >= 10000000000 then high, low = high + 1, low - 10000000000 end
  local raised = string.format('%010.0f%010.0f', high, low)
  return raised > HIGHEST and HIGHEST or raised
end

if not row then return {'missing'} end
bury(out_of_reach(row.generation))
return standing('closed')
