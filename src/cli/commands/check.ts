import { type Command, InvalidArgumentError, Option } from 'commander';
import { dialects } from '../../api/dialect.ts';
import { type CheckFlags, checkFormats, runCheck } from '../check/check.ts';
import { parseThresholds, type Threshold, usualThresholds } from '../check/thresholds.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { intervalArg } from '../parsers.ts';

export function registerCheck(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('check')
    .description(summary.check)
    .option('--warn <conditions>', option.checkWarn(usualThresholds.warn), thresholdsArg)
    .option('--critical <conditions>', option.checkCritical(usualThresholds.critical), thresholdsArg)
    .addOption(new Option('--format <format>', option.checkFormat).choices(checkFormats))
    .addOption(new Option('--interval <duration>', option.checkInterval).argParser(intervalArg).default(1000, '1s'))
    .option('--no-probe', option.noProbe)
    .option('--ws-url <url>', option.checkWsUrl)
    .addOption(new Option('--dialect <name>', option.checkDialect).choices(dialects))
    .option('--uid <uid>', option.checkUid)
    .option('--token-file <file>', option.tokenFile)
    .action(async (flags: CheckFlags) => await runCheck(context, flags));
  addExamples(command, context, [
    'check',
    "check -s https://push.example.com --key-file ops.key --warn 'probe<50ms,lag<50ms' --critical 'nodes>=3,connections>100'",
    'check --no-probe --json',
    'check --format prometheus > yunque.prom.new; mv yunque.prom.new /var/lib/prometheus/node-exporter/yunque.prom',
  ]);
}

function thresholdsArg(text: string, before: readonly Threshold[] | undefined): readonly Threshold[] {
  try {
    return [...(before ?? []), ...parseThresholds(text)];
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
