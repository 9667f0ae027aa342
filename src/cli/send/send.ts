import type { PreviewRequest } from '../../api/preview.ts';
import type { Target } from '../../api/target.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { readBody } from './body.ts';
import { confirmCrowd } from './confirm-crowd.ts';
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
}

/** Sends to `target` what body and flags say, prints the receipt (or the sum of several), and sets the exit code. */
export async function runSend(
  context: CliContext,
  target: Target,
  body: string | undefined,
  flags: SendFlags,
): Promise<void> {
  const { preview, isStdin, text } = await readSend(context, target, body, flags);
  const envelope: Envelope = {
    ...preview,
    ...(flags.class !== undefined && { class: flags.class }),
    ...(flags.key !== undefined && { key: flags.key }),
  };
  const message = isStdin ? undefined : messageOf(flags, text, context.text);
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

interface SendRead {
  /** Who it is for. */
  readonly preview: PreviewRequest;
  readonly isStdin: boolean;
  /** Of the body that was given. */
  readonly text: string | undefined;
}

/** What is known before anything is sent. Rejects with `CliError` where the flags do not go together, or the body cannot be read. */
export async function readSend(
  context: CliContext,
  target: Target,
  body: string | undefined,
  flags: SendFlags,
): Promise<SendRead> {
  const { line } = context.text;
  const { system } = context.globals;
  const { stdin: isStdin = false } = flags;
  if (isStdin && body !== undefined) throw new CliError(line.oneStdin, { hint: '--stdin takes no message argument' });
  if (flags.rate !== undefined && !isStdin && flags.count === undefined) throw new CliError(line.rateOfMany);
  const exclude = exclusionOf(flags.exclude);
  const preview = { ...(system !== undefined && { system }), target, ...(exclude !== undefined && { exclude }) };
  return { preview, isStdin, text: body === undefined ? undefined : await readBody(body, context) };
}

async function* repeat(body: string | undefined, count: number): AsyncGenerator<string | undefined> {
  for (let sent = 0; sent < count; sent++) yield body;
}
