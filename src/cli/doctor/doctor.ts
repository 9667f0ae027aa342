import { exitCodes } from '../../api/errors.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { fit, widthOf } from '../../util/text-width.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { createLiveProgress } from '../output/live-progress.ts';
import type { Listing } from '../output/printer.ts';
import { type CheckName, checks } from './checks.ts';
import { type DoctorRow, examine, worstOf } from './examine.ts';
import type { Level } from './finding.ts';
import { type PatientFlags, patientOf } from './patient-of.ts';

const listing: Listing<DoctorRow> = {
  schema: 'yunque.doctor/1',
  rowSchema: 'yunque.doctor-finding/1',
  columns: [],
  fields: ['check', 'level', 'found', 'hint'],
};

/** Looks at everything, prints what it found and sets the exit code: 78 for a configuration that cannot be used, 1 where something fails. */
export async function runDoctor(context: CliContext, flags: PatientFlags): Promise<void> {
  const signal = context.interruptSignal();
  const patient = await patientOf(context, flags);
  const rows = await underProgress(context, (onProgress) =>
    // A server is waited for twice as long to connect, and as long to answer.
    Promise.race([examine(patient, { deadlineMs: 4 * patient.timeoutMs, onProgress }), untilAborted(signal)]),
  );
  const worst = worstOf(rows);
  const printer = await context.printer();
  if (printer.format === 'table') {
    const isColoured = context.globals.color && context.stdout.isTTY === true && !context.env['NO_COLOR'];
    for (const line of linesOf(context, rows, isColoured)) printer.raw(`${line}\n`);
  } else if (printer.format === 'json') printer.line(listing.schema, { verdict: worst, items: rows }, '');
  else await printer.list(listing, { items: rows });
  if (patient.configuration.problems.length > 0) context.exitCode = exitCodes.badConfig;
  else if (worst === 'failed') context.exitCode = exitCodes.failed;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(new CliError('interrupted', { exit: exitCodes.interrupted }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function underProgress<T>(
  context: CliContext,
  work: (onProgress: (underWay: readonly CheckName[]) => void) => Promise<T>,
): Promise<T> {
  const { doctor } = context.text;
  const all = Object.keys(checks).length;
  let left: readonly CheckName[] = [];
  using _bar = createLiveProgress(context).follow(() => [
    (all - left.length) / all,
    left.map((check) => doctor.checks[check]).join(', '),
  ]);
  return await work((underWay) => {
    left = underWay;
  });
}

const symbols: Readonly<Record<Level, readonly [symbol: string, colour: number]>> = {
  ok: ['✓', 32],
  warning: ['!', 33],
  failed: ['✗', 31],
  skipped: ['-', 90],
};

function linesOf({ text: { doctor } }: CliContext, rows: readonly DoctorRow[], isColoured: boolean): readonly string[] {
  const width = Math.max(...rows.map(({ check }) => widthOf(doctor.checks[check])));
  const lines = rows.flatMap(({ check, level, found, hint }) => {
    const [symbol, colour] = symbols[level];
    const mark = isColoured ? `\u001b[${colour}m${symbol}\u001b[39m` : symbol;
    const head = `${mark} ${fit(doctor.checks[check], width)}  ${sanitizeLine(found)}`;
    return hint === undefined ? [head] : [head, `  ${' '.repeat(width)}  → ${sanitizeLine(hint)}`];
  });
  const count = (level: Level) => rows.filter((row) => row.level === level).length;
  return [...lines, '', doctor.summary(count('failed'), count('warning'), count('ok'))];
}
