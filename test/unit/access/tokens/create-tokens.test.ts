import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { createTokens } from '../../../../src/access/tokens/create-tokens.ts';
import { createHealth } from '../../../../src/access/tokens/health.ts';
import { createHttpSource } from '../../../../src/access/tokens/http-source.ts';
import { refuse, refuseGenuine, type TokenSource, unavailable } from '../../../../src/access/tokens/source.ts';
import type { TokenRefusal } from '../../../../src/access/tokens/tokens.ts';
import { json, startServer } from '../../../support/local-server.ts';
import { rules } from './keys.ts';

const expired: TokenRefusal = { valid: false, code: 'token_expired', message: 'the token has expired' };

interface FakeOptions {
  readonly name?: string;
  readonly systems?: readonly string[];
  /** The system its tokens name. */
  readonly says?: string;
  readonly refusal?: TokenRefusal;
  readonly isElsewhere?: boolean;
}

/** A source that accepts every token, unless told otherwise, as its own name's. */
function fakeSource({
  name = 'fake',
  systems,
  says,
  refusal,
  isElsewhere = false,
}: FakeOptions = {}): TokenSource & { asked: unknown[][] } {
  const asked: unknown[][] = [];
  return {
    name,
    systems,
    isElsewhere,
    asked,
    async check(token, system) {
      asked.push([token, system]);
      return refusal ?? { valid: true, uid: name, system: says, deviceId: undefined, expiresAt: undefined };
    },
    close: async () => {},
  };
}

describe('a source elsewhere', () => {
  const shop = () => fakeSource({ systems: ['shop'], isElsewhere: true });

  it('sees no token of those who name no system, unless it covers default', async () => {
    const [own, everybody] = [shop(), fakeSource({ isElsewhere: true })];
    await createTokens({ sources: [own] }).verify('secret-of-another', undefined);
    await createTokens({ sources: [everybody] }).verify('secret', undefined);
    assert.deepEqual([own.asked.length, everybody.asked.length], [0, 1]);
  });

  it('sees those for its own systems', async () => {
    const own = shop();
    const tokens = createTokens({ sources: [own] });
    await tokens.verify('t', 'bank');
    assert.equal((await tokens.verify('t', 'shop')).valid, true);
    assert.equal(own.asked.length, 1);
  });
});

describe('a token is required', () => {
  const shop = fakeSource({ systems: ['shop'] });
  for (const [what, options, expected] of [
    ['nowhere without a source', { sources: [] }, [false, false]],
    ['in the systems of a source', { sources: [shop] }, [true, false]],
    ['everywhere with a source for all', { sources: [shop, fakeSource()] }, [true, true]],
    ['nowhere with auth.connect: anonymous', { sources: [fakeSource()], connect: 'anonymous' }, [false, false]],
    ['everywhere with auth.connect: token', { sources: [shop], connect: 'token' }, [true, true]],
  ] as const) {
    it(what, () => {
      const tokens = createTokens(options);
      assert.deepEqual([tokens.isRequired('shop'), tokens.isRequired('default')], expected);
    });
  }
});

describe('the system of a token', () => {
  const systemOf = async (source: FakeOptions, asked: string | undefined) => {
    const verdict = await createTokens({ sources: [fakeSource(source)] }).verify('t', asked);
    return verdict.valid ? verdict.user.system : verdict.message;
  };
  const other = 'the token is for another system';

  it('is the one it names, else the one that was asked for, else default', async () => {
    assert.equal(await systemOf({ says: 'shop' }, undefined), 'shop');
    assert.equal(await systemOf({ says: 'shop' }, 'shop'), 'shop');
    assert.equal(await systemOf({}, 'shop'), 'shop');
    assert.equal(await systemOf({}, undefined), 'default');
  });

  it('is never another than the one asked for, in whatever spelling', async () => {
    for (const says of ['bank', 'Shop', 'shop ', 'sho', 'ѕhop']) assert.equal(await systemOf({ says }, 'shop'), other);
  });

  it('is never one that its source does not cover', async () => {
    assert.equal(await systemOf({ systems: ['shop'], says: 'bank' }, undefined), other);
    assert.equal(await systemOf({ systems: ['shop'] }, undefined), other, 'default is not covered either');
    assert.equal(await systemOf({ systems: ['shop'], says: 'shop' }, undefined), 'shop');
  });

  it('decides who is asked: the sources of another system never see the token', async () => {
    const shop = fakeSource({ systems: ['shop'] });
    const bank = fakeSource({ systems: ['bank'], name: 'bank' });
    const tokens = createTokens({ sources: [shop, bank] });
    const verdict = await tokens.verify('t', 'bank');
    assert.equal(verdict.valid && verdict.user.uid, 'bank');
    assert.deepEqual([shop.asked, bank.asked], [[], [['t', 'bank']]]);
    assert.equal((await tokens.verify('t', 'park')).valid, false);
  });
});

describe('of several sources', () => {
  it('the first that accepts the token counts, and those behind it are not asked', async () => {
    const third = fakeSource({ name: 'third' });
    const sources = [fakeSource({ refusal: refuse('x') }), fakeSource({ name: 'second' }), third];
    const verdict = await createTokens({ sources }).verify('t', undefined);
    assert.deepEqual([verdict.valid && verdict.source, third.asked], ['second', []]);
  });

  it('the refusal tells what the client can do most about', async () => {
    const codeOf = async (...refusals: TokenRefusal[]) => {
      const verdict = await createTokens({ sources: refusals.map((refusal) => fakeSource({ refusal })) }).verify(
        't',
        's',
      );
      assert.ok(!verdict.valid);
      return verdict.code === 'unauthorized' ? verdict.message : verdict.code;
    };
    const [wrong, down, genuine] = [refuse('x'), unavailable('x'), refuseGenuine('the token has no sub')];
    assert.equal(await codeOf(wrong, genuine, wrong), 'the token has no sub');
    assert.equal(await codeOf(down, genuine), 'unavailable');
    assert.equal(await codeOf(down, expired, wrong), 'token_expired');
    assert.equal(await codeOf(wrong), 'the token is not valid');
    assert.equal(await codeOf(), 'the token is not valid');
  });

  it('one that fails is as good as one that cannot be asked', async () => {
    const broken = { ...fakeSource(), check: () => Promise.reject(new TypeError('oh')) };
    const verdict = await createTokens({ sources: [broken] }).verify('t', 's');
    assert.equal(!verdict.valid && verdict.code, 'unavailable');
  });
});

describe('a token that cannot be one', () => {
  for (const token of ['', 'a b', 'a\r\nb', 'a\0', 'té', '云', 'x'.repeat(8193)]) {
    it(`${JSON.stringify(token.slice(0, 10))} of ${token.length} is shown to no source`, async () => {
      const source = fakeSource();
      assert.equal((await createTokens({ sources: [source] }).verify(token, 's')).valid, false);
      assert.deepEqual(source.asked, []);
    });
  }

  it('may have 8192 bytes', async () => {
    assert.equal((await createTokens({ sources: [fakeSource()] }).verify('x'.repeat(8192), 's')).valid, true);
  });
});

it('a source that cannot be asked is told once, and once when it has been well for a while', async () => {
  let refusal: TokenRefusal | undefined = unavailable('no answer');
  const said: unknown[] = [];
  const source: TokenSource = { ...fakeSource(), check: async (...args) => refusal ?? fakeSource().check(...args) };
  const tokens = createTokens({ sources: [source], onAnswer: createHealth((...args) => said.push(args)) });
  let now = 0;
  const clock = mock.method(performance, 'now', () => now);
  try {
    for (let i = 0; i < 3; i++) await tokens.verify('t', 's');
    assert.deepEqual(said, [['fake', 'no answer']]);
    refusal = undefined;
    now += 5000;
    await tokens.verify('t', 's');
    assert.equal(said.length, 1);
    now += 5001;
    await tokens.verify('t', 's');
    assert.deepEqual(said[1], ['fake', undefined]);
  } finally {
    clock.mock.restore();
  }
});

describe('whoever no longer waits', () => {
  const silent = (): TokenSource => ({ ...fakeSource(), check: () => new Promise(() => {}) });

  for (const when of ['before', 'while']) {
    it(`(gone ${when} the question) is told so at once, no further source is asked and none is blamed`, async () => {
      const said: unknown[] = [];
      const next = fakeSource();
      const tokens = createTokens({ sources: [silent(), next], onAnswer: (...args) => said.push(args) });
      const asker = new AbortController();
      if (when === 'before') asker.abort();
      const verdict = tokens.verify('t', undefined, () => asker.signal);
      asker.abort();
      const { valid, ...refusal } = await verdict;
      assert.deepEqual([valid, (refusal as TokenRefusal).code, said, next.asked], [false, 'unavailable', [], []]);
    });
  }

  it('leaves the turn at a hook to others', { timeout: 10_000 }, async (t) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const hook = await startServer(t, (_, response) => response.on('close', () => resolve()));
    const options = { name: 'http', url: hook.url, secret: 'x'.repeat(32), timeoutMs: 60_000, atOnce: 1, ...rules };
    const tokens = createTokens({ sources: [createHttpSource(options)] });
    t.after(() => tokens.close());
    const asker = new AbortController();
    const verdict = tokens.verify('t', undefined, () => asker.signal);
    while (hook.asked.length === 0) await new Promise((next) => setTimeout(next, 2));
    asker.abort();
    assert.equal((await verdict).valid, false);
    await closed;
    hook.handle = json({ uid: 'alice' });
    assert.equal((await tokens.verify('t', undefined)).valid, true);
  });
});
