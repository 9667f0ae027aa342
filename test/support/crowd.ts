import type { TestNode } from './node.ts';
import { join, type WsClient } from './ws-clients.ts';
import type { DialectName } from './ws-decode.ts';

interface Member {
  readonly dialect: DialectName;
  readonly uid?: string;
  readonly channel?: string;
  readonly deviceId?: string;
  readonly groups?: readonly string[];
}

/**
 * Three clients of each dialect. alice has a phone and two tabs of one browser, bob a phone and two tabs, carol a phone and
 * a PC, dave a Mac; `red` and `blue` are groups of connections, `green` was joined by bob and dave as users.
 */
export const crowd = {
  j1: { dialect: 'json', groups: ['red'] },
  j2: { dialect: 'json', groups: ['blue'] },
  j3: { dialect: 'json' },
  y1: { dialect: 'yunque', uid: 'alice', channel: 'android', deviceId: 'a-phone', groups: ['red', 'blue'] },
  y2: { dialect: 'yunque', uid: 'bob', channel: 'web', deviceId: 'b-browser' },
  y3: { dialect: 'yunque', uid: 'carol', channel: 'windows', deviceId: 'c-pc' },
  c1: { dialect: 'cim', uid: 'alice', channel: 'web', deviceId: 'a-browser' },
  c2: { dialect: 'cim', uid: 'bob', channel: 'ios', deviceId: 'b-phone', groups: ['red'] },
  c3: { dialect: 'cim', uid: 'dave', channel: 'mac', deviceId: 'd-mac' },
  s1: { dialect: 'cim-json', uid: 'alice', channel: 'web', deviceId: 'a-browser' },
  s2: { dialect: 'cim-json', uid: 'bob', channel: 'web', deviceId: 'b-browser', groups: ['blue'] },
  s3: { dialect: 'cim-json', uid: 'carol', channel: 'android', deviceId: 'c-phone', groups: ['red'] },
} as const satisfies Record<string, Member>;

export type Name = keyof typeof crowd;
export type Crowd = Readonly<Record<Name, WsClient>>;

export const names = Object.keys(crowd) as Name[];

/** The crowd at once in one system, every one of them with its cid known, in its groups. */
export async function gather(node: TestNode, system: string): Promise<Crowd> {
  const entries = await Promise.all(
    Object.entries(crowd as Readonly<Record<string, Member>>).map(async ([name, member]) => {
      const { uid = '', channel = '', deviceId = '' } = member;
      const bind = { uid, channel, deviceId, deviceName: `${name}'s` };
      const client = await join(node, member.dialect, { system, bind });
      const row = await node.admin.connection(client.ref, { system });
      client.cid = row.cid;
      client.clientId = row.clientId;
      return [name, client] as const;
    }),
  );
  const clients = Object.fromEntries(entries) as Crowd;
  for (const group of ['red', 'blue']) {
    const members = Object.entries(crowd as Readonly<Record<string, Member>>).filter(([, { groups }]) =>
      groups?.includes(group),
    );
    await node.admin.join(group, { system, ids: members.map(([name]) => clients[name as Name].ref) });
  }
  await node.admin.join('green', { system, uids: ['bob', 'dave'] });
  return clients;
}
