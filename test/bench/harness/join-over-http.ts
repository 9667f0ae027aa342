import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

const atOnce = 16;

/** go-websocket's `bind_to_group` for each client. Throws where one cannot join. */
export async function joinOverHttp(port: number, groupName: string, ids: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const waiting = [...ids];
  const joiner = async () => {
    for (let clientId = waiting.pop(); clientId !== undefined; clientId = waiting.pop()) {
      await join(agent, port, { clientId, groupName });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, joiner));
  agent.destroy();
}

function join(agent: Agent, port: number, body: object): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { SystemId: 'default' };
  const asked = request({ port, host: '127.0.0.1', path: '/api/bind_to_group', method: 'POST', agent, headers });
  asked.on('error', reject);
  asked.on('response', (answer) => {
    const said = json(answer) as Promise<{ code: number }>;
    said.then((read) => (read.code === 0 ? resolve() : reject(new Error(JSON.stringify(read)))), reject);
  });
  asked.end(JSON.stringify(body));
  return promise;
}
