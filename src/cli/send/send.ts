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
import { createSendTally, exitOfReceipt, receiptLines } from './outcome.ts';
import { exclusionOf } from './target.ts';

export interface SendFlags extends MessageFlags {
  readonly exclude?: readonly string[];
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
  const envelope = { ...(system !== undefined && { system }), target, ...(exclude !== undefined && { exclude }) };
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
  await (await context.printer()).record('yunque.receipt/1', receipt, receiptLines(receipt));
  settle(context, exitOfReceipt(receipt, flags));
}

/** One after the other, so that they arrive in this order. A refused one is told and passed over; a lost node ends it. */
async function sendMany(
  context: CliContext,
  envelope: Pick<SendRequest, 'system' | 'target' | 'exclude'>,
  flags: SendFlags,
  bodies: AsyncIterable<string | undefined>,
): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const signal = context.interruptSignal();
  const tally = createSendTally(failureExit);
  let line = 0;
  let ending: unknown;
  for await (const body of bodies) {
    if (signal.aborted) break;
    line++;
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
  if (printer.format !== 'ndjson') await printer.record('yunque.send-summary/1', tally.summary());
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

async function* readLines(context: CliContext): AsyncGenerator<string> {
  const lines = createInterface({ input: context.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const signal = context.interruptSignal();
  const onAbort = () => lines.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const line of lines) if (line !== '') yield line;
  } finally {
    signal.removeEventListener('abort', onAbort);
    lines.close();
  }
}
