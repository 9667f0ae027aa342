import { timingSafeEqual } from 'node:crypto';
import type { StoredKey } from '../api/keys.ts';
import { operatorRoles, type Principal, roleHeader } from '../api/principal.ts';
import { defaultSystem } from '../api/system.ts';
import { type KeyProof, readApiKey } from '../util/api-key.ts';
import { type Awaitable, after } from '../util/awaitable.ts';
import type { SentFrom } from '../util/client-address.ts';
import type {
  Access,
  BindJudgement,
  ConnectJudgement,
  Judgement,
  PeerTrust,
  Privilege,
  Refused,
  Requested,
} from './access.ts';
import type { FailedKeys } from './failed-keys.ts';
import { digestOfKey, matchesDigest, presentedKey } from './presented-key.ts';
import { keyMay, operatorMay, ruleOf } from './privileges.ts';
import type { TokenRefusal, Tokens } from './tokens/tokens.ts';
import { createTrustedPeer, type TrustOptions } from './trusted-peer.ts';

export interface AccessOptions extends TrustOptions {
  /** The configured or generated one, which may do everything. */
  readonly operatorKey: string;
  readonly keys: KeyRing;
  readonly tokens: Tokens;
  /** Of `auth.origins`; no Origin is allowed. */
  readonly isAllowedOrigin: (origin: string | undefined) => boolean;
  readonly failedKeys: Pick<FailedKeys, 'bannedMs' | 'failed'>;
  readonly clientAddress: (request: SentFrom) => string;
  /** Whether a request came by the internal listener. */
  readonly isInternal: (socket: object) => boolean;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** The stored keys, as far as judging them takes. */
export interface KeyRing {
  find(id: string): Awaitable<StoredKey | undefined>;
  /** True from a system's first key on, also when it has none left. */
  isKeyed(system: string): Awaitable<boolean>;
}

const operatorSocket: Judgement = {
  allowed: true,
  principal: { kind: 'operator', role: 'admin', by: 'socket' },
  system: undefined,
};
const operatorKey: Judgement = {
  allowed: true,
  principal: { kind: 'operator', role: 'admin', by: 'key' },
  system: undefined,
};
const trustedPeer: Judgement = { allowed: true, principal: { kind: 'trusted-peer' }, system: undefined };
const anybody: Judgement = { allowed: true, principal: { kind: 'anonymous' }, system: undefined };
const ofOperatorSocket: PeerTrust = { trusted: true };

const operatorKeyHint =
  'send the operator’s key as "Authorization: Bearer KEY"; the serve banner says which file holds it';
const keyHint = 'send a key of the system as "Authorization: Bearer KEY" (yunque system rotate-key SYSTEM makes one)';

/**
 * A key that is presented must be right, whoever presents it; the address is judged only where there is none. Nothing is
 * said about a key that is not known: wrong, removed and never made are one.
 */
export function createAccess(options: AccessOptions): Access {
  const { keys, tokens, failedKeys, now = Date.now } = options;
  const operatorSockets = new WeakSet<object>();
  const operatorDigest = digestOfKey(options.operatorKey);
  const trustedPeerOf = createTrustedPeer(options);

  function judgeKey(key: string, privilege: Privilege, system: string | undefined): Awaitable<Judgement> {
    if (matchesDigest(key, operatorDigest)) return operatorKey;
    const proof = readApiKey(key);
    if (proof === undefined) return unauthorized('the key is not valid', hintFor(privilege));
    return after(keys.find(proof.id), (stored) => judgeStored(proof, stored, privilege, system));
  }

  function judgeStored(
    proof: KeyProof,
    stored: StoredKey | undefined,
    privilege: Privilege,
    system: string | undefined,
  ): Judgement {
    const hint = hintFor(privilege);
    if (stored === undefined || !timingSafeEqual(proof.digest, stored.digest))
      return unauthorized('the key is not valid', hint);
    if (stored.expiresAt !== undefined && stored.expiresAt <= now()) return unauthorized('the key has expired', hint);
    if (stored.owner === 'operator') {
      if (!operatorMay(stored.role, privilege)) return tooLittle(stored.role, ruleOf(privilege).operator);
      const principal: Principal = { kind: 'operator', role: stored.role, by: 'key', keyId: stored.id };
      return { allowed: true, principal, system: undefined };
    }
    const { key: needed } = ruleOf(privilege);
    if (needed === undefined) {
      return forbidden('a system’s own key may not do this', 'use a key of the operator');
    }
    if (!keyMay(stored.role, privilege)) return tooLittle(stored.role, needed);
    if (system !== undefined && system !== stored.system) {
      return forbidden('the key is for another system', 'leave out the SystemId header, or send that system’s key');
    }
    const principal: Principal = { kind: 'system-key', role: stored.role, system: stored.system, keyId: stored.id };
    return { allowed: true, principal, system: stored.system };
  }

  function judgePeer(request: Requested, privilege: Privilege, system: string): Awaitable<Judgement> {
    if (!ruleOf(privilege).trusted) return unauthorized('a key of the operator is needed', operatorKeyHint);
    const trust = trustedPeerOf(request);
    const bySystemKey = ruleOf(privilege).key !== undefined;
    if (!trust.trusted) return forbidden(trust.reason, bySystemKey ? `${trust.hint}; or ${keyHint}` : trust.hint);
    if (!bySystemKey) return trustedPeer;
    return after(keys.isKeyed(system), (isKeyed) =>
      isKeyed ? unauthorized('this system takes a key', keyHint) : trustedPeer,
    );
  }

  async function answerLater(address: string, wrong: Judgement): Promise<Judgement> {
    return (await failedKeys.failed(address)) ? wrong : banned(1000);
  }

  return {
    admitOperatorSocket: (socket) => {
      operatorSockets.add(socket);
    },

    judgeRequest: (request, privilege, system) => {
      if (operatorSockets.has(request.socket)) return limited(operatorSocket, request, privilege);
      // What a demo account brings as a bearer is its own token.
      const key = privilege === 'login' ? undefined : presentedKey(request);
      if (key !== undefined) {
        const address = options.clientAddress(request);
        const bannedMs = failedKeys.bannedMs(address);
        if (bannedMs > 0) return banned(bannedMs);
        return after(judgeKey(key, privilege, system), (judgement): Awaitable<Judgement> => {
          const isWrong = !judgement.allowed && judgement.code === 'unauthorized';
          return isWrong ? answerLater(address, judgement) : limited(judgement, request, privilege);
        });
      }
      if (privilege === 'metrics' && options.isInternal(request.socket)) return anybody;
      return judgePeer(request, privilege, system ?? defaultSystem);
    },

    async stands(principal) {
      if (!('keyId' in principal) || principal.keyId === undefined) return true;
      const stored = await keys.find(principal.keyId);
      return stored !== undefined && (stored.expiresAt === undefined || stored.expiresAt > now());
    },

    judgeConnect(request, { system, token, bindsLater, signalOf }): Awaitable<ConnectJudgement> {
      if (!options.isAllowedOrigin(request.headers.origin)) {
        return forbidden('this origin may not connect', 'add it to auth.origins');
      }
      if (token !== undefined) {
        return after(tokens.verify(token, system, signalOf), (verdict): ConnectJudgement => {
          if (!verdict.valid) return refusedToken(verdict);
          return { allowed: true, system: verdict.user.system, user: verdict.user };
        });
      }
      const named = system ?? defaultSystem;
      if (!bindsLater && !operatorSockets.has(request.socket) && tokens.isRequired(named)) {
        return unauthorized('this system takes a token', tokenHint);
      }
      return { allowed: true, system: named, user: undefined };
    },

    trustOf: (request) => (operatorSockets.has(request.socket) ? ofOperatorSocket : trustedPeerOf(request)),

    judgeBind(trust, { system, token }): Awaitable<BindJudgement> {
      if (token !== undefined) {
        return after(
          tokens.verify(token, system),
          (verdict): BindJudgement => (verdict.valid ? { allowed: true, user: verdict.user } : refusedToken(verdict)),
        );
      }
      if (trust !== ofOperatorSocket && tokens.isRequired(system)) {
        return unauthorized('this system takes a token', tokenHint);
      }
      if (trust.trusted) return { allowed: true, user: undefined };
      return forbidden(trust.reason, `${trust.hint}; or ${tokenHint}`);
    },
  };
}

/**
 * An operator may ask for less than its credential allows (`X-Yunque-Role: read`), so that a tool meant for looking cannot change
 * anything, whatever key it was given.
 */
function limited(judgement: Judgement, request: Requested, privilege: Privilege): Judgement {
  const asked = request.headers[roleHeader];
  if (!judgement.allowed || judgement.principal.kind !== 'operator' || asked === undefined) return judgement;
  const role = operatorRoles.find((each) => each === asked);
  if (role === undefined) return forbidden(`"${roleHeader}" names no role`, `use one of ${operatorRoles.join(', ')}`);
  if (!operatorMay(role, privilege)) return tooLittle(role, ruleOf(privilege).operator);
  const { principal } = judgement;
  const least = operatorRoles.indexOf(role) < operatorRoles.indexOf(principal.role) ? role : principal.role;
  return { ...judgement, principal: { ...principal, role: least } };
}

function hintFor(privilege: Privilege): string {
  return ruleOf(privilege).trusted ? keyHint : operatorKeyHint;
}

const tokenHint = 'connect with ?token=TOKEN, or bind with it; auth.tokens says what checks it';

function refusedToken({ valid: _, ...refusal }: TokenRefusal): Refused {
  return { allowed: false, ...refusal, hint: tokenHint };
}

function unauthorized(message: string, hint: string): Refused {
  return { allowed: false, code: 'unauthorized', message, hint };
}

function forbidden(message: string, hint: string): Refused {
  return { allowed: false, code: 'forbidden', message, hint };
}

function banned(ms: number): Refused {
  const retryAfterSeconds = Math.ceil(ms / 1000);
  return {
    allowed: false,
    code: 'too_many_requests',
    message: 'too many wrong keys came from this address',
    hint: `wait ${retryAfterSeconds} s`,
    retryAfterSeconds,
  };
}

function tooLittle(role: string, needed: string): Refused {
  return forbidden(`a key of role ${role} may not do this`, `use one of role ${needed}`);
}
