import type { Dialect } from '../../api/dialect.ts';
import { callEach } from '../../load/call-each.ts';
import { asciiJson, isSuccess, postWriter } from '../../load/doors.ts';
import { CliError } from '../cli-error.ts';
import type { Place } from './place.ts';

/** Ids in one request; nodes take 1000 by default. */
const idsEach = 500;
const atATime = 8;

export interface GroupMember {
  /** Index in the names of groups. */
  readonly group: number;
  /** A uid, or a connection's id. */
  readonly id: string;
}

/** Puts each member into its group. Throws `CliError` where the server does not let it. */
export async function joinGroups(
  place: Place,
  dialect: Dialect,
  names: readonly string[],
  members: readonly GroupMember[],
): Promise<void> {
  const { admin, system } = place;
  if (admin === undefined) return await bindEach(place, names, members);
  const idsOf = names.map((): string[] => []);
  for (const { group, id } of members) idsOf[group]?.push(id);
  for (const [group, ids] of idsOf.entries()) {
    for (let at = 0; at < ids.length; at += idsEach) {
      const some = ids.slice(at, at + idsEach);
      await admin.join(names[group] ?? '', { system, ...(dialect === 'json' ? { ids: some } : { uids: some }) });
    }
  }
}

/** In a system that stays; that of the run's own is removed whole. */
export async function removeGroups({ admin, system, prefix }: Place, names: readonly string[]): Promise<void> {
  if (admin === undefined || system === prefix) return;
  for (const name of names) await admin.removeGroup(name, { system }).catch(() => {});
}

/** go-websocket's own call takes one client. */
async function bindEach({ api }: Place, names: readonly string[], members: readonly GroupMember[]): Promise<void> {
  const write = postWriter(api);
  const requests = members.map(({ group, id }) =>
    write('/api/bind_to_group', `{"clientId":${asciiJson(id)},"groupName":${asciiJson(names[group])}}`),
  );
  const answers = await callEach(api.endpoint, requests, atATime);
  const bad = answers.find((answer) => answer === undefined || !isSuccess(answer));
  if (answers.some((answer) => answer === undefined || !isSuccess(answer)))
    throw new CliError(`the server did not put clients into groups: ${bad?.body.slice(0, 200) ?? 'no answer'}`, {
      exit: 1,
    });
}

/** go-websocket knows only systems that were registered; one that is already is as good. */
export async function registerSystem({ api, system }: Place): Promise<void> {
  const request = postWriter(api)('/api/register', `{"systemId":${asciiJson(system)}}`);
  await callEach(api.endpoint, [request], 1);
}
