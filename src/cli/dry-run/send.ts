import { defaultSystem } from '../../api/system.ts';
import type { Target } from '../../api/target.ts';
import type { CliContext } from '../context.ts';
import { messageOf } from '../send/message.ts';
import { exitOfReceipt } from '../send/outcome.ts';
import { readSend, type SendFlags } from '../send/send.ts';
import { type TargetFlags, targetOf } from '../send/target.ts';
import { printPlan, readingClient } from './plan.ts';

export async function planSend(
  context: CliContext,
  body: string | undefined,
  flags: TargetFlags & SendFlags,
): Promise<void> {
  await planMessage(context, 'send', targetOf(flags, context.text), body, flags);
}

export async function planGroupSend(
  context: CliContext,
  group: string,
  body: string | undefined,
  flags: SendFlags,
): Promise<void> {
  await planMessage(context, 'group send', { to: 'groups', groups: [group] }, body, flags);
}

/** Who would get it. A body is not needed; one that is given is looked at. */
async function planMessage(
  context: CliContext,
  command: string,
  target: Target,
  body: string | undefined,
  flags: SendFlags,
): Promise<void> {
  const { preview: request, text } = await readSend(context, target, body, flags);
  if (body !== undefined) messageOf(flags, text, context.text);
  const client = await readingClient(context);
  const preview = await client.previewSend(request);
  const { matched, nodes, dialects, offline = [], unknown = [], missingNodes } = preview;
  const { system = defaultSystem } = request;
  await printPlan(context, {
    command,
    would: matched > 0 ? [{ do: 'send', connections: matched, system }] : [],
    affected: { connections: matched },
    nodes,
    dialects,
    unknown: [...offline, ...unknown],
    missingNodes,
    exit: exitOfReceipt({ ...preview, dropped: {} }, flags),
  });
}
