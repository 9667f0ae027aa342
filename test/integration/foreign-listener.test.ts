import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startTestNode } from '../support/node.ts';
import { cli } from '../unit/cli/run-cli.ts';

/** Another user's program, on the other loopback address of the node's port. */
async function listenBeside(t: TestContext, port: number): Promise<{ readonly heard: (string | undefined)[] }> {
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.writeHead(401).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(port, '::1', resolve));
  t.after(() => server.close());
  return { heard };
}

test('a program that has the node’s port on another loopback address learns nothing from the commands', async (t) => {
  await using node = await startTestNode({ set: ['host=127.0.0.1'] });
  const { heard } = await listenBeside(t, node.port);
  const { socketFile = '' } = node.node.operator;
  const env = { XDG_RUNTIME_DIR: dirname(dirname(socketFile)) };
  for (const server of [`http://[::1]:${node.port}`, `localhost:${node.port}`, node.url]) {
    const { exit, out, err } = await cli(['stats', '--json', '-s', server], { env });
    assert.equal(exit, 0, err);
    assert.equal(JSON.parse(out).nodes[0].node, node.node.nodeId);
  }
  assert.deepEqual(heard, []);

  // As if it had none.
  await rm(socketFile);
  const { exit } = await cli(['stats', '-s', `http://[::1]:${node.port}`], { env });
  assert.notEqual(exit, 0);
  assert.deepEqual(heard, [undefined]);
});
