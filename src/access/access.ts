import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../api/errors.ts';

/** What may be done, each judged by its own credential; configuring one never opens another. */
export type Privilege = 'connect' | 'bind' | 'push' | 'register' | 'admin' | 'metrics';

export type Judgement =
  /** `by`: what convinced us, for logs. */
  | { readonly allowed: true; readonly by: 'anonymous' | 'trusted-peer' | 'operator-socket' | 'operator-key' }
  /** `hint` names the option that would allow it. */
  | {
      readonly allowed: false;
      readonly code: Extract<ErrorCode, 'unauthorized' | 'forbidden'>;
      readonly message: string;
      readonly hint: string;
    };

/** Judged once, between door and command. Counting refusals is the door's. */
export interface Access {
  judge(request: IncomingMessage, privilege: Privilege): Judgement;
  /** Connections of the operator socket, told apart from TCP ones: the file's permissions were the credential. */
  admitOperatorSocket(socket: Socket): void;
}
