import { isUtf8 } from 'node:buffer';
import { createInterface } from 'node:readline';
import type { SendRequest } from '../../api/admin.ts';
import { exitCodes } from '../../api/errors.ts';
import type { Target } from '../../api/target.ts';
import { ClientError } from '../../client/client-error.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfFailure } from '../failure-words.ts';
import { failureExit } from '../report-failure.ts';
import { readBody } from './body.ts';
import { type MessageFlags, messageOf } from './message.ts';
import { createSendTally, exitOfReceipt, receiptFields, receiptLines, summaryLines } from './outcome.ts';
import { exclusionOf } from './target.ts';

export interface SendFlags extends MessageFlags {
  readonly exclude?: readonly string[];
  readonly class?: string;
  readonly key?: string;
  readonly count?: number;
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
  const { system } = context.globals;
  const exclude = exclusionOf(flags.exclude);
  const envelope = {
    ...(system !== undefined && { system }),
    target,
    ...(exclude !== undefined && { exclude }),
    ...(flags.class !== undefined && { class: flags.class }),
    ...(flags.key !== undefined && { key: flags.key }),
  };
  if (flags.stdin === true) {
    if (body !== undefined)
      throw new CliError(context.text.line.oneStdin, { hint: '--stdin takes no message argument' });
    await sendMany(context, envelope, flags, readLines(context));
    return;
  }
  const text = body === undefined ? undefined : await readBody(body, context);
  if (flags.count !== undefined && flags.count > 1) {
    await sendMany(context, envelope, flags, repeat(text, flags.count));
    return;
  }
  const message = messageOf(flags, text, context.text);
  const client = await context.client();
  const receipt = await client.send({ ...envelope, ...message.request }, message.dataText);
  await (await context.printer()).record('yunque.receipt/1', receipt, {
    shown: receiptLines(receipt),
    fields: receiptFields,
  });
  settle(context, exitOfReceipt(receipt, flags));
}

/** One after the other, so that they arrive in this order. A refused one is told and passed over; a lost node ends it. */
async function sendMany(
  context: CliContext,
  envelope: Pick<SendRequest, 'system' | 'target' | 'exclude' | 'class' | 'key'>,
  flags: SendFlags,
  bodies: AsyncIterable<string | undefined | Unreadable>,
): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const signal = context.interruptSignal();
  const tally = createSendTally(failureExit);
  let line = 0;
  let ending: unknown;
  for await (const body of bodies) {
    if (signal.aborted) break;
    line++;
    if (body === unreadable) {
      const error = new CliError(context.text.line.notUtf8);
      tally.fail(error);
      context.note(context.text.line.error(`${line}: ${error.message}`));
      continue;
    }
    const message = messageOf(flags, body, context.text);
    try {
      const receipt = await client.send({ ...envelope, ...message.request }, message.dataText);
      tally.add(receipt);
      if (printer.format === 'ndjson') printer.line('yunque.receipt/1', receipt, '');
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.kind === 'interrupted') break;
      tally.fail(error);
      context.note(context.text.line.error(`${line}: ${wordsOfFailure(error, context.text)}`));
      if (error.kind === 'refused') continue;
      ending = error;
      break;
    }
  }
  if (printer.format !== 'ndjson') {
    const summary = tally.summary();
    await printer.record('yunque.send-summary/1', summary, { shown: summaryLines(summary) });
  }
  settle(context, signal.aborted ? exitCodes.interrupted : tally.exit(flags));
  if (ending !== undefined && tally.summary().sent === 0) throw ending;
}

function settle(context: CliContext, exit: number): void {
  context.exitCode = exit;
  if (exit === exitCodes.nobody) context.note(context.text.line.nobody);
  if (exit === exitCodes.partly) context.note(context.text.line.partly);
}

async function* repeat(body: string | undefined, count: number): AsyncGenerator<string | undefined> {
  for (let sent = 0; sent < count; sent++) yield body;
}

/** A line that is not UTF-8: what would be sent for it is not what was read. */
const unreadable = Symbol('not UTF-8');
type Unreadable = typeof unreadable;

/** Lines as Latin-1, so that their bytes are kept: no byte of UTF-8 beyond ASCII is a line end. */
async function* readLines(context: CliContext): AsyncGenerator<string | Unreadable> {
  const input = context.stdin.setEncoding('latin1');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const signal = context.interruptSignal();
  const onAbort = () => lines.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const line of lines) {
      const bytes = Buffer.from(line, 'latin1');
      if (line !== '') yield isUtf8(bytes) ? bytes.toString('utf8') : unreadable;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    lines.close();
  }
}
