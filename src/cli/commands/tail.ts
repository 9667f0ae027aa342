import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { durationArg, integerArg, rateArg } from '../parsers.ts';
import type { TailFlags } from '../tail/tail.ts';

export function registerTail(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('tail')
    .description(summary.tail)
    .option('--client <id>', option.tailClient)
    .option('--uid <uid>', option.tailUid)
    .option('--group <group>', option.tailGroup)
    .addOption(new Option('--direction <way>', option.tailDirection).choices(['in', 'out']))
    .option('--sample <share>', option.tailSample, shareArg)
    .option('--rate <n/s>', option.tailRate, copyRateArg)
    .option('--redact', option.tailRedact)
    .option('--count <n>', option.tailCount, integerArg(1))
    .option('--duration <time>', option.tailDuration, durationArg)
    .action(async (flags: TailFlags) => {
      const { runTail } = await import('../tail/tail.ts');
      await runTail(context, flags);
    });
  addExamples(command, context, [
    'tail --uid alice',
    'tail -S shop --group room-1 --direction in',
    'tail --sample 1% --rate 20/s --redact',
    'tail --client 4294967297 --count 1 --duration 10s --json',
  ]);
}

/** `0.1`, `1/10` or `10%` → 0.1. */
function shareArg(text: string): number {
  const [, number = '', rest = ''] = /^(\d+(?:\.\d+)?)(%|\/\d+)?$/.exec(text) ?? [];
  const share = Number(number) / (rest === '' ? 1 : rest === '%' ? 100 : Number(rest.slice(1)));
  if (number !== '' && share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Write a share above 0 and up to 1, such as 0.1, 1/10 or 10%.');
}

const mostPerSecond = 10_000;

function copyRateArg(text: string): number {
  const perSecond = rateArg(text);
  if (perSecond <= mostPerSecond) return perSecond;
  throw new InvalidArgumentError(`Write ${mostPerSecond}/s or less.`);
}
