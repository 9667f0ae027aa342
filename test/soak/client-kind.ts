import type { DialectName } from '../support/ws-decode.ts';

/**
 * What a client does all its lives long: `plain` ones come, listen and leave; `slow` ones stop reading for a while; `mute` ones
 * never bind; `hasty` ones vanish in the middle of an upgrade or a frame; `twin` ones take each other's login away.
 */
export type ClientKind = 'plain' | 'slow' | 'mute' | 'hasty' | 'twin';

const binding = ['yunque', 'cim', 'cim-json'] as const;
const all = ['json', ...binding] as const;

export interface Role {
  readonly kind: ClientKind;
  readonly dialect: DialectName;
  /** Empty for `json`, which does not bind. */
  readonly uid: string;
  readonly deviceId: string;
}

export function roleOf(slot: number): Role {
  const kind = kindOf(slot);
  const dialect = kind === 'plain' ? (all[slot % all.length] ?? 'json') : (binding[slot % binding.length] ?? 'yunque');
  const uid = kind === 'twin' ? `twin-${Math.floor(slot / 20)}` : `${kind}-${slot}`;
  return { kind, dialect, uid: dialect === 'json' ? '' : uid, deviceId: kind === 'twin' ? 'phone' : `d-${slot}` };
}

function kindOf(slot: number): ClientKind {
  if (slot % 200 === 7) return 'slow';
  if (slot % 200 === 13) return 'mute';
  if (slot % 50 === 21) return 'hasty';
  return slot % 20 === 3 || slot % 20 === 4 ? 'twin' : 'plain';
}

/** Close codes that each kind may meet without anything being wrong; 1006 is an end without a close frame. */
export const expectedCloses: Readonly<Record<ClientKind, readonly number[]>> = {
  plain: [],
  slow: [4008, 4012, 1006],
  mute: [4002],
  hasty: [],
  twin: [4005],
};
