import { type ListQuery, type Page, pageSize } from '../../api/listing.ts';
import { findLocalNodes } from '../../client/local-nodes.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import type { CliContext } from '../context.ts';
import { readContexts } from '../contexts/contexts-file.ts';
import type { LiveKind } from './live-kinds.ts';

/** More than anybody reads. */
const mostNames = 200;

/**
 * The names of a kind that begin with what has been typed; of a list, with what stands behind its last comma. Nodes leave out the other rows themselves. Names that no terminal
 * shows as they are, and those that would be read as an option or as two of a list, are not among them. Rejects as the client does.
 */
export async function liveNames(context: CliContext, kind: LiveKind, typed: string): Promise<readonly string[]> {
  const isList = kind.endsWith('-list');
  const begin = isList ? typed.lastIndexOf(',') + 1 : 0;
  const prefix = typed.slice(begin);
  const names = await namesOf(context, kind.replace(/-list$/, '') as PlainKind, prefix);
  return [...new Set(names)]
    .filter((name) => name.startsWith(prefix) && isTypeable(name) && !(isList && name.includes(',')))
    .slice(0, mostNames)
    .map((name) => typed.slice(0, begin) + name);
}

type PlainKind = Exclude<LiveKind, `${string}-list`>;

async function namesOf(context: CliContext, kind: PlainKind, prefix: string): Promise<readonly string[]> {
  if (kind === 'contexts') return [...(await readContexts(context.env)).byName.keys()];
  if (kind === 'servers') return (await findLocalNodes(context.env)).map(({ port }) => String(port));
  const client = await context.client();
  const { system } = context.globals;
  const page = async <T>(ask: (query: ListQuery) => Promise<Page<T>>, field: keyof T & string) => {
    const where = prefix === '' ? undefined : [{ field, op: '~' as const, value: prefix }];
    const { items } = await ask({
      limit: pageSize.largest,
      ...(where !== undefined && { where }),
      ...(system !== undefined && { system }),
    });
    return items.map((item) => String(item[field]));
  };
  switch (kind) {
    case 'groups':
      return page(client.groups, 'group');
    case 'users':
      return page(client.users, 'uid');
    case 'clients':
      return page(client.connections, 'cid');
    case 'systems':
      return page(client.systems, 'system');
    case 'keys':
      return page(client.keys, 'id');
    case 'bans':
      return page(client.bans, 'uid');
    case 'nodes': {
      const { nodes, missingNodes } = await client.stats();
      return [...nodes.map(({ node }) => node), ...missingNodes];
    }
    default:
      return kind satisfies never;
  }
}

function isTypeable(name: string): boolean {
  return name !== '' && !name.startsWith('-') && sanitizeLine(name) === name;
}
