import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import type { ClusterStats } from '../../api/stats.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import type { Listing, Printer } from '../output/printer.ts';
import { integerArg, intervalArg } from '../parsers.ts';
import { nodeColumns, nodeFields, nodeRowsOf, snapshotLines } from '../stats/snapshot.ts';
import { doorColumns, doorRowsOf, sinkColumns, sinkRowsOf } from '../stats/ways.ts';

interface StatsFlags {
  /** Milliseconds; `true` where no interval was written. */
  readonly watch?: number | true;
  readonly count?: number;
}

export function registerStats(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('stats')
    .description(summary.stats)
    .option('--watch [interval]', option.watch, intervalArg)
    .option('--count <n>', option.watchCount, integerArg(1))
    .action(async ({ watch, count }: StatsFlags) => {
      const { line } = context.text;
      const { system } = context.globals;
      if (system !== undefined) throw new CliError(line.statsOfNode, { hint: `yunque system show ${system}` });
      if (count !== undefined && watch === undefined) throw new CliError(line.countNeedsWatch);
      if (watch === undefined) return await printSnapshot(context);
      const { watchStats } = await import('../stats/watch.ts');
      await watchStats(context, { intervalMs: watch === true ? 1000 : watch, count });
    });
  addExamples(command, context, ['stats', 'stats --watch 1s', "stats --json | jq '.nodes[0].connections'"]);
}

async function printSnapshot(context: CliContext): Promise<void> {
  const stats = await (await context.client()).stats();
  const printer = await context.printer();
  const { schema, ...snapshot } = stats;
  const rows = nodeRowsOf(stats);
  const nodes = { schema, rowSchema: 'yunque.node/1', columns: nodeColumns, fields: nodeFields };
  if (printer.format === 'csv' || printer.format === 'plain') await printer.list(nodes, { items: rows });
  else await printer.record(schema, snapshot, { shown: snapshotLines(stats) });
  if (printer.format === 'table') {
    if (rows.length > 1) await printer.list(nodes, { items: rows });
    await printWays(stats, printer);
  }
  if (stats.missingNodes.length > 0) context.exitCode = exitCodes.partly;
}

/** Tables of the queue doors and of the ways out, where there are some. */
async function printWays(stats: ClusterStats, printer: Printer): Promise<void> {
  const [doors, sinks] = [doorRowsOf(stats), sinkRowsOf(stats)];
  if (doors.length > 0) {
    printer.raw('\n');
    await printer.list(listingOf('door', doorColumns), { items: doors });
  }
  if (sinks.length > 0) {
    printer.raw('\n');
    await printer.list(listingOf('sink', sinkColumns), { items: sinks });
  }
}

/** Only for tables: the other forms have all of it in one document. */
function listingOf<T>(name: string, columns: Listing<T>['columns']): Listing<T> {
  return { schema: `yunque.${name}s/1`, rowSchema: `yunque.${name}/1`, columns, fields: [] };
}
