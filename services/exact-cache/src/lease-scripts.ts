/**
 * The answer, or who leads, or (1) that the one who asks does: in one step, so that of several services with one Redis all see the same.
 * 0 when a lead cannot be noted, because the memory is full or the server is a replica. KEYS: answer, lease. ARGV: the lead that is
 * offered, milliseconds that it lasts, the lead that it may replace.
 */
export const FIND_OR_LEAD = `
local answer = redis.call('GET', KEYS[1])
if answer then return {answer} end
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[3] then return held end
if redis.pcall('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]).err then return 0 end
return 1`

/** Prolongs (or with 0 milliseconds: ends) every lease that is held by the lead beside it, and counts them. KEYS: leases. ARGV: milliseconds, then a lead for each. */
export const RENEW = `
local known = 0
for at, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[at + 1] then
    known = known + 1
    if ARGV[1] == '0' then redis.call('DEL', key) else redis.call('PEXPIRE', key, ARGV[1]) end
  end
end
return known`
