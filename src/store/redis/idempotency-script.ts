/**
 * A claim or an answer is one string: `p` (under way) or `d` (done), the hash of the body, then the token of the claim or the answer.
 * KEYS: it. All lives are in milliseconds.
 */

/** ARGV: hash, token, life of a claim. Answers `mine`, `pending`, `conflict`, or `done` with the answer and how long it lives yet. */
export const claimLua = `
local found = redis.call('GET', KEYS[1])
if not found then
  redis.call('SET', KEYS[1], 'p' .. ARGV[1] .. ARGV[2], 'PX', ARGV[3])
  return { 'mine' }
end
if string.sub(found, 2, 1 + #ARGV[1]) ~= ARGV[1] then return { 'conflict' } end
if string.sub(found, 1, 1) == 'p' then
  if string.sub(found, 2 + #ARGV[1]) == ARGV[2] then return { 'mine' } end
  return { 'pending' }
end
return { 'done', string.sub(found, 2 + #ARGV[1]), redis.call('PTTL', KEYS[1]) }
`;

/** ARGV: hash, token, answer, its life. Nothing where the claim has become another's. */
export const finishLua = `
local found = redis.call('GET', KEYS[1])
if found and found ~= 'p' .. ARGV[1] .. ARGV[2] then return 0 end
redis.call('SET', KEYS[1], 'd' .. ARGV[1] .. ARGV[3], 'PX', ARGV[4])
return 1
`;

/** ARGV: hash, token, life of a claim, or 0: it ends. */
export const holdLua = `
if redis.call('GET', KEYS[1]) ~= 'p' .. ARGV[1] .. ARGV[2] then return 0 end
if ARGV[3] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
`;
