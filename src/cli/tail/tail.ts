import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../api/errors.ts';
import type { TailItem } from '../../api/tail.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfFailure } from '../failure-words.ts';
import { copyLine, copyValues, type LineForm } from './copy-line.ts';

export interface TailFlags {
  readonly client?: string;
  readonly uid?: string;
  readonly group?: string;
  readonly direction?: 'in' | 'out';
  readonly sample?: number;
  /** Copies a second and node. */
  readonly rate?: number;
  readonly redact?: boolean;
  /** Copies after which it ends. */
  readonly count?: number;
  /** Milliseconds after which it ends. */
  readonly duration?: number;
}

const schema = 'yunque.tail/1';
const drainPollMs = 20;

/**
 * Prints copies of the traffic until Ctrl-C, `--count` or `--duration`. A node that went away is told and asked again; the first question must succeed. With fewer
 * copies than asked for within `--duration`, or none, the exit code is 3.
 */
export async function runTail(context: CliContext, flags: TailFlags): Promise<void> {
  const { rate, count, duration, ...filters } = flags;
  const { text, globals } = context;
  const isTerminal = context.stdout.isTTY === true;
  const [client, printer] = await Promise.all([context.client(), context.printer(isTerminal ? 'table' : 'ndjson')]);
  if (printer.format === 'csv') throw new CliError(text.line.tailFormats);
  const interrupted = context.interruptSignal();
  const ending = new AbortController();
  const timer = duration === undefined ? undefined : setTimeout(() => ending.abort(), duration);
  const signal = AbortSignal.any([interrupted, ending.signal]);
  const form: LineForm = {
    width: isTerminal ? context.stdout.columns || 80 : undefined,
    systems: globals.system === undefined && (flags.client ?? flags.uid ?? flags.group) === undefined,
  };
  let printed = 0;
  let isRedactionTold = flags.redact === true;

  function print(item: TailItem): void {
    if (item.type === 'lost' && !printer.isJson) {
      context.note(text.line.tailLost(item.count, item.node, text.line.tailWhy[item.why]));
      return;
    }
    if (item.type === 'copy' && item.isRedacted && !isRedactionTold) {
      isRedactionTold = true;
      context.note(text.line.tailRedacted);
    }
    if (item.type === 'copy') printed += 1;
    if (item.type === 'lost' || printer.isJson) printer.line(schema, item, '');
    else if (printer.format === 'plain') printer.raw(`${copyValues(item).join('\t')}\n`);
    else printer.raw(`${copyLine(item, form)}\n`);
  }

  try {
    const query = { ...filters, system: globals.system, perSecond: rate, signal };
    for await (const said of client.tail(query)) {
      if (said.type === 'item') print(said.item);
      else if (said.type === 'lost') context.note(text.line.lost(wordsOfFailure(said.error, text)));
      else if (said.attempt > 0) context.note(text.line.backAgain(client.where));
      if (count !== undefined && printed >= count) return;
      // Copies are left out where they are made, and not kept here.
      while (context.stdout.writableNeedDrain === true && !signal.aborted) await sleep(drainPollMs);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (interrupted.aborted) context.exitCode = exitCodes.interrupted;
  else if (printed < (count ?? 1)) context.exitCode = exitCodes.nobody;
}
