-- ARGV: name, generation, record, when to discard it.
if row and row.generation >= ARGV[2] then return standing('newer') end
keep(ARGV[2], ARGV[3], ARGV[4])
return {'done'}
