import { type Command, Option } from 'commander';
import {
  type ApiFlags,
  addClientOptions,
  addLoadOptions,
  addMessageOptions,
  addSendingOptions,
  type ClientFlags,
  type MessageFlags,
} from '../bench/flags.ts';
import type { MessageScenario } from '../bench/messages.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';
import { integerArg } from '../parsers.ts';

export function registerBench(program: Command, context: CliContext): void {
  const { summary, option, argument } = context.text;
  const group = addGroup(program, context, 'bench');
  const run = (scenario: MessageScenario) => async (flags: MessageFlags) => {
    const { runMessageBench } = await import('../bench/messages.ts');
    await runMessageBench(context, scenario, flags);
  };
  const named = (name: 'fanout' | 'unicast' | 'group' | 'connect' | 'api') =>
    group.command(name).description(summary[`bench ${name}`]);

  addMessageOptions(named('fanout'), context).action(run('fanout'));
  addMessageOptions(named('unicast'), context).action(run('unicast'));
  addMessageOptions(named('group'), context)
    .option('--groups <n>', option.benchGroups, integerArg(1, 100_000))
    .option('--outsiders <n>', option.benchOutsiders, integerArg(0, 100_000))
    .action(run('group'));
  addClientOptions(named('connect'), context).action(async (flags: ClientFlags) => {
    const { runConnectBench } = await import('../bench/connect.ts');
    await runConnectBench(context, flags);
  });
  addSendingOptions(addLoadOptions(named('api'), context), context)
    .argument('[path]', argument.benchPath, '/send')
    .addOption(new Option('--method <name>', option.benchMethod).choices(['GET', 'POST']).default('POST'))
    .option('--data <body>', option.benchData)
    .action(async (path: string, flags: ApiFlags) => {
      const { runApiBench } = await import('../bench/api.ts');
      await runApiBench(context, path, flags);
    });
  addExamples(group, context, [
    'bench fanout --clients 1000 --rate 40 --duration 30s',
    'bench unicast --clients 5000 --rate 2000 --batch 100 --dialect yunque',
    "bench group --groups 100 --in-flight 8 --assert 'p99<50ms,deliveries>=100000'",
    'bench connect --clients 10000 --rate 1000 --secret-file token.secret -S shop',
    'bench api /getOnlineUser --method GET --json',
    'bench fanout --ws-url ws://10.0.0.5:666 --http-url http://10.0.0.5:666',
  ]);
}
