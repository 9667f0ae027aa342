import { YunqueError } from '../api/errors.ts';
import { probeSystem } from '../api/system.ts';
import type { NodeContext } from './node-context.ts';

export interface NameLimits {
  readonly limits: Pick<NodeContext['limits'], 'idBytes'>;
}

/** Throws `unknown_system` unless it exists. */
export async function requireSystem(node: NodeContext, system: string): Promise<void> {
  if (!(await node.systems.has(system))) throw new YunqueError('unknown_system', undefined, { field: 'system' });
}

/** Throws `bad_request` unless `id` may name a system, user or group: not empty, not too long, no control characters. */
export function requireId(node: NameLimits, field: string, id: string): void {
  if (id === '') throw new YunqueError('bad_request', `${field} must not be empty`, { field });
  const bytes = Buffer.byteLength(id);
  const { idBytes } = node.limits;
  if (bytes > idBytes)
    throw new YunqueError('bad_request', `${field} has ${bytes} bytes; at most ${idBytes} are allowed`, { field });
  if (!id.isWellFormed()) throw new YunqueError('bad_request', `${field} holds half a surrogate pair`, { field });
  if (/\p{Cc}/u.test(id)) throw new YunqueError('bad_request', `${field} has a control character`, { field });
}

/** As `requireId`; names with a dollar in front are yunque's own. */
export function requireSystemId(node: NameLimits, id: string): void {
  requireId(node, 'systemId', id);
  if (id === probeSystem || id.startsWith('$')) {
    throw new YunqueError('bad_request', 'systemId must not begin with "$"', { field: 'systemId' });
  }
}
