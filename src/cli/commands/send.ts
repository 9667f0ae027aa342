import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { listArg } from '../parsers.ts';
import { addMessageOptions } from '../send/flags.ts';
import { runSend, type SendFlags } from '../send/send.ts';
import { type TargetFlags, targetOf } from '../send/target.ts';

export function registerSend(program: Command, context: CliContext): void {
  const { summary, option, argument } = context.text;
  const command = program
    .command('send')
    .description(summary.send)
    .argument('[body]', argument.body)
    .option('--uid <uids>', option.uid, listArg)
    .option('--client <ids>', option.client, listArg)
    .option('--device <uid/device>', option.device)
    .option('--group <names>', option.group, listArg)
    .option('--all', option.all);
  addMessageOptions(command, context).action(async (body: string | undefined, flags: TargetFlags & SendFlags) => {
    await runSend(context, targetOf(flags, context.text), body, flags);
  });
  addExamples(command, context, [
    "send --uid alice 'hello'",
    `send --uid alice,bob --code 7 --msg greeting '{"text":"hello"}'`,
    'send --device alice/phone-1 --action order --content no=42 @body.txt',
    'send --group room1 --exclude alice -S shop --json < message.json -',
    'send --all --dry-run',
    "send --group room1 --count 1000 --rate 200/s 'hello'",
    'tail -F app.log | yunque send --all --stdin --allow-offline',
  ]);
}
