/** Of what the script keeps, beside `leases.ts`. Another number is refused, whichever it is: there is no older one yet. The routes (route-scripts.ts) go with it. */
export const leasesSchema = 1;

export const leaseKeys = ['meta', 'leases', 'homes', 'infos', 'retired', 'terms'] as const;

/**
 * One beat, claim, entry or release. KEYS as `leaseKeys`:
 * meta     schema, epoch (another one: all data were lost), clock, at, last (incarnation), run, pauses
 * leases   id → incarnation:cid lease:deadline:beats
 * homes    id → in a line each: identity of the data directory, words for people, what is of this process alone
 * infos    id → what the node published
 * retired  cid leases, by the time they were given up: not given again for an hour
 * terms    id → what it must have as the others do, a JSON object (`agreement.ts`): a value that both have and that differs keeps one out
 *
 * Deadlines are told by a clock of the cluster's own, which advances with TIME from script to script, but not over a time in which nobody could
 * ask: Redis was stopped, cut off or started again, or its time was set. Whoever was alive before has a whole lease after it.
 *
 * ARGV: mode, lease ms, pause ms, id, incarnation, epoch, home, terms, info or '', an epoch to begin with, cid leases to choose from.
 * Answers `ok, epoch, era, incarnation, cid lease, ms until the next deadline of others or -1`, then of each member its id, incarnation, cid lease and
 * info; or `lost`; `held, home, stamp`; `terms`, then of each other whose terms differ its id, stamp and terms; `cids`: all of those were taken; `schema, number`. A stamp changes with every beat.
 */
export const leasesLua = `
local meta, leases, homes, infos, retired, terms = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local mode, leaseMs, pauseMs, id, inc = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local knownEpoch, home, ownTerms, info, newEpoch = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local firstCid = 11
local function int(n) return string.format('%.0f', n) end

local kept = redis.call('HMGET', meta, 'schema', 'epoch', 'clock', 'at', 'last', 'run', 'pauses')
if kept[1] and kept[1] ~= '${leasesSchema}' then return { 'schema', kept[1] } end
local epoch, clock, last, pauses = kept[2], tonumber(kept[3] or '0'), tonumber(kept[5] or '0'), tonumber(kept[7] or '0')
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local server = redis.pcall('INFO', 'server')
local run = type(server) == 'string' and string.match(server, 'run_id:(%w+)') or ''

local isPaused = false
if not epoch then
  epoch = newEpoch
  redis.call('DEL', leases, homes, infos, retired, terms)
else
  local gap = now - tonumber(kept[4])
  isPaused = gap < 0 or gap > pauseMs or kept[6] ~= run
  if isPaused then pauses = pauses + 1 else clock = clock + gap end
end

local live, hasChanged = {}, false
local function save(who)
  local it = live[who]
  redis.call('HSET', leases, who, it.inc .. ':' .. it.cid .. ':' .. int(it.deadline) .. ':' .. int(it.beats))
end
local function drop(who)
  redis.call('HDEL', leases, who)
  redis.call('HDEL', homes, who)
  redis.call('HDEL', infos, who)
  redis.call('HDEL', terms, who)
  redis.call('ZADD', retired, int(now), live[who].cid)
  live[who] = nil
  hasChanged = true
end
local all = redis.call('HGETALL', leases)
for i = 1, #all, 2 do
  local who = all[i]
  local anInc, cid, deadline, beats = string.match(all[i + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  live[who] = { inc = anInc or '0', cid = cid or '0', deadline = tonumber(deadline or '0'), beats = tonumber(beats or '0') }
  if isPaused then
    live[who].deadline = clock + leaseMs
    save(who)
  end
  if live[who].deadline <= clock then drop(who) end
end

local function read(json)
  local isRead, value = pcall(cjson.decode, json)
  return isRead and type(value) == 'table' and value or {}
end
local function isAgreed(own, other)
  for key, value in pairs(read(other)) do
    if own[key] and own[key] ~= value then return false end
  end
  return true
end
local function disagreement()
  local answer, own = { 'terms' }, read(ownTerms)
  for who, it in pairs(live) do
    local others = who ~= id and redis.call('HGET', terms, who)
    if others and others ~= ownTerms and not isAgreed(own, others) then
      answer[#answer + 1] = who
      answer[#answer + 1] = it.inc .. ':' .. int(it.beats)
      answer[#answer + 1] = others
    end
  end
  return #answer > 1 and answer
end

local function enter()
  local held = live[id]
  if held then
    local heldHome = redis.call('HGET', homes, id) or ''
    local isOlder, isSelf = tonumber(held.inc) <= tonumber(inc), heldHome == home
    -- An entry whose answer was lost.
    if mode == 'beat' and isSelf and not isOlder then return { 'lost' } end
    local isMine = isOlder or isSelf
    if mode == 'claim' then isMine = string.match(heldHome, '^[^\\n]*') == string.match(home, '^[^\\n]*') end
    if not isMine then return { 'held', heldHome, held.inc .. ':' .. int(held.beats) } end
  end
  local refused = disagreement()
  if refused then return refused end
  redis.call('ZREMRANGEBYSCORE', retired, '-inf', int(now - 3600000))
  local taken, cid = {}, nil
  for who, it in pairs(live) do
    if who ~= id then taken[it.cid] = true end
  end
  for i = firstCid, #ARGV do
    local isOwn = i == firstCid and mode ~= 'claim'
    if not cid and not taken[ARGV[i]] and (isOwn or not redis.call('ZSCORE', retired, ARGV[i])) then cid = ARGV[i] end
  end
  if not cid then return { mode == 'beat' and 'lost' or 'cids' } end
  if live[id] and live[id].cid ~= cid then redis.call('ZADD', retired, int(now), live[id].cid) end
  redis.call('ZREM', retired, cid)
  if mode ~= 'beat' then inc = int(math.max(last + 1, now, tonumber(inc) + 1)) end
  last = math.max(last, tonumber(inc))
  live[id] = { inc = inc, cid = cid, deadline = clock + leaseMs, beats = 0 }
  save(id)
  redis.call('HSET', homes, id, home)
  redis.call('HDEL', infos, id)
  redis.call('HSET', terms, id, ownTerms)
  hasChanged = true
end

local refusal
local mine = live[id]
if mode == 'release' then
  if mine and mine.inc == inc then drop(id) end
elseif mode == 'beat' and mine and mine.inc == inc then
  mine.deadline = clock + leaseMs
  mine.beats = mine.beats + 1
  save(id)
elseif mode == 'beat' and not mine and knownEpoch == epoch then
  refusal = { 'lost' }
else
  refusal = enter()
end
if not refusal and info ~= '' and live[id] and redis.call('HGET', infos, id) ~= info then
  redis.call('HSET', infos, id, info)
  hasChanged = true
end

redis.call('HSET', meta, 'schema', '${leasesSchema}', 'epoch', epoch, 'clock', int(clock), 'at', int(now), 'last', int(last), 'run', run,
  'pauses', int(pauses))
if hasChanged then redis.pcall('PUBLISH', meta, id) end
if refusal then return refusal end

local soonest = -1
local answer = { 'ok', epoch, epoch .. run .. int(pauses), inc, live[id] and live[id].cid or '0', '' }
for who, it in pairs(live) do
  local left = it.deadline - clock
  if who ~= id and (soonest < 0 or left < soonest) then soonest = left end
  local told = redis.call('HGET', infos, who)
  if told then
    answer[#answer + 1] = who
    answer[#answer + 1] = it.inc
    answer[#answer + 1] = it.cid
    answer[#answer + 1] = told
  end
end
answer[6] = int(soonest)
return answer
`;

export type LeaseAnswer =
  | {
      readonly type: 'ok';
      readonly epoch: string;
      /** Another one: there was a time in which nobody could ask. */
      readonly era: string;
      readonly incarnation: number;
      readonly cidLease: number;
      readonly nextDeadlineMs: number | undefined;
      readonly members: readonly { id: string; incarnation: number; cidLease: number; info: string }[];
    }
  | { readonly type: 'held'; readonly home: string; readonly stamp: string }
  | { readonly type: 'terms'; readonly others: readonly { id: string; stamp: string; terms: string }[] }
  | { readonly type: 'lost' | 'cids' }
  | { readonly type: 'schema'; readonly schema: string };

/** Throws where it is no answer of the script's. */
export function readLeaseAnswer(reply: unknown): LeaseAnswer {
  const [type, ...rest] = (Array.isArray(reply) ? reply : []).map(String);
  const at = (index: number) => rest[index] ?? '';
  switch (type) {
    case 'ok': {
      const members = [];
      for (let n = 5; n < rest.length; n += 4) {
        members.push({ id: at(n), incarnation: Number(at(n + 1)), cidLease: Number(at(n + 2)), info: at(n + 3) });
      }
      const next = Number(at(4));
      return {
        type,
        epoch: at(0),
        era: at(1),
        incarnation: Number(at(2)),
        cidLease: Number(at(3)),
        nextDeadlineMs: next < 0 ? undefined : next,
        members,
      };
    }
    case 'held':
      return { type, home: at(0), stamp: at(1) };
    case 'terms': {
      const others = [];
      for (let n = 0; n < rest.length; n += 3) others.push({ id: at(n), stamp: at(n + 1), terms: at(n + 2) });
      return { type, others };
    }
    case 'lost':
    case 'cids':
      return { type };
    case 'schema':
      return { type, schema: at(0) };
    default:
      throw new Error('Redis answered something that is none of ours');
  }
}
