import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';

export function registerStop(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('stop')
    .description(summary.stop)
    .option('--now', option.stopNow)
    .action(async ({ now = false }: { readonly now?: boolean }) => {
      const { line } = context.text;
      if (context.globals.system !== undefined) throw new CliError(line.stopIsOfNode);
      const isTimeoutGiven = program.getOptionValueSource('timeout') !== 'default';
      const { stopNode } = await import('../stop.ts');
      await stopNode(context, { now, timeoutMs: isTimeoutGiven ? context.globals.timeout : undefined });
    });
  addExamples(command, context, ['stop', 'stop --now -s 7001', 'stop --timeout 1m']);
}
