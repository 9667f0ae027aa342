import type { Dialect } from '../api/dialect.ts';
import type { HttpAnswer } from './http-lane.ts';
import { markLength } from './marker.ts';
import type { Outgoing } from './sender.ts';

/** Whom a message of a scenario is for: everyone in the system, a group, a user, or a connection by the id the server gave it. */
export type Audience = 'everyone' | 'group' | 'user' | 'connection';

export interface RequestHead {
  /** For the Host header. */
  readonly host: string;
  /** Before every path, without a slash at its end. */
  readonly prefix: string;
  readonly system: string;
  /** Sent as `Authorization: Bearer`. */
  readonly key?: string | undefined;
}

export interface DoorOptions extends RequestHead {
  readonly audience: Audience;
  /** Of the targets: groups, users or connections; `everyone` has one without a name. */
  readonly names: readonly string[];
  /** Of the text that carries the mark, at least `markLength`. */
  readonly size: number;
}

/** How messages are put into HTTP requests. */
export interface Door {
  requestFor(messages: readonly Outgoing[]): { readonly text: string; readonly requests: number };
  isTaken(answer: HttpAnswer): boolean;
}

export type DoorKind = 'go-websocket' | 'yunque-socket' | 'cim' | 'admin';

/** The family of a yunque node that fits the dialect and can say whom the message is for: groups only go-websocket's can. */
export function doorFor(dialect: Dialect, audience: Audience): DoorKind {
  if (dialect === 'json' || audience === 'group' || audience === 'connection') return 'go-websocket';
  return dialect === 'yunque' || audience === 'everyone' ? 'yunque-socket' : 'cim';
}

/** The same of a server that has no more than the API of its own kind; undefined where that cannot say whom the message is for. */
export function foreignDoorFor(dialect: Dialect, audience: Audience): DoorKind | undefined {
  if (dialect === 'json') return audience === 'group' || audience === 'connection' ? 'go-websocket' : undefined;
  if (dialect === 'yunque') return audience === 'user' || audience === 'everyone' ? 'yunque-socket' : undefined;
  return audience === 'user' ? 'cim' : undefined;
}

export function createDoor(kind: DoorKind, options: DoorOptions): Door {
  const padding = 'x'.repeat(Math.max(0, options.size - markLength));
  const writePost = postWriter(options);
  const names = options.names.map(asciiJson);
  const one = requestOf(kind, options, names, padding);
  const isList = kind === 'yunque-socket' && options.audience === 'user';
  return {
    isTaken: isSuccess,
    requestFor(messages) {
      if (!isList || messages.length === 1) {
        return { text: messages.map((each) => writePost(...one(each))).join(''), requests: messages.length };
      }
      const list = messages.map((each) => messageProto(names[each.target], each.mark + padding)).join(',');
      return { text: writePost('/send/sendList', `[${list}]`), requests: 1 };
    },
  };
}

/** Refusals have a status of their own, but for go-websocket's: code -1 under 200. */
export function isSuccess({ status, body }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && !/^\s*\{"code":-/.test(body);
}

/** Whole POST requests; bodies are ASCII. */
export function postWriter({ host, key, system, prefix }: RequestHead): (path: string, body: string) => string {
  const credential = key === undefined ? '' : `Authorization: Bearer ${key}\r\n`;
  // Bytes of UTF-8, for what is written as Latin-1.
  const systemId = Buffer.from(system).toString('latin1');
  const head =
    ` HTTP/1.1\r\nHost: ${host}\r\n${credential}SystemId: ${systemId}\r\n` +
    'Content-Type: application/json\r\nContent-Length: ';
  return (path, body) => `POST ${prefix}${path}${head}${body.length}\r\n\r\n${body}`;
}

type OneRequest = (message: Outgoing) => [path: string, body: string];

function requestOf(
  kind: DoorKind,
  { audience, names, system }: DoorOptions,
  quoted: readonly string[],
  padding: string,
): OneRequest {
  switch (kind) {
    case 'go-websocket': {
      const [path, field] = goWebsocketPaths[audience];
      const push = (mark: string) => `"sendUserId":"bench","code":0,"msg":"bench","data":"${mark}${padding}"}`;
      if (field === undefined) return ({ mark }) => [path, `{${push(mark)}`];
      return ({ mark, target }) => [path, `{"${field}":${quoted[target]},${push(mark)}`];
    }
    case 'yunque-socket': {
      const path = audience === 'everyone' ? '/send/all' : '/send';
      return ({ mark, target }) => [path, messageProto(quoted[target], mark + padding)];
    }
    case 'cim': {
      const paths = names.map(
        (name) => `/api/message/send?sender=bench&action=bench&receiver=${encodeURIComponent(name)}&content=`,
      );
      return ({ mark, target }) => [`${paths[target]}${mark}${padding}`, ''];
    }
    case 'admin': {
      const targets = quoted.map((name) => `{"system":${asciiJson(system)},"target":${adminTarget(audience, name)}`);
      return ({ mark, target }) => [
        '/admin/v1/send',
        `${targets[target]},"push":{"sendUserId":"bench","code":0,"msg":"bench","data":"${mark}${padding}"}}`,
      ];
    }
    default:
      return kind satisfies never;
  }
}

const goWebsocketPaths: Readonly<Record<Audience, readonly [path: string, field?: string]>> = {
  everyone: ['/api/send_to_system'],
  group: ['/api/send_to_group', 'groupName'],
  user: ['/api/send_to_client', 'clientId'],
  connection: ['/api/send_to_client', 'clientId'],
};

function adminTarget(audience: Audience, quotedName: string): string {
  switch (audience) {
    case 'everyone':
      return '{"to":"system"}';
    case 'group':
      return `{"to":"groups","groups":[${quotedName}]}`;
    case 'user':
      return `{"to":"users","uids":[${quotedName}]}`;
    case 'connection':
      return `{"to":"connections","ids":[${quotedName}]}`;
    default:
      return audience satisfies never;
  }
}

function messageProto(quotedReceiver: string | undefined, text: string): string {
  return `{"action":"bench","sender":"bench","receiver":${quotedReceiver ?? '""'},"content":{"data":"${text}"}}`;
}

/** JSON text whose length in characters is that in bytes. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
