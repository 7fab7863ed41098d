if not row then return {'missing'} end
return standing('loaded')
