import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { Traffic } from '../../../src/app/traffic.ts';
import { settled } from '../../support/fake-node.ts';

function createTraffic() {
  const own = new WeakSet<IncomingMessage>();
  const traffic = new Traffic((request) => own.has(request));
  const doors = traffic.inFrontOf({
    request: () => {},
    webSocketOnly: () => {},
    isOwn: () => false,
    upgrade: () => {},
  });
  const requestTo = (url: string) => ({ url }) as IncomingMessage;
  return {
    traffic,
    ask(url: string): EventEmitter & { shouldKeepAlive: boolean } {
      const response = Object.assign(new EventEmitter(), { shouldKeepAlive: true });
      doors.request(requestTo(url), response as unknown as ServerResponse);
      return response;
    },
    upgrade(isProbe: boolean): void {
      const request = requestTo('/ws');
      if (isProbe) own.add(request);
      doors.upgrade(request, new Duplex(), Buffer.alloc(0), {});
    },
  };
}

test('a node is quiet when only its operator and its own probe came', () => {
  const { traffic, ask, upgrade } = createTraffic();
  ask('/admin/v1/stats');
  upgrade(true);
  assert.ok(traffic.isQuiet);
  ask('/readyz');
  assert.ok(!traffic.isQuiet);

  const other = createTraffic();
  other.upgrade(false);
  assert.ok(!other.traffic.isQuiet);
});

test('all is answered when the last response has been closed', async () => {
  const { traffic, ask } = createTraffic();
  await traffic.whenAnswered();
  const responses = [ask('/send'), ask('/admin/v1/stats')];
  let isAnswered = false;
  const answered = traffic.whenAnswered().then(() => {
    isAnswered = true;
  });
  responses[0]?.emit('close');
  await settled();
  assert.ok(!isAnswered);
  responses[1]?.emit('close');
  await answered;
  await traffic.whenAnswered();
});

test('once it is leaving no answer keeps its connection', () => {
  const { traffic, ask } = createTraffic();
  assert.ok(ask('/healthz').shouldKeepAlive);
  traffic.leave();
  assert.ok(!ask('/healthz').shouldKeepAlive);
});
