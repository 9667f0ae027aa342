import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { askNode } from '../asked-node.ts';
import { CliError } from '../cli-error.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { rateArg } from '../parsers.ts';

/** A large heap takes its time. */
const snapshotTimeoutMs = 600_000;

export function registerNode(program: Command, context: CliContext): void {
  const { summary, argument, option, line } = context.text;
  const group = addGroup(program, context, 'node');
  group
    .command('ls')
    .description(summary['node ls'])
    .action(async () => {
      const stats = await (await context.client()).stats();
      const { nodeRowsOf } = await import('../stats/snapshot.ts');
      const { nodeListing } = await import('../node-listings.ts');
      await (await context.printer()).list(nodeListing, {
        items: nodeRowsOf(stats),
        total: stats.nodes.length + stats.missingNodes.length,
      });
      if (stats.missingNodes.length === 0) return;
      context.exitCode = exitCodes.partly;
      context.note(line.noAnswerFrom(stats.missingNodes.join(' ')));
    });
  group
    .command('show')
    .description(summary['node show'])
    .argument('[node]', argument.node)
    .action(async (id: string | undefined) => {
      const client = await context.client();
      const named = id ?? (await client.version()).node;
      const node = await askNode(context, named, () => client.node(named));
      const { healthText, nodeLines } = await import('../stats/snapshot.ts');
      const { nodeListing } = await import('../node-listings.ts');
      const health = ['health', healthText(node.health)] as const;
      await (await context.printer()).record(nodeListing.rowSchema, node, { shown: [health, ...nodeLines(node)] });
    });
  group
    .command('ping')
    .description(summary['node ping'])
    .argument('[nodes...]', argument.nodes)
    .action(async (ids: string[]) => {
      const { pingNodes } = await import('../ping-nodes.ts');
      await pingNodes(context, ids);
    });
  group
    .command('drain')
    .description(summary['node drain'])
    .argument('[node]', argument.node)
    .option('--rate <n/s>', option.drainRate, rateArg)
    .action(async (node: string | undefined, { rate }: { readonly rate?: number }) => {
      const isTimeoutGiven = program.getOptionValueSource('timeout') !== 'default';
      const { drainNode } = await import('../drain-node.ts');
      await drainNode(context, {
        node,
        perSecond: rate,
        timeoutMs: isTimeoutGiven ? context.globals.timeout : undefined,
      });
    });
  group
    .command('resume')
    .description(summary['node resume'])
    .argument('[node]', argument.node)
    .action(async (id: string | undefined) => {
      const client = await context.client();
      const named = id ?? (await client.version()).node;
      const { node, wasDrained } = await askNode(context, named, () => client.resumeNode(named));
      await (await context.printer()).record('yunque.resumed/1', { node, wasDrained });
      if (!wasDrained) context.note(line.wasNotDrained(node));
    });
  group
    .command('heap-snapshot')
    .description(summary['node heap-snapshot'])
    .action(async () => {
      if (context.globals.system !== undefined) throw new CliError(line.heapIsOfNode);
      const client = await context.client();
      await confirm(context, line.heapSnapshot(client.where));
      const isTimeoutGiven = program.getOptionValueSource('timeout') !== 'default';
      const timeoutMs = isTimeoutGiven ? context.globals.timeout : snapshotTimeoutMs;
      const printer = await context.printer();
      await printer.record('yunque.heap-snapshot/1', await client.heapSnapshot({ timeoutMs }));
      context.note(line.heapSnapshotIsSecret);
    });
  addExamples(group, context, [
    'node ls',
    'node show',
    'node ping',
    'node drain n2 --rate 200/s',
    'node resume n2',
    'node drain n2 --dry-run',
    'node heap-snapshot --yes -s 7001',
  ]);
}
