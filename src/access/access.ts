import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../api/errors.ts';
import type { Principal } from '../api/principal.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { SentFrom } from '../util/client-address.ts';
import type { TokenUser } from './tokens/tokens.ts';

/**
 * What a request may ask for, each judged by its own credential; configuring one never opens another.
 * `read` lists and online questions of a system, `push` messages and groups, `close` connections, `register` systems; `login` the demo
 * accounts; `inspect`, `operate` and `administer` are the admin API's three roles; `metrics` the figures.
 */
export type Privilege =
  | 'read'
  | 'push'
  | 'close'
  | 'register'
  | 'login'
  | 'inspect'
  | 'operate'
  | 'administer'
  | 'metrics';

/** `hint` names the option, or the credential, that would allow it. */
export interface Refused {
  readonly allowed: false;
  readonly code: Extract<
    ErrorCode,
    'unauthorized' | 'forbidden' | 'token_expired' | 'unavailable' | 'too_many_requests'
  >;
  readonly message: string;
  readonly hint: string;
  /** More exact, for the operator's log: never told to whoever asked. */
  readonly detail?: string;
  /** When asking again may help, where that is known. */
  readonly retryAfterSeconds?: number;
}

/** `system`: the only one the credential is good for; undefined: the request says which. */
export type Judgement =
  | { readonly allowed: true; readonly principal: Principal; readonly system: string | undefined }
  | Refused;

export interface ConnectRequest {
  /** From the URL, if any; without a token's word for it, it is `default`. */
  readonly system: string | undefined;
  readonly token: string | undefined;
  /** The dialect has a bind of its own, which may bring the token. */
  readonly bindsLater: boolean;
  /** Asked for where the judgement is waited for; aborted: nobody waits for it any more. */
  readonly signalOf?: () => AbortSignal;
}

/** `user`: whom the token named, bound at once. */
export type ConnectJudgement =
  | { readonly allowed: true; readonly system: string; readonly user: TokenUser | undefined }
  | Refused;

/** `user`: whom the token named; undefined: the peer is trusted with the uid it gives. */
export type BindJudgement = { readonly allowed: true; readonly user: TokenUser | undefined } | Refused;

/** As a request of `node:http` is one. */
export interface Requested extends SentFrom {
  /** Names and values in turns, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Judged once, between door and command. Counting refusals is the door's. Nothing here throws. */
export interface Access {
  /** `system`: the one the request names, if any. At once where nothing has to be waited for. */
  judgeRequest(request: Requested, privilege: Privilege, system: string | undefined): Awaitable<Judgement>;
  judgeConnect(request: IncomingMessage, asked: ConnectRequest): Awaitable<ConnectJudgement>;
  /** Whether the peer may say who it is, as its upgrade showed; kept by the session until it binds. */
  trustOf(request: IncomingMessage): PeerTrust;
  /** A bind, or a new token for a bound connection. */
  judgeBind(trust: PeerTrust, asked: { system: string; token: string | undefined }): Awaitable<BindJudgement>;
  /** Whether an allowed request would still be allowed: its key may have been removed or rotated away, or have expired. Counts no failure. */
  stands(principal: Principal): Promise<boolean>;
  /** Connections of the operator socket, told apart from TCP ones: the file's permissions were the credential. */
  admitOperatorSocket(socket: Socket): void;
}

/** Opaque to sessions. */
export type PeerTrust =
  | { readonly trusted: true }
  | { readonly trusted: false; readonly reason: string; readonly hint: string };
