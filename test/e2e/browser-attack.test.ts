import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NodeStats } from '../../src/api/stats.ts';
import { type Browser, startChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { type PageServer, startPageServer } from '../support/page-server.ts';
import { join, type WsClient } from '../support/ws-clients.ts';

/**
 * A web page somebody opens on the machine a node runs on. The browser's requests come from loopback, which is trusted;
 * nothing else about them may be. Each attempt is judged by what arrived, by what the page could read, and by what the node
 * counted.
 */
const foreignName = 'evil.test';
let browser: Browser;
let pages: PageServer;
before(async () => {
  pages = await startPageServer('<!doctype html><title>any page</title><body>');
  browser = await startChromium({ hosts: [foreignName] });
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await pages?.[Symbol.asyncDispose]();
});

async function statsOf(node: TestNode): Promise<NodeStats> {
  const [stats] = (await node.admin.stats()).nodes;
  assert.ok(stats);
  return stats;
}

const countOf = async (node: TestNode, code: string) => (await statsOf(node)).refused[code] ?? 0;

/** The victim, and the proof at the end that nothing but this push reached it. */
async function joinVictim(node: TestNode): Promise<{ victim: WsClient; gotOnly: (action: string) => Promise<void> }> {
  const victim = await join(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
  return {
    victim,
    async gotOnly(action) {
      await post(node, '/send', { receiver: 'alice', action });
      await victim.message((body) => body['action'] === action);
      assert.deepEqual(
        victim.messages.map((body) => body['action']),
        [action],
      );
      await victim.close();
    },
  };
}

/** Another port of this machine, and another name: cross-origin and cross-site. */
for (const host of ['127.0.0.1', foreignName]) {
  test(`a page at ${host} on another port pushes nothing, whichever way it posts`, async () => {
    await using node = await startTestNode();
    const { gotOnly } = await joinVictim(node);
    const page = await browser.open(`http://${host}:${pages.port}/`);
    const body = JSON.stringify('{"receiver":"alice","action":"evil"}');

    const opaque = await page.evaluate(
      `fetch('${node.url}/send', { method: 'POST', mode: 'no-cors', body: ${body} }).then(({ type, status }) => type + status)`,
    );
    assert.equal(opaque, 'opaque0', 'it was sent, and the answer cannot be read');
    assert.equal(await countOf(node, 'forbidden'), 1);

    await page.evaluate(`navigator.sendBeacon('${node.url}/send/all', ${body})`);
    await eventually('the beacon is refused', async () => (await countOf(node, 'forbidden')) === 2);

    // A form can write JSON: its text/plain body is name=value.
    await page.evaluate(`(() => {
      document.body.innerHTML = '<iframe name=f></iframe><form method=post enctype=text/plain target=f><input></form>';
      const form = document.forms[0];
      form.action = '${node.url}/send';
      form.elements[0].name = '{"receiver":"alice","action":"evil","title":"';
      form.elements[0].value = '"}';
      form.submit();
    })()`);
    await eventually('the form is refused', async () => (await countOf(node, 'forbidden')) === 3);

    // With the header go-websocket's API asks for, the browser asks first, and is not answered.
    await assert.rejects(
      page.evaluate(
        `fetch('${node.url}/api/send_to_system', { method: 'POST', headers: { SystemId: 'default' }, body: '{}' })`,
      ),
      /Failed to fetch/,
    );
    assert.deepEqual((await statsOf(node)).messagesIn, {});
    await gotOnly('allowed');
    await page.close();
  });

  test(`a page at ${host} on another port reads neither who is online nor what the operator sees`, async () => {
    await using node = await startTestNode();
    const { gotOnly } = await joinVictim(node);
    const page = await browser.open(`http://${host}:${pages.port}/`);
    for (const path of ['/getOnlineUser', '/metrics', '/admin/v1/connections']) {
      const before = await statsOf(node);
      await assert.rejects(page.evaluate(`fetch('${node.url}${path}').then((r) => r.text())`), /Failed to fetch/, path);
      const refused = (await statsOf(node)).refused;
      const code = path.startsWith('/admin') ? 'unauthorized' : 'forbidden';
      assert.equal(refused[code], (before.refused[code] ?? 0) + 1, `${path} was refused, not only hidden`);
    }
    // As an image or a script is fetched: there is no Origin, only Sec-Fetch-Site.
    const before = await countOf(node, 'forbidden');
    await page.evaluate(`fetch('${node.url}/getOnlineUser', { mode: 'no-cors' })`);
    assert.equal(await countOf(node, 'forbidden'), before + 1);
    await gotOnly('allowed');
    await page.close();
  });

  test(`a page at ${host} on another port binds no user: 401, 4500`, async () => {
    await using node = await startTestNode();
    const { victim, gotOnly } = await joinVictim(node);
    const page = await browser.open(`http://${host}:${pages.port}/`);
    const bind = { type: 3, content: JSON.stringify({ key: 'client_bind', data: { uid: 'alice', channel: 'web' } }) };
    const heard = await page.evaluate(`new Promise((resolve) => {
      const frames = [];
      const socket = new WebSocket('${node.ws}/cim-json');
      socket.onopen = () => socket.send(${JSON.stringify(JSON.stringify(bind))});
      socket.onmessage = ({ data }) => frames.push(JSON.parse(JSON.parse(data).content));
      socket.onclose = ({ code }) => resolve({ frames, code });
      setTimeout(() => resolve({ frames, code: 'still open' }), 5000);
    })`);
    const { frames, code } = heard as { frames: Record<string, string>[]; code: number };
    assert.equal(code, 4500);
    assert.deepEqual(
      frames.map((frame) => [frame['key'], frame['code']]),
      [['client_handshake', '401']],
    );
    assert.equal(await countOf(node, 'unauthorized'), 1);
    assert.equal((await statsOf(node)).connections, 1, 'only the victim');
    assert.equal(victim.ended, undefined, 'and it was not replaced');
    await gotOnly('allowed');
    await page.close();
  });
}

test('a name that is made to point at this machine opens nothing (DNS rebinding)', async () => {
  await using node = await startTestNode();
  const { gotOnly } = await joinVictim(node);
  // Same origin to the browser: it sends no Origin with a GET, asks nobody before a POST, and lets the page read.
  const page = await browser.open(`http://${foreignName}:${node.port}/healthz`);
  const tries = [
    `fetch('/getOnlineUser')`,
    `fetch('/metrics')`,
    `fetch('/send', { method: 'POST', body: '{"receiver":"alice","action":"evil"}' })`,
    `fetch('/api/send_to_system', { method: 'POST', headers: { SystemId: 'default' }, body: '{}' })`,
  ];
  for (const [index, call] of tries.entries()) {
    assert.equal(await page.evaluate(`${call}.then((r) => r.status)`), 403, call);
    assert.equal(await countOf(node, 'forbidden'), index + 1);
  }
  assert.deepEqual((await statsOf(node)).messagesIn, {});
  await gotOnly('allowed');
  await page.close();
});
