import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { createTokens } from '../../../../src/access/tokens/create-tokens.ts';
import { createHttpSource, type HttpSourceOptions } from '../../../../src/access/tokens/http-source.ts';
import { type Handler, json, startServer } from '../../../support/local-server.ts';
import { rules } from './keys.ts';

const secret = 'a secret of thirty-two bytes and more';

async function hook(t: TestContext, handle: Handler, more: Partial<HttpSourceOptions> = {}) {
  const server = await startServer(t, handle);
  const options = { name: 'http', url: `${server.url}check?app=1`, secret, timeoutMs: 5000, atOnce: 64, ...rules };
  const tokens = createTokens({ sources: [createHttpSource({ ...options, ...more })] });
  t.after(() => tokens.close());
  const verify = async (token: string, system?: string) => {
    const verdict = await tokens.verify(token, system);
    return verdict.valid ? verdict.user : [verdict.code, verdict.detail ?? verdict.message];
  };
  return { verify, server, tokens };
}

describe('the hook', () => {
  it('is asked with token and system in the body, signed, at the URL of the configuration', async (t) => {
    const { verify, server } = await hook(t, json({ uid: 'alice' }));
    assert.deepEqual(await verify('opaque/../?a=b&system=x', 'shop'), { uid: 'alice', system: 'shop' });
    const [asked] = server.asked;
    assert.ok(asked);
    assert.deepEqual([asked.method, asked.url], ['POST', '/check?app=1']);
    assert.equal(asked.body, '{"token":"opaque/../?a=b&system=x","system":"shop"}');
    const timestamp = String(asked.headers['x-yunque-timestamp']);
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60, timestamp);
    const expected = createHmac('sha256', secret).update(`${timestamp}.${asked.body}`).digest('hex');
    assert.equal(asked.headers['x-yunque-signature'], expected);
  });

  it('may say system, device and end', async (t) => {
    const expiresAt = Date.now() + 60_000;
    const { verify, server } = await hook(t, json({ uid: 'a', system: 'shop', deviceId: 'd', expiresAt }));
    const user = { uid: 'a', system: 'shop', deviceId: 'd', expiresAt };
    assert.deepEqual(await verify('t'), user);
    assert.equal(server.asked[0]?.body, '{"token":"t"}');
    assert.deepEqual(await verify('t', 'bank'), ['unauthorized', 'it is for "shop"']);
    server.handle = json({ uid: 'a', system: null, deviceId: null, expiresAt: null });
    assert.deepEqual(await verify('t'), { uid: 'a', system: 'default' });
    server.handle = json({ uid: 'a', expiresAt: Date.now() - 31_000 });
    assert.deepEqual(await verify('t'), ['token_expired', 'the token has expired']);
  });

  for (const status of [401, 403, 404]) {
    it(`refuses with ${status}, whatever else it says`, async (t) => {
      const { verify } = await hook(t, json({ uid: 'alice' }, status));
      assert.deepEqual(await verify('t'), ['unauthorized', `it answered ${status}`]);
    });
  }

  it('that redirects is not followed', async (t) => {
    const other = await startServer(t, json({ uid: 'root' }));
    const { verify } = await hook(t, (_, response) => response.writeHead(307, { location: other.url }).end());
    assert.deepEqual(await verify('t'), ['unavailable', 'it answered 307, which is neither 200 nor 401, 403, 404']);
    assert.deepEqual(other.asked, []);
  });

  for (const status of [201, 204, 400, 429, 500, 503]) {
    it(`that answers ${status} could not be asked`, async (t) => {
      const { verify } = await hook(t, json({ uid: 'alice' }, status));
      assert.equal(((await verify('t')) as string[])[0], 'unavailable');
    });
  }

  const padded = (bytes: number) => `{"uid":"a","x":"${'x'.repeat(bytes - 18)}"}`;
  const text =
    (body: string): Handler =>
    (_, response) =>
      response.end(body);

  it('may answer with 64 KiB and not with a byte more', async (t) => {
    const { verify, server } = await hook(t, text(padded(65_536)));
    assert.equal(padded(65_536).length, 65_536);
    assert.deepEqual(await verify('t'), { uid: 'a', system: 'default' });
    server.handle = text(padded(65_537));
    assert.deepEqual(await verify('t'), ['unavailable', 'the answer is longer than 65536 bytes']);
    let isCut = false;
    server.handle = (_, response) => {
      // Without an end, and without a length.
      const more = () => response.write('x'.repeat(65_536)) || response.once('drain', more);
      response.on('close', () => (isCut = true));
      const timer = setInterval(more, 1);
      t.after(() => clearInterval(timer));
    };
    assert.equal(((await verify('t')) as string[])[0], 'unavailable');
    while (!isCut) await new Promise((resolve) => setTimeout(resolve, 2));
  });

  for (const [body, detail] of [
    ['', 'its answer is not a JSON object'],
    ['ok', 'its answer is not a JSON object'],
    ['"alice"', 'its answer is not a JSON object'],
    ['[{"uid":"a"}]', 'its answer is not a JSON object'],
    ['null', 'its answer is not a JSON object'],
    ['{"uid":"a"', 'its answer is not a JSON object'],
    ['{}', '"uid" in its answer is missing'],
    ['{"uid":7}', '"uid" in its answer is not text'],
    ['{"uid":"a","system":7}', '"system" in its answer is not text'],
    ['{"uid":"a","deviceId":{}}', '"deviceId" in its answer is not text'],
    ['{"uid":"a","expiresAt":"7"}', '"expiresAt" in its answer is not a number'],
  ] as const) {
    it(`that answers ${body || 'nothing'} could not be asked`, async (t) => {
      const { verify } = await hook(t, text(body));
      assert.deepEqual(await verify('t'), ['unavailable', detail]);
    });
  }

  it('that names a user there cannot be is no good word for the token', async (t) => {
    const { verify } = await hook(t, text('{"uid":"a\\u0000"}'));
    assert.deepEqual(await verify('t'), ['unauthorized', "the token's uid has a control character"]);
  });

  it('that is slow, at its head or in the middle, could not be asked', async (t) => {
    const { verify, server } = await hook(t, () => {}, { timeoutMs: 200 });
    const slow = (await verify('t')) as string[];
    assert.deepEqual([slow[0], /no answer in time$/.test(slow[1] ?? '')], ['unavailable', true]);
    server.handle = (_, response) => {
      response.write('{"uid":');
    };
    assert.equal(((await verify('t')) as string[])[0], 'unavailable');
  });

  it('that is not there could not be asked', async (t) => {
    const { verify } = await hook(t, json({}), { url: 'http://127.0.0.1:1/' });
    assert.deepEqual(await verify('t'), ['unavailable', '127.0.0.1:1: ECONNREFUSED']);
  });

  it('that closes kept connections is asked over a new one', async (t) => {
    const { verify } = await hook(t, (_, response) => {
      response.end('{"uid":"a"}');
      // Without saying so beforehand.
      response.on('finish', () => setImmediate(() => response.socket?.destroy()));
    });
    for (let i = 0; i < 20; i++) assert.deepEqual(await verify('t'), { uid: 'a', system: 'default' });
  });

  it('that closes a kept connection as it is used again is asked once more', async (t) => {
    const used = new WeakSet<object>();
    const { verify, server } = await hook(t, (_, response) => {
      const { socket } = response;
      if (socket === null || used.has(socket)) socket?.destroy();
      else {
        used.add(socket);
        response.end('{"uid":"a"}');
      }
    });
    for (let i = 0; i < 3; i++) assert.deepEqual(await verify('t'), { uid: 'a', system: 'default' });
    assert.ok(server.asked.length > 3, 'some were asked over a connection that was closed');
  });

  it('is asked so many things at once; more wait for their turn, and not for ever', async (t) => {
    const open: ServerResponse[] = [];
    const { verify, server } = await hook(t, (_, response) => open.push(response), { atOnce: 2, timeoutMs: 5000 });
    const answers = [1, 2, 3].map((n) => verify(`t${n}`));
    while (open.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.asked.length, 2);
    open[0]?.end('{"uid":"a"}');
    while (open.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const response of open) if (!response.writableEnded) response.end('{"uid":"a"}');
    assert.deepEqual(await Promise.all(answers), Array(3).fill({ uid: 'a', system: 'default' }));
  });

  it('leaves nobody waiting when it is closed', async (t) => {
    const { verify, tokens, server } = await hook(t, () => {}, { atOnce: 1, timeoutMs: 60_000 });
    const answers = [verify('t1'), verify('t2')];
    while (server.asked.length < 1) await new Promise((resolve) => setTimeout(resolve, 2));
    await tokens.close();
    for (const answer of await Promise.all(answers)) assert.equal((answer as string[])[0], 'unavailable');
  });
});
