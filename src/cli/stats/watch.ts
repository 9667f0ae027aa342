import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../api/errors.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import { ClientError } from '../../client/client-error.ts';
import { escapeControlsOfJson } from '../../util/control-characters.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../../util/figures.ts';
import type { CliContext } from '../context.ts';
import { wordsOfFailure } from '../failure-words.ts';
import { csvRecord } from '../output/csv.ts';
import { type Sample, type StatsLine, statsLine } from './stats-line.ts';

export interface WatchOptions {
  readonly intervalMs: number;
  /** Lines to print; undefined: until Ctrl-C. */
  readonly count: number | undefined;
}

const headerEvery = 20;

/** One line each interval until Ctrl-C. A node that went away is told and asked again; the first question must succeed. */
export async function watchStats(context: CliContext, { intervalMs, count }: WatchOptions): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const signal = context.interruptSignal();
  let before = await takeSample(client);
  let isLost = false;
  for (let line = 0; line < (count ?? Number.POSITIVE_INFINITY); ) {
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    let now: Sample;
    try {
      now = await takeSample(client);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof ClientError) || error.kind === 'denied') throw error;
      if (!isLost) context.note(context.text.line.lost(wordsOfFailure(error, context.text)));
      isLost = true;
      continue;
    }
    if (isLost) context.note(context.text.line.backAgain(client.where));
    isLost = false;
    // Everything, as without --watch; the rates are for people and spreadsheets.
    if (printer.isJson) printer.raw(`${escapeControlsOfJson(JSON.stringify(now.stats))}\n`);
    else printer.raw(textOf(printer.format, statsLine(before, now), line));
    before = now;
    line++;
  }
  if (signal.aborted) context.exitCode = exitCodes.interrupted;
}

async function takeSample(client: AdminClient): Promise<Sample> {
  const askedMs = performance.now();
  const stats = await client.stats();
  return { stats, at: { serverMs: stats.time, askedMs, answeredMs: performance.now() } };
}

function textOf(format: string, line: StatsLine, index: number): string {
  const values = Object.values(line).map((value) => value ?? '');
  if (format === 'csv') return (index === 0 ? csvRecord(Object.keys(line)) : '') + csvRecord(values);
  if (format === 'plain') return `${values.join('\t')}\n`;
  return (
    (index % headerEvery === 0 ? `${row(columns.map(([header]) => header))}\n` : '') +
    `${row(columns.map(([, , cell]) => cell(line)))}\n`
  );
}

/** Header, width, cell: fixed, so that lines printed at different times stay in line, and 80 columns with their gaps. */
const columns: readonly (readonly [string, number, (line: StatsLine) => string])[] = [
  ['health', 8, ({ verdict }) => verdict],
  ['conns', 7, ({ connections }) => formatCount(connections)],
  ['users', 7, ({ users }) => formatCount(users)],
  ['in/s', 7, ({ inPerSecond }) => formatRate(inPerSecond)],
  ['out/s', 7, ({ outPerSecond }) => formatRate(outPerSecond)],
  ['drop/s', 6, ({ droppedPerSecond }) => formatRate(droppedPerSecond)],
  ['fan-out', 7, ({ fanoutP99Ms }) => formatMs(fanoutP99Ms)],
  ['queued', 8, ({ outboxBytes }) => formatBytes(outboxBytes)],
  ['lag', 6, ({ loopLagP99Ms }) => formatMs(loopLagP99Ms)],
  ['rss', 8, ({ rssBytes }) => formatBytes(rssBytes)],
];

function row(cells: readonly string[]): string {
  const padded = columns.map(([, width], at) => (at === 0 ? cells[at]?.padEnd(width) : cells[at]?.padStart(width)));
  return padded.join(' ');
}
