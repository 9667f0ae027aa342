/**
 * A hash of one name: field → `sequence:incarnation:node`. The field is the cid, or for groups `n` and the node.
 *
 * KEYS: the hash. ARGV: field, `incarnation:node`, floor, number or ''. Writes a place down, without a number given one greater than all
 * there are, above `floor`, and not before the server's time in microseconds. Answers the number and the hash.
 */
export const putLua = `
local last, sequence = tonumber(ARGV[3]), ARGV[4]
if sequence == '' then
  for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
    local number = tonumber(string.match(value, '^%d+') or '0')
    if number > last then last = number end
  end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  sequence = string.format('%.0f', math.max(now, last + 1))
end
redis.call('HSET', KEYS[1], ARGV[1], sequence .. ':' .. ARGV[2])
return { sequence, redis.call('HGETALL', KEYS[1]) }
`;

/** KEYS: the hash. ARGV: field, how its value has to begin or '', how it has to end or ''. Removes it where both are so. */
export const dropLua = `
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
if ARGV[2] ~= '' and string.sub(value, 1, #ARGV[2]) ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' and string.match(value, '^%d+:(.*)$') ~= ARGV[3] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;

/** KEYS: the hash. ARGV: `incarnation:node`. Removes all places of that start of the node. */
export const purgeLua = `
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.match(all[i + 1], '^%d+:(.*)$') == ARGV[1] then redis.call('HDEL', KEYS[1], all[i]) end
end
return 0
`;
