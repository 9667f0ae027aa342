import { exitCodes } from '../../api/errors.ts';
import { type Assertable, type Assertion, check, type Measured, parseAssertions } from '../../load/assertions.ts';
import { formatCount, formatExact } from '../../util/figures.ts';
import type { CliContext } from '../context.ts';
import type { Texts } from '../text/en.ts';
import type { BenchResult, Latency } from './result.ts';

export interface Ending {
  readonly assertions: readonly Assertion[];
  readonly isInterrupted: boolean;
  /** What the server said where it refused a request. */
  readonly trouble?: string | undefined;
  /** What most of the clients met that could not connect. */
  readonly failure?: string | undefined;
}

/** What must hold where nothing else is asserted of it: a wrong delivery is no result. */
const always = parseAssertions(
  'loss=0,duplicates=0,disorder=0,misdelivered=0,refused=0,unanswered=0,failed=0,closed=0',
);

/** Prints the result, says what is to be said of it, and sets the exit code. */
export async function report(context: CliContext, result: BenchResult, ending: Ending): Promise<void> {
  const { line } = context.text;
  const measured = measuredOf(result);
  const asserted = new Set(ending.assertions.map(({ name }) => name));
  const unasked = always.filter(({ name }) => !asserted.has(name) && measured[name] !== undefined);
  const checked = check(ending.assertions, measured);
  const isInterrupted = ending.isInterrupted;
  const printer = await context.printer();
  const record = { ...result, isInterrupted, ...(checked.length > 0 && { assertions: checked }) };
  if (printer.isJson) await printer.record('yunque.bench/1', record);
  else
    await printer.record('yunque.bench/1', flatten(result), { shown: resultLines(result, line), fields: flatFields });

  if (result.limit === 'receivers' || result.limit === 'sender') context.note(line.benchLimits[result.limit]);
  else if (result.wantedRate !== undefined && result.limit === 'server')
    context.note(line.benchBehind(String(result.rate), String(result.wantedRate)));
  if (ending.failure !== undefined) context.note(line.benchFailed(result.failed ?? 0, ending.failure));
  if (result.limit === 'gone') context.note(line.benchGone(ending.trouble));
  else if (ending.trouble !== undefined) context.note(line.benchRefused(ending.trouble));
  const failed = [...checked, ...check(unasked, measured)].filter(({ ok }) => !ok);
  for (const { text, actual } of failed)
    context.note(line.benchAssertion(text, actual === undefined ? '-' : String(actual)));
  if (isInterrupted) context.exitCode = context.interruptedExit;
  else if (failed.length > 0) context.exitCode = exitCodes.failed;
}

function measuredOf(result: BenchResult): Measured {
  const { latency, failed, closed, connected, refused, unanswered, unsent, rate, deliveries, expected } = result;
  const figures: Partial<Record<Assertable | 'expected', number | undefined>> = {
    ...latency,
    loss: result.lost,
    duplicates: result.duplicated,
    disorder: result.outOfOrder,
    misdelivered: result.misdelivered,
    refused,
    unanswered,
    unsent,
    failed,
    closed,
    connected,
    rate,
    deliveries,
    expected,
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

const percentiles = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'] as const;
const latencies = ['latency', 'answer', 'connect'] as const;

/** One value a column, the same columns for every scenario. */
const flatFields: readonly string[] = [
  'scenario',
  'dialect',
  'clients',
  'connected',
  'failed',
  'closed',
  'turnedAway',
  'groups',
  'outsiders',
  'size',
  'batch',
  'inFlight',
  'wantedRate',
  'rate',
  'seconds',
  'requests',
  'sent',
  'refused',
  'unanswered',
  'unsent',
  'expected',
  'received',
  'lost',
  'duplicated',
  'outOfOrder',
  'misdelivered',
  'deliveries',
  'megabytes',
  ...latencies.flatMap((name) => percentiles.map((percentile) => `${name}.${percentile}`)),
  'sampled',
  'limit',
  'receiverLoad',
  'senderLoad',
  'senderLateMs',
];

function flatten(result: BenchResult): Record<string, unknown> {
  const flat: Record<string, unknown> = { ...result };
  for (const name of latencies)
    for (const percentile of percentiles) flat[`${name}.${percentile}`] = result[name]?.[percentile];
  return flat;
}

/** The table for people. */
export function resultLines(
  result: BenchResult,
  { benchRows: row, benchCells: cell, benchLimitNames: limits }: Texts['line'],
): readonly (readonly [string, string])[] {
  const count = (value: number | undefined) => (value === undefined ? '' : formatExact(value));
  const rest = (value: number | undefined, what: string) => (value ? `, ${formatExact(value)} ${what}` : '');
  const { connected, clients, outsiders, sent, receiverLoad, wantedRate } = result;
  const busy = (shares: readonly number[]) => shares.map((share) => `${Math.round(share * 100)} %`).join(' ');
  const closes = Object.entries(result.closeCodes ?? {}).map(([code, times]) => `${code}: ${times}`);
  const rate = perSecond(result.rate);
  const present = (value: unknown, text: () => string) => (value === undefined ? '' : text());
  return [
    [
      row.scenario,
      [result.scenario, result.dialect, result.size && cell.bytes(result.size)].filter(Boolean).join(', '),
    ],
    [
      row.connected,
      present(
        clients,
        () =>
          cell.of(count(connected), count((clients ?? 0) + (outsiders ?? 0))) +
          rest(result.failed, cell.failed) +
          rest(result.closed, cell.closed) +
          rest(result.turnedAway, cell.turnedAway),
      ),
    ],
    [row.closes, closes.join(', ')],
    [row.groups, present(result.groups, () => cell.outsiders(count(result.groups), count(outsiders)))],
    [
      row.sent,
      present(
        sent,
        () =>
          cell.within(count(sent), result.seconds) +
          rest(result.refused, cell.refused) +
          rest(result.unanswered, cell.unanswered) +
          rest(result.unsent, cell.unsent),
      ),
    ],
    [row.received, present(result.received, () => cell.of(count(result.received), count(result.expected)))],
    [row.lost, count(result.lost)],
    [row.duplicated, count(result.duplicated)],
    [row.outOfOrder, count(result.outOfOrder)],
    [row.misdelivered, count(result.misdelivered)],
    [row.rate, wantedRate === undefined ? rate : cell.of(rate, `${wantedRate}/s`)],
    [row.deliveries, result.deliveries === undefined ? '' : perSecond(result.deliveries)],
    [row.megabytes, result.megabytes === undefined ? '' : String(result.megabytes)],
    [row.latency, latencyLine(result.latency) + (result.sampled ? ` ${cell.sampled}` : '')],
    [row.answers, result.answer === undefined ? '' : latencyLine(result.answer)],
    [row.connects, result.connect === undefined ? '' : latencyLine(result.connect)],
    [
      row.busy,
      [
        receiverLoad && `${cell.receivers} ${busy(receiverLoad)}`,
        result.senderLoad !== undefined && `${cell.sender} ${busy([result.senderLoad])}`,
      ]
        .filter(Boolean)
        .join(', '),
    ],
    [row.limit, limits[result.limit]],
  ];
}

function perSecond(value: number): string {
  return `${value < 10 ? value : value < 1e6 ? formatExact(Math.round(value)) : formatCount(value)}/s`;
}

function latencyLine(latency: Latency): string {
  return percentiles
    .filter((name) => name !== 'mean')
    .map((name) => `${name} ${spellMs(latency[name])}`)
    .join('  ');
}

function spellMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
