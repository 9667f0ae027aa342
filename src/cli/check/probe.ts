import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../../api/target.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import { ClientError } from '../../client/client-error.ts';
import type { ClientDialect, HeardFrame } from '../connect/dialects.ts';
import { openSession } from '../connect/session.ts';

export interface CheckProbeOptions {
  readonly client: Pick<AdminClient, 'send'>;
  readonly url: URL;
  readonly dialect: ClientDialect;
  readonly system: string | undefined;
  /** Of a dialect that binds; absent: a name of its own each time. */
  readonly uid: string | undefined;
  readonly ca: string | undefined;
  /** For all of it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Milliseconds. `connectMs`: until the client could receive; `probeMs`: from the push until it had the message. */
export interface CheckProbe {
  readonly connectMs: number;
  readonly probeMs: number;
}

/** Another node may not have heard of the connection yet. */
const retryMs = 50;

/** A client connects, and a message is pushed to it through the admin API. Rejects with `ClientError`, or `Error` where the message did not come back. */
export async function probeOnce(options: CheckProbeOptions): Promise<CheckProbe> {
  const { client, dialect, system, timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const nonce = randomBytes(8).toString('hex');
  const uid = options.uid ?? `yunque-check-${nonce}`;
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<Target>();
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  const { promise: refused, reject: refuse } = Promise.withResolvers<never>();
  const onFrame = (frame: HeardFrame) => {
    if (frame.type === 'message') {
      if (frame.json.includes(nonce)) hear();
      return;
    }
    if (!dialect.mustBind && frame.type === 'greeting') becomeReady({ to: 'connections', ids: [clientIdIn(frame)] });
    if (dialect.mustBind && frame.type === 'reply') {
      if (frame.code === '200') becomeReady({ to: 'device', uid, deviceId: nonce });
      else refuse(new ClientError('denied', `the probe was not let in: ${frame.code} ${frame.message}`));
    }
  };
  const started = performance.now();
  const bind = dialect.mustBind ? bindData(uid, nonce) : undefined;
  const session = await openSession({ ...options, bind, onFrame });
  try {
    const ended = session.closed.then(({ code, reason }) => {
      throw new Error(`the client of the probe was closed: ${code} ${reason}`);
    });
    const late = new Promise<never>((_, reject) => {
      const onLate = () => reject(new Error(`the probe did not come back within ${timeoutMs} ms`));
      deadline.addEventListener('abort', onLate, { once: true });
    });
    for (const each of [ended, late, refused]) each.catch(() => {});
    const target = await Promise.race([ready, ended, late, refused]);
    const connectMs = performance.now() - started;
    for (;;) {
      const pushed = performance.now();
      const push = { code: 0, msg: 'yunque check', data: nonce };
      const receipt = await client.send({ ...(system !== undefined && { system }), target, push });
      if (receipt.matched > 0) {
        await Promise.race([heard, ended, late]);
        return { connectMs: tenths(connectMs), probeMs: tenths(performance.now() - pushed) };
      }
      await Promise.race([sleep(retryMs), ended, late]);
    }
  } finally {
    session.close();
  }
}

function clientIdIn({ json }: HeardFrame): string {
  const { data } = JSON.parse(json) as { readonly data?: { readonly clientId?: string } };
  return data?.clientId ?? '';
}

/** The device is the probe's own: it drives nobody out who has the same user. */
function bindData(uid: string, deviceId: string): Record<string, string> {
  return {
    uid,
    channel: 'web',
    deviceId,
    deviceName: 'yunque check',
    appVersion: '1',
    osVersion: '1',
    packageName: 'yunque',
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
