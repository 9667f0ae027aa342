import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { type Browser, type Page, startChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { type PageServer, startPageServer } from '../support/page-server.ts';
import { join } from '../support/ws-clients.ts';

/** docs/examples/browser.html, as it stands, in a real browser against real nodes. */
let browser: Browser;
let pages: PageServer;
before(async () => {
  const html = await readFile(new URL('../../docs/examples/browser.html', import.meta.url), 'utf8');
  pages = await startPageServer(html);
  browser = await startChromium();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await pages?.[Symbol.asyncDispose]();
});

const isState = (state: string) => `document.getElementById('state').textContent === '${state}'`;
const says = (text: string) => `document.getElementById('log').textContent.includes(${JSON.stringify(text)})`;
const textOf = async (page: Page, id: string) =>
  String(await page.evaluate(`document.getElementById('${id}').textContent`));

/** Straight to the node's port, which is another origin than the page's. */
function openJson(node: TestNode): Promise<Page> {
  const url = encodeURIComponent(`${node.ws}/`);
  return browser.open(`http://127.0.0.1:${pages.port}/?url=${url}&dialect=json&connect`);
}

/** Through the page's own server, so that page and node have one origin and this machine may bind users. */
function openBound(node: TestNode, uid: string): Promise<Page> {
  pages.nodePort = node.port;
  const url = encodeURIComponent(`ws://127.0.0.1:${pages.port}/`);
  return browser.open(`http://127.0.0.1:${pages.port}/?url=${url}&dialect=cim-json&uid=${uid}&connect`);
}

async function isOnline(node: TestNode, uid: string): Promise<boolean> {
  return (await post(node, '/api/is_online', { userId: uid }, 'default')).body.data.online;
}

test('a page of another origin connects without a credential and receives what its clientId is sent', async () => {
  await using node = await startTestNode();
  const page = await openJson(node);
  await page.until(isState('open'));
  const clientId = await textOf(page, 'identity');
  const answer = await post(node, '/api/send_to_client', { clientId, data: { text: '<b>你好</b>' } }, 'default');
  assert.equal(answer.body.code, 0);
  await page.until(says('<b>你好</b>'));
  assert.equal(await page.evaluate(`document.querySelectorAll('#log b').length`), 0, 'text, not markup');
  await page.close();
});

test('the page comes back to a node that restarts, with a new clientId', async () => {
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-'));
  const dataDirectory = joinPath(folder, 'data');
  try {
    const first = await startTestNode({ dataDirectory });
    const { port } = first;
    const page = await openJson(first);
    await page.until(isState('open'));
    const before = await textOf(page, 'identity');
    await first[Symbol.asyncDispose]();
    await page.until(says('waiting 4001 the node is shutting down'));
    // The page asks for this address and no other, so the node has to come back to it.
    await using second = await startTestNode({ dataDirectory, port });
    await page.until(isState('open'));
    const clientId = await textOf(page, 'identity');
    assert.notEqual(clientId, before);
    await post(second, '/api/send_to_client', { clientId, data: 'after the restart' }, 'default');
    await page.until(says('after the restart'));
    await page.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a page that was kicked (4503) stays away, and comes back when its user asks', async () => {
  await using node = await startTestNode();
  const page = await openJson(node);
  await page.until(isState('open'));
  await post(node, '/api/close_client', { clientId: await textOf(page, 'identity') }, 'default');
  await page.until(isState('stopped'));
  assert.match(await textOf(page, 'detail'), /^4503/);
  assert.equal(
    await page.evaluate(`String(document.getElementById('log').textContent.match(/connecting/g).length)`),
    '1',
  );
  await page.evaluate(`document.getElementById('connect').click()`);
  await page.until(isState('open'));
  await page.close();
});

test('a page of a system that does not exist stops, and says what the node said', async () => {
  await using node = await startTestNode();
  const url = encodeURIComponent(`${node.ws}/?systemId=nowhere`);
  const page = await browser.open(`http://127.0.0.1:${pages.port}/?url=${url}&connect`);
  await page.until(isState('stopped'));
  assert.equal(await textOf(page, 'detail'), '系统ID不正确');
  await page.close();
});

test('a bound page gets its user’s messages, and binds again after its connection is lost', async () => {
  await using node = await startTestNode();
  const page = await openBound(node, 'alice');
  await page.until(isState('open'));
  assert.equal(
    (await post(node, '/send', { receiver: 'alice', action: 'chat', content: { text: 'one' } })).body.data.delivered,
    1,
  );
  await page.until(says('"action":"chat"'));
  const [row] = (await node.admin.connections()).items;
  await using second = await startTestNode();
  pages.nodePort = second.port;
  await node.node.stop({ hurry: true });
  await eventually('alice is bound at the second node', () => isOnline(second, 'alice'));
  await page.until(isState('open'));
  const [again] = (await second.admin.connections()).items;
  assert.match(row?.deviceId ?? '', /^[0-9a-f]{32}$/);
  assert.equal(again?.deviceId, row?.deviceId, 'still the same device');
  await page.evaluate('location.reload()');
  await eventually('the page has bound again', async () => {
    const [next] = (await second.admin.connections()).items;
    return next !== undefined && next.cid !== again?.cid && next.deviceId === row?.deviceId;
  });
  await page.close();
});

test('a bound page that another device replaces (999, 4005) stops and leaves the newer one alone', async () => {
  await using node = await startTestNode();
  const page = await openBound(node, 'bob');
  await page.until(isState('open'));
  const newer = await join(node, 'yunque', {
    bind: { uid: 'bob', channel: 'windows', deviceId: 'desk', deviceName: 'the desk' },
  });
  await page.until(isState('stopped'));
  assert.equal(await textOf(page, 'detail'), 'replaced by the desk');
  assert.equal(newer.ended, undefined);
  await newer.close();
  await page.close();
});

test('a page that may not bind stops after the refusal (401, 4500)', async () => {
  await using node = await startTestNode({ set: ['auth.trustLoopback=false'] });
  const page = await openBound(node, 'carol');
  await page.until(isState('stopped'));
  assert.match(await textOf(page, 'detail'), /auth\.trustLoopback/);
  assert.equal((await node.admin.stats()).nodes[0]?.users, 0);
  await page.close();
});

for (const dialect of ['json', 'cim-json'] as const) {
  test(`a page with tokens is its user in ${dialect}, gets a new one when the old has expired (4003), and comes back`, async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-'));
    const secret = 'x'.repeat(32);
    await writeFile(joinPath(folder, 'secret'), secret, { mode: 0o600 });
    const source = `auth.tokens=[{type: jwt, algorithm: HS256, secretFile: ${joinPath(folder, 'secret')}}]`;
    let made = 0;
    pages.token = async () => {
      made += 1;
      const jwt = new SignJWT({ sub: 'alice', sys: 'default' }).setProtectedHeader({ alg: 'HS256' });
      return await jwt.setExpirationTime(made === 1 ? '2s' : '1h').sign(Buffer.from(secret));
    };
    try {
      await using node = await startTestNode({ set: [source] });
      const url = encodeURIComponent(`${node.ws}/`);
      const page = await browser.open(
        `http://127.0.0.1:${pages.port}/?url=${url}&dialect=${dialect}&uid=alice&tokens=/token&connect`,
      );
      await page.until(says('waiting 4003'));
      await page.until(isState('open'));
      assert.equal(await isOnline(node, 'alice'), true);
      assert.equal(made, 2);
      await page.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test('a page whose token is not valid stops, and says why', async () => {
  await using node = await startTestNode({
    set: ['auth.tokens=[{type: jwks, url: "http://127.0.0.1:9/keys", algorithms: [ES256], issuer: nobody}]'],
  });
  pages.token = async () => 'nonsense';
  const url = encodeURIComponent(`${node.ws}/`);
  const page = await browser.open(`http://127.0.0.1:${pages.port}/?url=${url}&tokens=/token&connect`);
  await page.until(isState('stopped'));
  assert.match(await textOf(page, 'detail'), /the token is not valid/);
  await page.close();
});
