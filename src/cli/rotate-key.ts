import { type Command, Option } from 'commander';
import type { KeyGrant, KeyRotation } from '../api/keys.ts';
import { validity } from '../api/keys.ts';
import type { KeyRole } from '../api/principal.ts';
import type { CliContext } from './context.ts';
import { formatTime } from './output/time.ts';
import { durationWithin } from './parsers.ts';

export interface RotateFlags {
  readonly now?: boolean;
  /** Milliseconds. */
  readonly ttl?: number;
}

export interface SystemKeyFlags extends RotateFlags {
  readonly role: KeyRole;
}

export function addRotateOptions(command: Command, { text: { option } }: CliContext): Command {
  return command
    .option('--now', option.keyNow)
    .addOption(new Option('--ttl <duration>', option.keyTtl).argParser(durationWithin(validity.key)));
}

/**
 * Makes a key. Where no format was asked for, standard output gets the key and nothing else, so that `> file` keeps it;
 * what it means for older keys is said on standard error.
 */
export async function rotateKey(context: CliContext, grant: KeyGrant, { now, ttl }: RotateFlags): Promise<void> {
  const client = await context.client();
  const rotation = await client.rotateKey({
    ...grant,
    ...(now === true && { now }),
    ...(ttl !== undefined && { ttlMs: ttl }),
  });
  const printer = await context.printer();
  const { output, json } = context.globals;
  if (output === undefined && json !== true) printer.raw(`${rotation.key}\n`);
  else await printer.record('yunque.new-key/1', recordOf(rotation), { fields: newKeyFields });
  noteOlder(context, rotation);
}

/** For csv and plain: whatever a key has, the columns are the same. */
const newKeyFields = ['key', 'id', 'owner', 'system', 'role', 'createdAt', 'expiresAt', 'kept', 'removed'] as const;

function recordOf({ info, key, kept, removed }: KeyRotation): object {
  return { key, ...info, ...(kept && { kept: kept.id }), removed };
}

function noteOlder(context: CliContext, { info, kept, removed }: KeyRotation): void {
  const { line } = context.text;
  context.note(line.keyShownOnce(info.id));
  if (info.owner === 'system' && kept === undefined && removed.length === 0)
    context.note(line.systemIsKeyed(info.system));
  if (kept !== undefined) {
    context.note(line.keyKept(kept.id, formatTime(kept.createdAt)));
    if (kept.expiresAt !== undefined) context.note(line.keyExpires(kept.id, formatTime(kept.expiresAt)));
  }
  if (removed.length > 0) context.note(line.keysEnded(removed.join(' ')));
}
