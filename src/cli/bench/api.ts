import { createClock } from '../../load/clock.ts';
import { asciiJson } from '../../load/doors.ts';
import { createMagic } from '../../load/marker.ts';
import { Sender } from '../../load/sender.ts';
import { planStreams } from '../../load/streams.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { createLiveProgress } from '../output/live-progress.ts';
import { readBody } from '../send/body.ts';
import { requireDescriptors } from './clients.ts';
import type { ApiFlags } from './flags.ts';
import { findPlace } from './place.ts';
import { report } from './report.ts';
import { apiResult } from './result.ts';

/** Requests to one path, without receivers: what an answer costs. */
export async function runApiBench(context: CliContext, path: string, flags: ApiFlags): Promise<void> {
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new CliError(`"${path}" is no path of an API: it begins with / and has no spaces`);
  const signal = context.endingSignal();
  requireDescriptors(flags.inFlight);
  await using place = await findPlace(context, flags);
  const clock = createClock();
  const epochMs = clock();
  const api = path.startsWith('/admin/') ? (place.operator ?? place.api) : place.api;
  const { host, key, system, prefix } = api;
  const data = flags.data === undefined ? (path === '/send' ? defaultBody : '') : await readBody(flags.data, context);
  const body = Buffer.from(data).toString('latin1');
  const credential = key === undefined ? '' : `Authorization: Bearer ${key}\r\n`;
  const content = flags.method === 'GET' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const request =
    `${flags.method} ${prefix}${path} HTTP/1.1\r\nHost: ${host}\r\n${credential}` +
    `SystemId: ${Buffer.from(system).toString('latin1')}\r\n${content}\r\n${flags.method === 'GET' ? '' : body}`;
  const sender = new Sender({
    endpoint: api.endpoint,
    streams: planStreams(flags.inFlight, flags.inFlight),
    batch: flags.batch,
    magic: createMagic(Math.random),
    epochMs,
    clock,
    requestFor: (messages) => ({ text: request.repeat(messages.length), requests: messages.length }),
    isTaken: ({ status }) => status >= 200 && status < 300,
    timeoutMs: context.globals.timeout,
  });
  try {
    const perSecond = flags.rate;
    if (flags.warmup > 0) await sender.send({ durationMs: flags.warmup, perSecond, signal });
    const startMs = clock();
    using shown = createLiveProgress(context).follow(() => [
      (clock() - startMs) / flags.duration,
      `${context.text.line.benchPhases.measure} ${sender.messages}`,
    ]);
    const sending = await sender.send({ durationMs: flags.duration, perSecond, signal });
    shown[Symbol.dispose]();
    await report(context, apiResult(flags, sending), {
      assertions: flags.assert ?? [],
      isInterrupted: signal.aborted,
      trouble: sending.trouble,
    });
  } finally {
    sender.close();
  }
}

/** A message for a user who is not there: all of a push but its delivery. */
const defaultBody = asciiJson({
  action: 'bench',
  sender: 'bench',
  receiver: 'nobody',
  content: { data: 'x'.repeat(128) },
});
