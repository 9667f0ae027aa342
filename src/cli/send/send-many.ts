import type { SendRequest } from '../../api/admin.ts';
import { exitCodes } from '../../api/errors.ts';
import { ClientError } from '../../client/client-error.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfFailure } from '../failure-words.ts';
import { createLiveProgress } from '../output/live-progress.ts';
import { failureExit } from '../report-failure.ts';
import { type Unreadable, unreadable } from './lines.ts';
import { type MessageFlags, messageOf } from './message.ts';
import { createSendTally, type OutcomeOptions, settle, summaryLines } from './outcome.ts';
import { createPace } from './pace.ts';

export type Envelope = Pick<SendRequest, 'system' | 'target' | 'exclude' | 'class' | 'key'>;

export interface ManyFlags extends MessageFlags, OutcomeOptions {
  /** How many there are, where that is known. */
  readonly count?: number;
  /** A second. */
  readonly rate?: number;
}

/** One after the other, so that they arrive in this order. A refused one is told and passed over; a lost node ends it. */
export async function sendMany(
  context: CliContext,
  envelope: Envelope,
  flags: ManyFlags,
  bodies: AsyncIterable<string | undefined | Unreadable>,
): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const signal = context.interruptSignal();
  const pace = createPace({ perSecond: flags.rate, signal });
  const tally = createSendTally(failureExit);
  let line = 0;
  let ending: unknown;
  // Receipts on the same terminal would be drawn over.
  const isShown = flags.count !== undefined && printer.format !== 'ndjson';
  const progress = isShown ? createLiveProgress(context) : undefined;
  const fail = (error: Error, words: string) => {
    tally.fail(error);
    progress?.clear();
    context.note(context.text.line.error(`${line}: ${words}`));
  };
  {
    using _bar = progress?.follow(() => {
      const { count = 1 } = flags;
      return [line / count, context.text.line.sentSoFar(line, count)];
    });
    for await (const body of bodies) {
      if (!signal.aborted) await pace.next();
      if (signal.aborted) break;
      line++;
      if (body === unreadable) {
        const error = new CliError(context.text.line.notUtf8);
        fail(error, error.message);
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
        fail(error, wordsOfFailure(error, context.text));
        if (error.kind === 'refused') continue;
        ending = error;
        break;
      }
    }
  }
  if (printer.format !== 'ndjson') {
    const summary = tally.summary();
    await printer.record('yunque.send-summary/1', summary, { shown: summaryLines(summary) });
  }
  settle(context, signal.aborted ? exitCodes.interrupted : tally.exit(flags));
  if (ending !== undefined && tally.summary().sent === 0) throw ending;
}
