import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';
import { requireTool } from './tool.ts';

/** A real browser without a window. */
export interface Browser extends AsyncDisposable {
  open(url: string): Promise<Page>;
}

export interface Page {
  /** The value of an expression in the page, awaited; a rejection there is a rejection here. */
  evaluate(expression: string): Promise<unknown>;
  /** Resolves as soon as the expression is true. */
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  // biome-ignore lint/suspicious/noExplicitAny: each method of the DevTools protocol has its own
  readonly result?: any;
}

const START_PATIENCE_MS = 30_000;

/** Starts Debian's Chromium with a profile of its own, driven over its DevTools protocol. `hosts`: names that are this machine. */
export async function startChromium(options: { hosts?: readonly string[] } = {}): Promise<Browser> {
  const program = await requireTool('chromium', 'chromium');
  const profile = await mkdtemp(join(tmpdir(), 'yunque-chromium-'));
  const rules = (options.hosts ?? []).map((host) => `MAP ${host} 127.0.0.1`).join(', ');
  const child = spawn(
    program,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server'],
      ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, `--host-resolver-rules=${rules}`, 'about:blank'],
    ],
    // Killed, it leaves its temporary folders behind: they are in the profile, and go with it.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, TMPDIR: profile } },
  );
  const end = async () => {
    await endGroup(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    const devTools = await connectDevTools(await devToolsUrl(child));
    return { open: (url) => openPage(devTools, url), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Chromium is many processes; they are one group. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}

async function devToolsUrl(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  const fail = (why: string) => reject(new Error(`chromium ${why}: ${said.slice(-2000)}`));
  const timer = setTimeout(() => fail('does not start'), START_PATIENCE_MS);
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  });
  child.on('error', reject);
  child.on('exit', () => fail('ended'));
  return await promise.finally(() => clearTimeout(timer));
}

type Send = (method: string, params: object, sessionId?: string) => Promise<NonNullable<Answer['result']>>;

/** One connection for the browser and all its pages (flat sessions). */
async function connectDevTools(url: string): Promise<Send> {
  const ws = new WebSocket(url, { perMessageDeflate: false });
  await once(ws, 'open');
  const waiting = new Map<number, (answer: Answer) => void>();
  ws.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  ws.on('error', () => {});
  ws.on('close', () => {
    for (const settle of waiting.values()) settle({ error: { message: 'chromium has gone' } });
  });
  let lastId = 0;
  return async (method, params, sessionId) => {
    lastId += 1;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    waiting.set(lastId, resolve);
    ws.send(JSON.stringify({ id: lastId, method, params, ...(sessionId !== undefined && { sessionId }) }));
    const { error, result } = await promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}

async function openPage(send: Send, url: string): Promise<Page> {
  const { targetId } = await send('Target.createTarget', { url });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page: Page = {
    async evaluate(expression) {
      const params = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await send('Runtime.evaluate', params, sessionId);
      if (exceptionDetails === undefined) return result.value;
      throw new Error(`in the page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    },
    async until(expression) {
      try {
        await eventually(expression, async () => (await page.evaluate(expression)) === true);
      } catch (error) {
        const text = await page.evaluate('document.body.innerText').catch(String);
        throw new Error(`${expression} never came true; the page says: ${text}`, { cause: error });
      }
    },
    close: () => send('Target.closeTarget', { targetId }),
  };
  // Until the new document is there, expressions would be those of the blank page before it.
  await page.until(`location.href !== 'about:blank' && document.readyState === 'complete'`);
  return page;
}
