import type { ListKeysCommand, RemoveKeyCommand, RotateKeyCommand } from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import type { KeyGrant, KeyInfo, KeyRotation, KeyRow } from '../api/keys.ts';
import { keyFields } from '../api/list-fields.ts';
import type { Page } from '../api/listing.ts';
import type { NodeContext } from './node-context.ts';
import { queryRows } from './query-rows.ts';
import { requireSystem } from './require-system.ts';
import type { RowShape } from './row-order.ts';

const shape: RowShape<KeyRow> = { key: ['id'], fields: keyFields, search: ['id', 'system', 'role'] };

export async function handleRotateKey(node: NodeContext, command: RotateKeyCommand): Promise<KeyRotation> {
  const { grant, now = false, ttlMs } = command;
  if (grant.owner === 'system') await requireSystem(node, grant.system);
  const createdAt = Date.now();
  const end = ttlMs === undefined ? {} : { expiresAt: createdAt + ttlMs };
  const rotation = await node.keys.rotate(grant, { now, createdAt, ...end });
  const { info, removed } = rotation;
  node.events.emit({ type: 'key_rotated', ...ownerOf(grant), role: info.role, keyId: info.id, removed });
  return rotation;
}

export async function handleRemoveKey(node: NodeContext, { id }: RemoveKeyCommand): Promise<KeyInfo> {
  const removed = await node.keys.remove(id);
  if (removed === undefined) {
    const hint = '`yunque key ls` shows the ids of those there are';
    throw new YunqueError('unknown_key', `no such key: ${id}`, { field: 'id', hint });
  }
  node.events.emit({ type: 'key_removed', ...ownerOf(removed), role: removed.role, keyId: id });
  return removed;
}

export async function handleListKeys(node: NodeContext, { query }: ListKeysCommand): Promise<Page<KeyRow>> {
  const { system } = query;
  if (system !== undefined) await requireSystem(node, system);
  return queryRows(await node.keys.list(system === undefined ? undefined : { owner: 'system', system }), shape, query);
}

function ownerOf(grant: KeyGrant): { readonly system?: string } {
  return grant.owner === 'system' ? { system: grant.system } : {};
}
