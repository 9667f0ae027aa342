import type { Access, Judgement, Privilege } from '../../src/access/access.ts';
import type { Tokens } from '../../src/access/tokens/tokens.ts';

export const trustedPeer: Judgement = { allowed: true, principal: { kind: 'trusted-peer' }, system: undefined };

/** Access that lets everybody do everything, but for what a test says. */
export function fakeAccess(
  more: Partial<Access> & { judge?: (privilege: Privilege) => Judgement } = {},
): Access & { readonly judged: Privilege[] } {
  const judged: Privilege[] = [];
  const { judge = () => trustedPeer, ...own } = more;
  return {
    judged,
    judgeRequest: async (_request, privilege) => {
      judged.push(privilege);
      return judge(privilege);
    },
    judgeConnect: async (_request, { system = 'default' }) => ({ allowed: true, system, user: undefined }),
    trustOf: () => ({ trusted: true }),
    judgeBind: async () => ({ allowed: true, user: undefined }),
    stands: async () => true,
    admitOperatorSocket: () => {},
    ...own,
  };
}

/** Tokens of the form `uid`, `uid@system` or `uid/device`, and `expired`, `down`; `required`: the systems they cover. */
export function fakeTokens(required: readonly string[] = [], expiresAt?: number): Tokens {
  return {
    isRequired: (system) => required.includes(system),
    verify: async (token, named) => {
      if (token === 'expired') return { valid: false, code: 'token_expired', message: 'the token has expired' };
      if (token === 'down') return { valid: false, code: 'unavailable', message: 'the tokens cannot be checked' };
      const parts = /^(?<uid>[a-z]+)(?:\/(?<deviceId>\w+))?(?:@(?<system>\w+))?$/.exec(token)?.groups;
      const system = parts?.['system'] ?? named ?? 'default';
      if (parts === undefined || (named !== undefined && system !== named)) {
        return { valid: false, code: 'unauthorized', message: 'the token is not valid' };
      }
      const { uid = '', deviceId } = parts;
      const more = { ...(deviceId !== undefined && { deviceId }), ...(expiresAt !== undefined && { expiresAt }) };
      return { valid: true, user: { uid, system, ...more }, source: 'fake' };
    },
    close: async () => {},
  };
}
