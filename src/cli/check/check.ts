import { setTimeout as sleep } from 'node:timers/promises';
import type { Dialect } from '../../api/dialect.ts';
import { exitCodes } from '../../api/errors.ts';
import type { ClusterStats } from '../../api/stats.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import { answered } from '../../client/answered.ts';
import { ClientError } from '../../client/client-error.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfFailure } from '../failure-words.ts';
import { describeFailure, reportFailure } from '../report-failure.ts';
import { checkJson, nagiosLine, prometheusText } from './formats.ts';
import {
  checkCodes,
  figuresOf,
  type Outcome,
  type Problem,
  problemsOf,
  statsToSumUp,
  statusOf,
  sumOf,
} from './outcome.ts';
import type { CheckProbe } from './probe.ts';
import { judge, type Threshold, type Thresholds, withUsual } from './thresholds.ts';

export const checkFormats = ['nagios', 'json', 'prometheus'] as const;

export interface CheckFlags {
  readonly format?: (typeof checkFormats)[number];
  readonly warn?: readonly Threshold[];
  readonly critical?: readonly Threshold[];
  /** Milliseconds between the two samples that the rate of drops is of. */
  readonly interval: number;
  /** False with `--no-probe`. */
  readonly probe: boolean;
  readonly wsUrl?: string;
  readonly dialect?: Dialect;
  readonly uid?: string;
  readonly tokenFile?: string;
}

/** Looks, prints what it found in the form that was asked for, and exits as a monitoring plugin does. Rejects after Ctrl-C alone. */
export async function runCheck(context: CliContext, flags: CheckFlags): Promise<void> {
  const { warn = [], critical = [], probe } = flags;
  const thresholds = withUsual({ warn, critical }, probe);
  const outcome = await look(context, flags, thresholds).catch((error: unknown) => failed(context, thresholds, error));
  const format = flags.format ?? (context.globals.json === true ? 'json' : 'nagios');
  const printer = await context.printer();
  if (format === 'json') await (await context.printer('json')).record('yunque.check/1', checkJson(outcome));
  else printer.raw(format === 'nagios' ? `${nagiosLine(outcome)}\n` : prometheusText(outcome));
  context.exitCode = checkCodes[outcome.status];
}

async function look(context: CliContext, flags: CheckFlags, thresholds: Thresholds): Promise<Outcome> {
  const client = await context.client(flags.probe ? {} : { role: 'read' });
  const askStats = async () => answered<ClusterStats>(await client.stats(), statsToSumUp, client.where);
  const before = await askStats();
  const [probed] = await Promise.all([
    flags.probe ? probeOrProblem(context, client, flags) : undefined,
    sleep(flags.interval, undefined, { signal: context.interruptSignal() }).catch(() => {}),
  ]);
  const after = await askStats();
  const isProbed = probed !== undefined && 'probeMs' in probed;
  const figures = {
    ...(isProbed && { probe: probed.probeMs, connect: probed.connectMs }),
    ...figuresOf(before, after),
  };
  const broken = probed !== undefined && !isProbed ? [probed] : [];
  // What failed has said so.
  const judged = broken.length > 0 ? withoutProbe(thresholds) : thresholds;
  const problems = [...broken, ...problemsOf(after), ...judge(judged, figures)];
  return {
    status: statusOf(problems),
    problems,
    figures,
    droppedTotal: sumOf(after.nodes.map(({ droppedTotal }) => droppedTotal)),
    thresholds,
    time: Date.now(),
  };
}

function withoutProbe({ warn, critical }: Thresholds): Thresholds {
  const isOther = ({ name }: Threshold) => name !== 'probe' && name !== 'connect';
  return { warn: warn.filter(isOther), critical: critical.filter(isOther) };
}

async function probeOrProblem(
  context: CliContext,
  client: AdminClient,
  flags: CheckFlags,
): Promise<CheckProbe | Problem> {
  const [{ probeOnce }, { clientDialect }, { connectAddress }, { readToken }, { readCa }] = await Promise.all([
    import('./probe.ts'),
    import('../connect/dialects.ts'),
    import('../connect/address.ts'),
    import('../connect/token.ts'),
    import('../../client/ca-file.ts'),
  ]);
  const { globals, env } = context;
  try {
    const dialect = clientDialect(flags.dialect ?? 'json');
    const token = await readToken(context, flags.tokenFile);
    return await probeOnce({
      client,
      url: await connectAddress(context, { url: flags.wsUrl, dialect, token }),
      dialect,
      system: globals.system,
      uid: flags.uid,
      ca: await readCa({ caFile: globals.caFile, env }),
      timeoutMs: globals.timeout,
      signal: context.interruptSignal(),
    });
  } catch (error) {
    const { level, text } = problemOf(context, error, 'critical');
    return { level, text: `probe: ${text}` };
  }
}

/** A service that does not answer is down; what cannot even be asked is not known. */
function problemOf(context: CliContext, error: unknown, otherwise: 'critical' | 'unknown'): Problem {
  if (context.interruptSignal().aborted) throw new CliError('interrupted', { exit: exitCodes.interrupted });
  if (error instanceof ClientError) {
    const isDown = error.kind === 'unreachable' || error.kind === 'timed_out' || error.kind === 'refused';
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return { level: isDown ? 'critical' : 'unknown', text: `${wordsOfFailure(error, context.text)}${hint}` };
  }
  const { message, isBug, exit } = describeFailure(error);
  return { level: isBug || exit === 1 ? otherwise : 'unknown', text: message };
}

function failed(context: CliContext, thresholds: Thresholds, error: unknown): Outcome {
  const problem = problemOf(context, error, 'unknown');
  if (describeFailure(error).isBug) reportFailure(error, context);
  const problems = [problem];
  return { status: statusOf(problems), problems, figures: {}, thresholds, time: Date.now() };
}
