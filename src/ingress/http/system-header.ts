import { isUtf8 } from 'node:buffer';
import { YunqueError } from '../../api/errors.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
import type { Asked } from './gate.ts';
import type { HttpIngressOptions } from './options.ts';

interface NamedSystem {
  readonly system: string | undefined;
  readonly isText: boolean;
}

const none: NamedSystem = { system: undefined, isText: true };

/**
 * The SystemId header, undefined where it is missing or empty. Node reads headers as Latin-1; a name beyond ASCII is sent
 * as UTF-8, and one that is not (`isText` false) must not be taken for another system whose name looks like the bytes.
 */
export function readSystemHeader({ raw }: Asked): NamedSystem {
  const header = raw.headers['systemid'];
  if (typeof header !== 'string' || header === '') return none;
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? { system: bytes.toString('utf8'), isText: true } : { system: undefined, isText: false };
}

/** The system a request names: its key's, else that of its SystemId header. Throws `unknown_system`. */
export function namedSystem(request: Asked): string | undefined {
  const { system, isText } = readSystemHeader(request);
  if (!isText) throw new YunqueError('unknown_system', undefined, { hint: 'send its name as UTF-8' });
  return request.asker?.system ?? system;
}

/** The system a request of the yunque-socket or CIM family acts in: its key's, else its SystemId header, else `default`. */
export function systemOf(options: HttpIngressOptions, request: Asked): Awaitable<string> {
  const system = namedSystem(request);
  if (system !== undefined) return existing(options, system);
  if (!options.systemsRequired) return 'default';
  throw new YunqueError('system_required', undefined, { hint: 'name it in the SystemId header' });
}

export function existing(options: HttpIngressOptions, system: string): Awaitable<string> {
  return after(options.systemExists(system), (exists) => {
    if (exists) return system;
    throw new YunqueError('unknown_system', undefined, { hint: 'POST /api/register or yunque system add makes one' });
  });
}
