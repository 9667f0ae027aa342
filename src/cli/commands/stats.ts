import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { integerArg, intervalArg } from '../parsers.ts';
import { nodeColumns, nodeFields, nodeRowsOf, snapshotLines } from '../stats/snapshot.ts';

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
  addExamples(command, context, ['stats', 'stats --watch 1s', 'stats --json | jq .nodes[0].connections']);
}

async function printSnapshot(context: CliContext): Promise<void> {
  const stats = await (await context.client()).stats();
  const printer = await context.printer();
  const { schema, ...snapshot } = stats;
  const rows = nodeRowsOf(stats);
  const nodes = { schema, rowSchema: 'yunque.node/1', columns: nodeColumns, fields: nodeFields };
  if (printer.format === 'csv' || printer.format === 'plain') await printer.list(nodes, { items: rows });
  else await printer.record(schema, snapshot, { shown: snapshotLines(stats) });
  if (printer.format === 'table' && rows.length > 1) await printer.list(nodes, { items: rows });
  if (stats.missingNodes.length > 0) context.exitCode = exitCodes.partly;
}
