import type { Socket } from 'node:net';
import type { Access, Judgement } from './access.ts';
import { createKeyCheck, presentedKey } from './operator-key.ts';
import { createTrustedPeer, type TrustOptions } from './trusted-peer.ts';

export interface AccessOptions extends TrustOptions {
  readonly operatorKey: string;
}

/**
 * The first form of access: anyone connects, trusted peers bind, push and register, the operator (by socket or key) does
 * everything. A key that is presented must be right, whoever presents it.
 */
export function createAccess(options: AccessOptions): Access {
  const operatorSockets = new WeakSet<Socket>();
  const isOperatorKey = createKeyCheck(options.operatorKey);
  const trustOf = createTrustedPeer(options);

  return {
    admitOperatorSocket: (socket) => {
      operatorSockets.add(socket);
    },
    judge: (request, privilege): Judgement => {
      if (operatorSockets.has(request.socket)) return { allowed: true, by: 'operator-socket' };
      if (privilege === 'connect') return { allowed: true, by: 'anonymous' };
      // What a bind brings is a user's token, never a key.
      const key = privilege === 'bind' ? undefined : presentedKey(request);
      if (key !== undefined) {
        if (isOperatorKey(key)) return { allowed: true, by: 'operator-key' };
        return { allowed: false, code: 'unauthorized', message: 'the key is not valid', hint: operatorKeyHint };
      }
      if (privilege === 'admin') {
        return { allowed: false, code: 'unauthorized', message: 'the operator key is needed', hint: operatorKeyHint };
      }
      const trust = trustOf(request);
      if (trust.trusted) return { allowed: true, by: 'trusted-peer' };
      return { allowed: false, code: 'forbidden', message: trust.reason, hint: trust.hint };
    },
  };
}

const operatorKeyHint = 'send it as "Authorization: Bearer KEY"; the serve banner says which file holds it';
