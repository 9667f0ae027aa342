import { type Dialect, subprotocols } from '../../api/dialect.ts';
import { type Query, readQuery } from './query.ts';

/** What an upgrade request asks for. `subprotocol` is to be confirmed to the client. */
export interface UpgradeTarget {
  readonly dialect: Dialect;
  readonly subprotocol: string | undefined;
  readonly query: Query;
}

/**
 * The dialect of a request: that of the first subprotocol we know, else that of its path, else none. `/` and `//x/../` are
 * taken as they are written: nothing is decoded or resolved.
 */
export function upgradeTarget(
  url: string,
  offered: string | undefined,
  paths: Readonly<Record<string, Dialect>>,
): UpgradeTarget | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = readQuery(mark < 0 ? '' : url.slice(mark + 1));
  const subprotocol = offered
    ?.split(',', 16)
    .map((name) => name.trim())
    .find((name) => Object.hasOwn(subprotocols, name));
  const byPath = Object.hasOwn(paths, path) ? paths[path] : undefined;
  const dialect = (subprotocol !== undefined ? subprotocols[subprotocol] : undefined) ?? byPath;
  // A subprotocol chooses among dialects, not whether there is a WebSocket at this path.
  return dialect === undefined || byPath === undefined ? undefined : { dialect, subprotocol, query };
}
