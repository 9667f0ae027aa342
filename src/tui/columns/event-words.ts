import { closeMeaning } from '../../api/close-code.ts';
import type { NodeEvent } from '../../api/event.ts';
import { formatAge, formatBytes, formatCount, formatMs } from '../../util/figures.ts';
import type { Tone } from '../draw/theme.ts';

/** How each kind of event looks: something came, something went, something is wrong, or it only happened. */
const eventLooks = {
  connected: { mark: '+', tone: 'ok' },
  bound: { mark: '+', tone: 'ok' },
  disconnected: { mark: '-', tone: 'muted' },
  joined: { mark: '+', tone: undefined },
  left: { mark: '-', tone: 'muted' },
  kicked: { mark: 'x', tone: 'warn' },
  replaced: { mark: 'x', tone: undefined },
  system_added: { mark: '+', tone: 'ok' },
  system_removed: { mark: '-', tone: 'warn' },
  key_rotated: { mark: '*', tone: undefined },
  key_removed: { mark: '-', tone: 'warn' },
  banned: { mark: 'x', tone: 'warn' },
  unbanned: { mark: '*', tone: undefined },
  node_joined: { mark: '+', tone: 'ok' },
  node_left: { mark: '-', tone: 'warn' },
  node_down: { mark: '!', tone: 'bad' },
  refused: { mark: '!', tone: 'warn' },
  paused: { mark: '!', tone: 'bad' },
  state: { mark: '*', tone: 'accent' },
} as const satisfies Record<NodeEvent['type'], { readonly mark: string; readonly tone: Tone | undefined }>;

/** Also of an event that this program does not know: nodes may be newer. */
export function looksOf({ type }: NodeEvent): { readonly mark: string; readonly tone: Tone | undefined } {
  return Object.hasOwn(eventLooks, type) ? eventLooks[type] : { mark: '*', tone: undefined };
}

/** Whom or what it is about; not printable yet. */
export function whoOf(event: NodeEvent): string {
  switch (event.type) {
    case 'connected':
    case 'bound':
    case 'disconnected':
    case 'joined':
    case 'left':
      return event.uid || event.clientId || `#${event.cid}`;
    case 'kicked':
    case 'replaced':
      return event.uid || `#${event.cid}`;
    case 'banned':
    case 'unbanned':
      return event.uid;
    case 'system_added':
    case 'system_removed':
      return event.system;
    case 'key_rotated':
    case 'key_removed':
      return `${event.system ?? 'operator'} ${event.role}`;
    case 'node_joined':
    case 'node_left':
    case 'node_down':
      return event.peer;
    case 'refused':
      return event.remoteAddress;
    case 'paused':
    case 'state':
      return event.node;
    default:
      return (event satisfies never as NodeEvent).node;
  }
}

/** What there is to say about it; not printable yet. */
export function whyOf(event: NodeEvent): string {
  switch (event.type) {
    case 'connected':
    case 'bound':
      return `${event.dialect} ${event.remoteAddress}`;
    case 'disconnected':
      return endOf(event);
    case 'joined':
    case 'left':
      return `group ${event.group}`;
    case 'kicked':
    case 'replaced':
      return event.reason;
    case 'banned':
      return `until ${new Date(event.until).toLocaleString('sv-SE')} ${event.reason}`.trimEnd();
    case 'unbanned':
    case 'system_added':
    case 'system_removed':
      return '';
    case 'key_rotated':
    case 'key_removed':
      return `key ${event.keyId}`;
    case 'node_joined':
    case 'node_left':
      return event.address;
    case 'node_down':
      return `lease ended, ${event.address}`;
    case 'refused':
      return `${event.error}: ${event.what}`;
    case 'paused':
      return `${event.cause} for ${formatMs(event.ms)}`;
    case 'state':
      return `${event.state}: ${event.reason}`;
    default:
      event satisfies never;
      return '';
  }
}

/** `4012 no_pong, after 3m12s, 812 delivered`: the code, its name, and how the connection stood. */
function endOf({ code, reason, end }: NodeEvent & { readonly type: 'disconnected' }): string {
  const { name, message } = closeMeaning(code, reason);
  const says = reason === '' || reason === message ? '' : `: ${reason}`;
  if (!end) return `${code} ${name}${says}`;
  return [
    `${code} ${name}${says}`,
    `after ${formatAge(end.ageSeconds)}`,
    `${formatCount(end.delivered)} delivered`,
    ...(end.dropped > 0 ? [`${formatCount(end.dropped)} dropped`] : []),
    ...(end.queueBytes > 0 ? [`${formatBytes(end.queueBytes)} waiting`] : []),
  ].join(', ');
}
