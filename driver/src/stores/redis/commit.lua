-- ARGV: name, generation, record, when to discard it, the generation that was spent.
if row and row.generation > ARGV[5] then return standing('newer') end
keep(ARGV[2], ARGV[3], ARGV[4])
return {'done'}
