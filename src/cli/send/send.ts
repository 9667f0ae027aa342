import type { Target } from '../../api/target.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { readBody } from './body.ts';
import { confirmCrowd } from './confirm-crowd.ts';
import { runDryRun } from './dry-run.ts';
import { readLines } from './lines.ts';
import { type MessageFlags, messageOf } from './message.ts';
import { exitOfReceipt, receiptFields, receiptLines, settle } from './outcome.ts';
import { type Envelope, sendMany } from './send-many.ts';
import { exclusionOf } from './target.ts';

export interface SendFlags extends MessageFlags {
  readonly exclude?: readonly string[];
  readonly class?: string;
  readonly key?: string;
  readonly count?: number;
  readonly rate?: number;
  readonly stdin?: boolean;
  readonly allowOffline?: boolean;
  readonly dryRun?: boolean;
}

/** Sends to `target` what body and flags say, prints the receipt (or the sum of several), and sets the exit code. */
export async function runSend(
  context: CliContext,
  target: Target,
  body: string | undefined,
  flags: SendFlags,
): Promise<void> {
  const { line } = context.text;
  const { system } = context.globals;
  const exclude = exclusionOf(flags.exclude);
  const preview = { ...(system !== undefined && { system }), target, ...(exclude !== undefined && { exclude }) };
  const envelope: Envelope = {
    ...preview,
    ...(flags.class !== undefined && { class: flags.class }),
    ...(flags.key !== undefined && { key: flags.key }),
  };
  const { stdin: isStdin = false } = flags;
  if (isStdin && body !== undefined) throw new CliError(line.oneStdin, { hint: '--stdin takes no message argument' });
  if (flags.rate !== undefined && !isStdin && flags.count === undefined) throw new CliError(line.rateOfMany);
  const text = body === undefined ? undefined : await readBody(body, context);
  const message =
    isStdin || (flags.dryRun === true && body === undefined) ? undefined : messageOf(flags, text, context.text);
  if (flags.dryRun === true) {
    await runDryRun(context, preview, flags);
    return;
  }
  await confirmCrowd(context, preview);
  if (message === undefined) {
    const { count: _none, ...others } = flags;
    await sendMany(context, envelope, others, readLines(context));
    return;
  }
  if (flags.count !== undefined && flags.count > 1) {
    await sendMany(context, envelope, flags, repeat(text, flags.count));
    return;
  }
  const client = await context.client();
  const receipt = await client.send({ ...envelope, ...message.request }, message.dataText);
  await (await context.printer()).record('yunque.receipt/1', receipt, {
    shown: receiptLines(receipt),
    fields: receiptFields,
  });
  settle(context, exitOfReceipt(receipt, flags));
}

async function* repeat(body: string | undefined, count: number): AsyncGenerator<string | undefined> {
  for (let sent = 0; sent < count; sent++) yield body;
}
