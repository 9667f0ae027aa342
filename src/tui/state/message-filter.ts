import type { TailCopy, TailQuery } from '../../api/tail.ts';

/** A filter of messages: what the nodes look for, and the words that are searched for among what they bring. */
export interface MessageFilter {
  readonly query: Pick<TailQuery, 'system' | 'client' | 'uid' | 'group' | 'direction'>;
  readonly words: string;
}

const fields = {
  system: 'system',
  client: 'client',
  clientid: 'client',
  cid: 'client',
  uid: 'uid',
  group: 'group',
  direction: 'direction',
} as const satisfies Record<string, keyof MessageFilter['query']>;

/**
 * What was typed: `system=`, `client=`, `uid=`, `group=` and `direction=in|out` are for the nodes, each once; all else is
 * searched for here. Never throws: half a condition is still only text.
 */
export function parseMessageFilter(text: string): MessageFilter {
  const query: { -readonly [F in keyof MessageFilter['query']]: string } = {};
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const [, name = '', value = ''] = /^([A-Za-z]+)=(.+)$/.exec(word) ?? [];
    const field = Object.hasOwn(fields, name.toLowerCase())
      ? fields[name.toLowerCase() as keyof typeof fields]
      : undefined;
    const isWay = value === 'in' || value === 'out';
    if (field === undefined || query[field] !== undefined || (field === 'direction' && !isWay)) words.push(word);
    else query[field] = value;
  }
  return { query: query as MessageFilter['query'], words: words.join(' ') };
}

/** Whether a copy that was not asked for so, as of a recording, is one of these. */
export function isAskedFor(copy: TailCopy, { system, client, uid, group, direction }: MessageFilter['query']): boolean {
  const { target } = copy;
  const isUser = () =>
    copy.uid === uid || (target?.to === 'device' && target.uid === uid) || listed(target, 'uids', uid);
  return (
    (system === undefined || copy.system === system) &&
    (direction === undefined || copy.direction === direction) &&
    (client === undefined || copy.cid === client || listed(target, 'ids', client)) &&
    (uid === undefined || isUser()) &&
    (group === undefined || listed(target, 'groups', group))
  );
}

function listed(target: TailCopy['target'], list: 'ids' | 'uids' | 'groups', name: string | undefined): boolean {
  const names = (target as Partial<Record<typeof list, readonly string[]>> | undefined)?.[list];
  return name !== undefined && names?.includes(name) === true;
}
