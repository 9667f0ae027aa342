/** Another number is refused, whichever it is: there is no older one yet. */
export const storeSchema = 1;

export const storeKeys = ['meta', 'systems', 'keys', 'keyed', 'bans', 'log'] as const;

/** Where in the history of the stores something is: a revision counts within its epoch, and the head is the id of the write that led to it. */
export interface Position {
  readonly epoch: string;
  readonly revision: number;
  readonly head: string;
}

export const nowhere: Position = { epoch: '', revision: 0, head: '' };

/**
 * Reads, writes and begins the stores. KEYS as `storeKeys`:
 * meta                       schema, epoch, revision, head, lineage, counts: how many records each table has
 * systems, keys, keyed, bans the truth, as `records.ts` writes it
 * log                        the last writes, oldest first, each its id, a blank and its changes
 *
 * ARGV: mode, epoch, revision and head that are known; for write: the id of the write, its changes, and another lineage or ''; for begin: epoch, revision, head, and lineage
 * of what is begun, in place of all that is there; for both, of each record its table (an index of KEYS), its field, and its value, or '' for none.
 * Writes and begins where the position is the known one, and answers `ok`. Else, and for read: `same`; `changes, revision, entry of the log…`;
 * `empty, seconds Redis is up`; `broken, epoch, revision, head` where the tables are not what was written there (a key was evicted or deleted: less is there
 * than it seems), which nothing but a begin ends; `snapshot` or, where what is known is no part of this history, `other`, with epoch, revision, head, lineage
 * and the content of the tables; `schema, number`.
 */
export const storeLua = `
local meta, log = KEYS[1], KEYS[6]
local mode = ARGV[1]
local kept = redis.call('HMGET', meta, 'schema', 'epoch', 'revision', 'head', 'lineage', 'counts')
if kept[1] and kept[1] ~= '${storeSchema}' then return { 'schema', kept[1] } end
local epoch, revision, head = kept[2] or '', kept[3] or '0', kept[4] or ''
local isAt = epoch == ARGV[2] and revision == ARGV[3] and head == ARGV[4]
local function counted()
  local counts = {}
  for i = 2, 5 do counts[i - 1] = redis.call('HLEN', KEYS[i]) end
  return table.concat(counts, ':')
end
local isWhole = counted() == (epoch == '' and '0:0:0:0' or kept[6])

local function carryOut(first)
  for i = first, #ARGV, 3 do
    local table, field, value = KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]
    if value == '' then redis.call('HDEL', table, field) else redis.call('HSET', table, field, value) end
  end
end

if mode == 'write' and isAt and isWhole then
  carryOut(8)
  if ARGV[7] ~= '' then redis.call('HSET', meta, 'lineage', ARGV[7]) end
  redis.call('RPUSH', log, ARGV[5] .. ' ' .. ARGV[6])
  redis.call('LTRIM', log, -1000, -1)
  redis.call('HSET', meta, 'revision', string.format('%.0f', tonumber(revision) + 1), 'head', ARGV[5], 'counts', counted())
  return { 'ok' }
end
if mode == 'begin' and isAt then
  redis.call('DEL', unpack(KEYS))
  carryOut(9)
  redis.call('RPUSH', log, ARGV[7] .. ' []')
  redis.call('HSET', meta, 'schema', '${storeSchema}', 'epoch', ARGV[5], 'revision', ARGV[6], 'head', ARGV[7], 'lineage', ARGV[8],
    'counts', counted())
  return { 'ok' }
end

if epoch == '' and isWhole then
  local server = redis.pcall('INFO', 'server')
  return { 'empty', type(server) == 'string' and string.match(server, 'uptime_in_seconds:(%d+)') or '999999' }
end
if isAt and isWhole then return { 'same' } end
local kind = 'other'
if epoch == ARGV[2] then
  local behind = tonumber(revision) - tonumber(ARGV[3])
  if behind > 0 and behind >= redis.call('LLEN', log) then kind = 'snapshot' end
  if behind > 0 and kind == 'other' then
    local entries = redis.call('LRANGE', log, -behind - 1, -1)
    if string.match(entries[1], '^%S*') == ARGV[4] then
      entries[1] = revision
      table.insert(entries, 1, 'changes')
      return entries
    end
  end
end
if not isWhole then return { 'broken', epoch, revision, head } end
return { kind, epoch, revision, head, kept[5] or '', redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]),
  redis.call('HKEYS', KEYS[4]), redis.call('HGETALL', KEYS[5]) }
`;

/** The tables as they are kept: fields and values in turn, and for `keyed` the fields. */
export interface KeptTables {
  readonly systems: readonly string[];
  readonly keys: readonly string[];
  readonly keyed: readonly string[];
  readonly bans: readonly string[];
}

export type StoreReply =
  | { readonly type: 'ok' | 'same' }
  | { readonly type: 'schema'; readonly schema: string }
  | { readonly type: 'empty'; readonly upSeconds: number }
  | { readonly type: 'broken'; readonly position: Position }
  | {
      readonly type: 'changes';
      readonly revision: number;
      readonly entries: readonly { readonly id: string; readonly changes: string }[];
    }
  | {
      readonly type: 'snapshot' | 'other';
      readonly position: Position;
      /** The epochs it came from, newest first, each with the last revision of it that is in it. */
      readonly lineage: readonly { readonly epoch: string; readonly revision: number }[];
      readonly tables: KeptTables;
    };

/** Throws where it is no answer of the script's. */
export function readStoreReply(reply: unknown): StoreReply {
  const [type, ...rest] = Array.isArray(reply) ? reply : [];
  switch (type) {
    case 'ok':
    case 'same':
      return { type };
    case 'schema':
      return { type, schema: String(rest[0]) };
    case 'empty':
      return { type, upSeconds: Number(rest[0]) };
    case 'changes':
      return { type, revision: Number(rest[0]), entries: rest.slice(1).map((entry) => entryOf(String(entry))) };
    case 'broken':
      return { type, position: positionOf(rest) };
    case 'snapshot':
    case 'other': {
      const [lineage, systems, keys, keyed, bans] = rest.slice(3);
      return {
        type,
        position: positionOf(rest),
        lineage: readLineage(String(lineage)),
        tables: { systems, keys, keyed, bans },
      };
    }
    default:
      throw new Error('Redis answered something that is none of ours');
  }
}

function positionOf([epoch, revision, head]: readonly unknown[]): Position {
  return { epoch: String(epoch), revision: Number(revision), head: String(head) };
}

function entryOf(entry: string): { id: string; changes: string } {
  const blank = entry.indexOf(' ');
  return { id: entry.slice(0, blank), changes: entry.slice(blank + 1) };
}

export function writeLineage(lineage: readonly { epoch: string; revision: number }[]): string {
  return lineage.map(({ epoch, revision }) => `${epoch}:${revision}`).join(' ');
}

function readLineage(text: string): { epoch: string; revision: number }[] {
  return text
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => {
      const [epoch = '', revision = ''] = each.split(':');
      return { epoch, revision: Number(revision) };
    });
}
