import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { YunqueError } from '../../../api/errors.ts';

export interface DemoAccount {
  readonly uid: string;
  readonly username: string;
}

/** Accounts for trying things out: in memory, gone with the process, no bar to anybody. */
export interface DemoAccounts {
  /** Rejects with `bad_request` where the name is taken or the house is full. */
  register(username: string, password: string): Promise<DemoAccount>;
  /** Rejects with `unauthorized`. The token proves nothing to the rest of the node. */
  login(username: string, password: string): Promise<DemoAccount & { readonly token: string }>;
  /** Throws `unauthorized`. */
  find(token: string): DemoAccount;
}

interface Stored extends DemoAccount {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const MAX_ACCOUNTS = 1000;
const MAX_TOKENS = 10_000;

export function createDemoAccounts(): DemoAccounts {
  const accounts = new Map<string, Stored>();
  const tokens = new Map<string, DemoAccount>();
  const nobody: Stored = { uid: '', username: '', salt: randomBytes(16), hash: randomBytes(32) };
  let lastUid = 0;
  return {
    async register(username, password) {
      if (accounts.size >= MAX_ACCOUNTS) throw new YunqueError('limit_reached', 'no more demo accounts');
      const salt = randomBytes(16);
      const hash = await hashPassword(password, salt);
      if (accounts.has(username)) throw new YunqueError('bad_request', 'username is taken', { field: 'username' });
      lastUid += 1;
      const account = { uid: String(lastUid), username, salt, hash };
      accounts.set(username, account);
      return publicPart(account);
    },
    async login(username, password) {
      // A name nobody has costs as much time as a wrong password.
      const account = accounts.get(username) ?? nobody;
      const isRight = timingSafeEqual(await hashPassword(password, account.salt), account.hash);
      if (!isRight || account === nobody) throw new YunqueError('unauthorized', 'username or password is wrong');
      const token = randomBytes(16).toString('hex');
      tokens.set(token, publicPart(account));
      const oldest = tokens.keys().next().value;
      if (tokens.size > MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
      return { ...publicPart(account), token };
    },
    find(token) {
      const account = tokens.get(token);
      if (account === undefined)
        throw new YunqueError('unauthorized', 'the token is unknown', { hint: 'POST /login first' });
      return account;
    },
  };
}

function publicPart({ uid, username }: DemoAccount): DemoAccount {
  return { uid, username };
}

function hashPassword(password: string, salt: Buffer): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** 14, r: 8, p: 1 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
