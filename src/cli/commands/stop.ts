import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { durationArg } from '../parsers.ts';

interface StopFlags {
  readonly now?: boolean;
  /** Milliseconds. */
  readonly drain?: number;
}

export function registerStop(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('stop')
    .description(summary.stop)
    .addOption(new Option('--now', option.stopNow).conflicts('drain'))
    .option('--drain <duration>', option.stopDrain, durationArg)
    .action(async ({ now = false, drain }: StopFlags) => {
      const { line } = context.text;
      if (context.globals.system !== undefined) throw new CliError(line.stopIsOfNode);
      const isTimeoutGiven = program.getOptionValueSource('timeout') !== 'default';
      const { stopNode } = await import('../stop.ts');
      await stopNode(context, { now, drainMs: drain, timeoutMs: isTimeoutGiven ? context.globals.timeout : undefined });
    });
  addExamples(command, context, ['stop', 'stop --now -s 7001', 'stop --drain 2m', 'stop --dry-run']);
}
