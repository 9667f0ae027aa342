import type { PreviewRequest } from '../../api/preview.ts';
import type { Target } from '../../api/target.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';

/** So many connections get a message without a question. */
const unasked = 10_000;
/** Of so many names it is asked how many connections they have. */
const manyNames = 1000;

/** Asks before a message goes to more than 10,000 connections; without a terminal it is refused, unless `--yes` is there. Throws as `confirm` does. */
export async function confirmCrowd(context: CliContext, request: PreviewRequest): Promise<void> {
  if (context.globals.yes === true || !mayBeCrowd(request.target)) return;
  const client = await context.client();
  const { matched } = await client.previewSend(request);
  if (matched > unasked) await confirm(context, context.text.line.sendToMany(matched));
}

function mayBeCrowd(target: Target): boolean {
  switch (target.to) {
    case 'system':
    case 'groups':
      return true;
    case 'users':
      return target.uids.length >= manyNames;
    case 'connections':
    case 'userConnections':
      return target.ids.length > unasked;
    case 'device':
      return false;
    default:
      return target satisfies never;
  }
}
