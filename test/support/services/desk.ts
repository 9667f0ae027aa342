import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { innerScope } from './scope.ts';
import type { Service } from './service.ts';

/** Where the desk of a run listens: the path of its socket. */
const DESK = 'YUNQUE_TEST_DESK';

/**
 * Starts each server when a test file first asks for it, one for the whole run: RabbitMQ and Kafka cost seconds. They end when it
 * closes, and with this process.
 */
export async function openDesk(
  starters: Readonly<Record<string, (scope: ReturnType<typeof innerScope>) => Promise<Service>>>,
): Promise<AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-desk-'));
  const ends: (() => Promise<void>)[] = [];
  const scope = innerScope({ after: (end) => void ends.push(end) });
  const started = new Map<string, Promise<Service>>();
  const serviceOf = (name: string): Promise<Service> => {
    const starter = starters[name];
    if (starter === undefined) throw new Error(`there is no service ${name}`);
    const service = started.get(name) ?? starter(scope);
    started.set(name, service);
    return service;
  };
  const server = createServer(async ({ url = '' }, response) => {
    try {
      response.end(JSON.stringify({ url: (await serviceOf(url.slice(1))).url }));
    } catch (error) {
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
  const path = join(folder, 'socket');
  server.listen(path);
  await once(server, 'listening');
  // The run may end while a test file is asking.
  server.unref();
  process.env[DESK] = path;
  return {
    async [Symbol.asyncDispose]() {
      delete process.env[DESK];
      server.close();
      await Promise.allSettled(started.values());
      for (const end of ends) await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The address of the run's own server of that name; undefined where there is no run. */
export async function askDesk(name: string): Promise<string | undefined> {
  const socketPath = process.env[DESK];
  if (socketPath === undefined) return undefined;
  const asked = request({ socketPath, path: `/${name}` }).end();
  const [response] = await once(asked, 'response');
  const { url, error } = (await json(response)) as { url?: string; error?: string };
  if (error !== undefined) throw new Error(error);
  return url;
}
