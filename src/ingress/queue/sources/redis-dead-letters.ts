import { defineScript, type RedisClient } from '../../../backends/redis-script.ts';
import { keyBeside } from '../../../util/redis-keys.ts';

export interface DeadLetter {
  readonly reason: string;
  /** Of the door. */
  readonly door: string;
  /** The stream or channel it came from, and its entry id there. */
  readonly source: string;
  readonly id?: string | undefined;
  /** As it came: names and values, one after the other. */
  readonly fields: readonly Buffer[];
}

/** About how many dead letters a stream keeps: the oldest go. */
const mostLetters = 10_000;

const deadLettersOf = (name: string): string => `${name}.dead`;

/** What stands behind `XADD`: who reads it finds what came as it came, behind what is said of it. */
function deadLetterArguments({ reason, door, source, id, fields }: DeadLetter): (string | number | Buffer)[] {
  const of = { reason, door, source, ...(id !== undefined && { id }) };
  return ['MAXLEN', '~', mostLetters, '*', ...Object.entries(of).flat(), ...fields];
}

export async function parkDeadLetter(client: RedisClient, letter: DeadLetter): Promise<void> {
  await client.call('XADD', [deadLettersOf(letter.source), ...deadLetterArguments(letter)]);
}

/** KEYS: dead letters, mark. ARGV: how long the mark lasts in ms, then as `XADD` takes it. */
const onceLua = `
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return 0 end
local ok = redis.pcall('XADD', KEYS[1], unpack(ARGV, 2))
if ok.err then
  redis.call('DEL', KEYS[2])
  return ok
end
return 1`;

const markMs = 10_000;

/** Of what every node hears: the first of them parks it, by the digest of its body. The same body within 10 s is parked once. */
export async function parkDeadLetterOnce(
  client: RedisClient,
  letter: DeadLetter & { readonly digest: string },
): Promise<void> {
  const dead = deadLettersOf(letter.source);
  const keys = [dead, keyBeside(dead, `:parked:${letter.digest}`)];
  const park = defineScript(client, { name: 'yunqueParkOnce', lua: onceLua, keys });
  await park(markMs, ...deadLetterArguments(letter));
}
