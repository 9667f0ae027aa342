import { keyBeside } from '../../../util/redis-keys.ts';

/** `1`: it is held with the token given from now on. KEYS: lease. ARGV: token, what all tokens of this reader begin with, ms. */
export const claimLua = `
local holder = redis.call('GET', KEYS[1])
if holder and string.sub(holder, 1, #ARGV[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`;

/** `1`: it is still held. KEYS: lease. ARGV: token, ms. */
export const renewLua = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: lease. ARGV: what all tokens of this reader begin with. */
export const releaseLua = `
local holder = redis.call('GET', KEYS[1])
if not holder or string.sub(holder, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * KEYS: stream, lease. ARGV: token, ms, group, consumer, most entries, most bytes, then as each says. Who does not hold the lease takes nothing, however late its
 * command arrives. In steps: an answer has at most one step of entries behind the one that filled its bytes.
 */
const fenced = `
local stream, group, consumer = KEYS[1], ARGV[3], ARGV[4]
local most, mostBytes, step = tonumber(ARGV[5]), tonumber(ARGV[6]), 16
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {'lost'} end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local entries, count, bytes = {}, 0, 0
local function add(more)
  for _, entry in ipairs(more) do
    count = count + 1
    entries[count] = entry
    if entry and entry[2] then for _, text in ipairs(entry[2]) do bytes = bytes + #text end end
  end
end
local function isFull() return count >= most or bytes >= mostBytes end
`;

/** What nobody was given yet: `read, entries`, or `empty, the id of the last entry that ever was`. */
export const readLua = `${fenced}
repeat
  local want = math.min(step, most - count)
  local got = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', want, 'STREAMS', stream, '>')
  if got and got.err then return got end
  local more = got and got[1][2] or {}
  add(more)
until #more < want or isFull()
if count > 0 then return {'read', entries} end
local info = redis.pcall('XINFO', 'STREAM', stream)
if info.err then return {'empty', '$'} end
for at = 1, #info, 2 do if info[at] == 'last-generated-id' then return {'empty', info[at + 1]} end end
return {'empty', '$'}`;

/** What anybody was given and nobody acknowledged, from the id ARGV[7] on: `claimed, entries, id to go on with or 0-0, how many are not there any more`. */
export const claimPendingLua = `${fenced}
local cursor, gone = ARGV[7], 0
repeat
  local got = redis.pcall('XAUTOCLAIM', stream, group, consumer, 0, cursor, 'COUNT', math.min(step, most - count))
  if got.err then return got end
  cursor = got[1]
  add(got[2])
  gone = gone + #(got[3] or {})
until cursor == '0-0' or isFull()
return {'claimed', entries, cursor, gone}`;

/**
 * How much waits. KEYS: stream, lease. ARGV: token, group. `entries given to nobody or -1: Redis cannot say, entries not acknowledged, entries that were trimmed or deleted before
 * anybody was given them`; nothing where the lease or the group is lost. Redis 7 counts what was added and what a group has read; the latter leaves out what was trimmed unread, and
 * what was read before it was started again from its log or another took its place; it is set right here.
 */
export const lookLua = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {} end
local function mapOf(flat)
  local map = {}
  for at = 1, #flat, 2 do map[flat[at]] = flat[at + 1] end
  return map
end
local function isMore(one, other)
  if #one ~= #other then return #one > #other end
  return one > other
end
local function isBehind(id, other)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  local otherMs, otherNumber = string.match(other, '^(%d+)-(%d+)$')
  if ms == otherMs then return isMore(number, otherNumber) end
  return isMore(ms, otherMs)
end
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err then return groups end
local group
for _, each in ipairs(groups) do
  local map = mapOf(each)
  if map['name'] == ARGV[2] then group = map end
end
if not group then return {} end
local stream = mapOf(redis.call('XINFO', 'STREAM', KEYS[1]))
local last, length, read = group['last-delivered-id'], stream['length'], group['entries-read']
local first = stream['first-entry'] and stream['first-entry'][1]
local added = stream['entries-added']
if added and (not first or isBehind(first, last)) then
  local before = added - length
  if read ~= before then redis.call('XGROUP', 'SETID', KEYS[1], ARGV[2], last, 'ENTRIESREAD', before) end
  return {length, group['pending'], math.max(0, before - (read or before))}
end
local lag = group['lag']
if last == stream['last-generated-id'] then
  lag = 0
  if read and read < length then redis.call('XGROUP', 'SETID', KEYS[1], ARGV[2], last, 'ENTRIESREAD', added) end
elseif last == '0-0' then lag = length end
return {lag or -1, group['pending'], 0}`;

/** Of the one node that reads a group. */
export const leaseKeyOf = (stream: string, group: string): string => keyBeside(stream, `:yunque-reader:${group}`);
