import { maskedFrame } from './client-frames.ts';
import { createClock } from './clock.ts';
import { createConnecting } from './connecting.ts';
import { scanFrames } from './frame-scanner.ts';
import { Histogram } from './histogram.ts';
import { MessageReader } from './message-reader.ts';
import { type Failure, frameMark, ReceiverClient } from './receiver-client.ts';
import { type SentStreams, StreamVerifier } from './stream-verifier.ts';
import { type CounterName, counterNames, type FromThread, type ThreadWork } from './thread-protocol.ts';

/** All clients of a thread read into this: what is read is looked at before anything else is. */
const readBufferBytes = 512 * 1024;
/** Of a refusal: room for a reply with its text. */
const mostSaidBytes = 512;
/** A client that a full server sent away comes again so often. */
const mostTries = 20;

export interface Crowd {
  judge(sent: SentStreams): Extract<FromThread, { type: 'judged' }>;
  close(): void;
}

/** The clients of one thread: connects them, reads them, follows what they see. Calls `onOpened` once, when each is ready or will not be. */
export function openCrowd(
  work: ThreadWork,
  onOpened: (opened: Extract<FromThread, { type: 'opened' }>) => void,
): Crowd {
  const { wire, clients: plans } = work;
  const clock = createClock();
  const counters = new Float64Array(work.counters);
  const slot = (name: CounterName) => counterNames.indexOf(name);
  const count = (name: CounterName, by = 1) => {
    counters[slot(name)] = (counters[slot(name)] as number) + by;
  };
  const [atReceived, atBytes, atLast, atSampled] = [slot('received'), slot('bytes'), slot('lastMs'), slot('sampled')];
  const connects = new Histogram(work.connects);
  const targetOf = Int32Array.from(plans, ({ target }) => target);
  const verifier = new StreamVerifier({ receivers: plans.length, lanes: work.lanes, targetOf });
  const { verdict } = verifier;
  const reader = new MessageReader({
    magic: work.magic,
    verifier,
    latencies: new Histogram(work.latencies),
    epochMs: work.epochMs,
    clock,
  });
  const buffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const ready = wire.ready === undefined ? undefined : Buffer.from(wire.ready, 'latin1');
  const ping = wire.ping && { ...wire.ping, prefix: Buffer.from(wire.ping.prefix, 'latin1') };
  const open: (ReceiverClient | undefined)[] = new Array(plans.length);
  const ids: string[] = plans.map(() => '');
  const tries = new Uint8Array(plans.length);
  const isReady = new Uint8Array(plans.length);
  const failures = new Map<string, number>();
  const closes = new Map<number, number>();
  let unsettled = plans.length;
  let current: ReceiverClient;
  let hasSeenMessage = false;

  const settled = () => {
    connecting.settle();
    unsettled--;
    if (unsettled === 0) onOpened({ type: 'opened', ids, isReady, failures });
  };
  const becomeReady = (client: ReceiverClient) => {
    client.becomeReady();
    isReady[client.index] = 1;
    count('ready');
    const nowMs = clock();
    counters[slot('readyMs')] = nowMs;
    connects.record((nowMs - client.intendedMs) * 1000);
    settled();
  };

  const onOther = (bytes: Buffer, from: number, to: number, firstByte: number) => {
    const opcode = firstByte & 0x0f;
    if (opcode === 9) current.write(maskedFrame(Buffer.from(bytes.subarray(from, Math.min(to, from + 125))), 10));
    else if (opcode === 8) current.onClose(to - from >= 2 ? bytes.readUInt16BE(from) : 1005);
    else if (ping !== undefined && startsWith(bytes, from, to, ping.prefix)) current.write(ping.pong);
    else {
      count('otherFrames');
      if (!current.isReady) onBeforeReady(bytes.subarray(from, to));
    }
  };
  const onBeforeReady = (payload: Buffer) => {
    const at = ready === undefined ? -1 : payload.indexOf(ready);
    if (ready === undefined || at < 0) {
      current.said = `${frameMark}${payload.toString('hex', 0, mostSaidBytes)}`;
      return;
    }
    const from = at + ready.length;
    if (wire.readsId) ids[current.index] = payload.toString('latin1', from, payload.indexOf(0x22, from));
    becomeReady(current);
  };
  const onFrame = (bytes: Buffer, from: number, to: number, firstByte: number) => {
    if ((firstByte & 0x0f) < 8 && reader.take(bytes, from, to)) hasSeenMessage = true;
    else onOther(bytes, from, to, firstByte);
  };

  const events = {
    onUpgraded(client: ReceiverClient) {
      if (ready === undefined) becomeReady(client);
    },
    onData(client: ReceiverClient, bytes: Buffer, length: number) {
      current = client;
      const nowMs = reader.startChunk(client.index, length);
      scanFrames(client.scan, bytes, length, onFrame);
      counters[atBytes] = (counters[atBytes] as number) + length;
      if (!hasSeenMessage) return;
      hasSeenMessage = false;
      counters[atLast] = nowMs;
      counters[atSampled] = reader.sampled;
      counters[atReceived] = verdict.received;
      counters[atReceived + 1] = verdict.duplicated;
      counters[atReceived + 2] = verdict.outOfOrder;
      counters[atReceived + 3] = verdict.misdelivered;
    },
    onGone(client: ReceiverClient, { reason, retryAfterMs }: Failure) {
      const { index } = client;
      open[index] = undefined;
      if (client.isReady) {
        const code = client.closeCode ?? 1006;
        closes.set(code, (closes.get(code) ?? 0) + 1);
        count('closed');
        return;
      }
      tries[index] = (tries[index] as number) + 1;
      if (retryAfterMs !== undefined && (tries[index] as number) < mostTries) {
        count('refused');
        // Not all at once: they were sent away for that.
        connecting.again(index, retryAfterMs * (1 + Math.random()));
        return;
      }
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
      targetOf[index] = -1;
      count('failed');
      settled();
    },
  };
  const connecting = createConnecting({
    count: plans.length,
    pace: work.pace,
    clock,
    open(index, intendedMs) {
      const plan = plans[index];
      if (plan === undefined) return;
      const { endpoint, timeoutMs } = work;
      open[index] = new ReceiverClient({ endpoint, index, plan, buffer, timeoutMs, events, intendedMs });
    },
  });
  if (plans.length === 0) onOpened({ type: 'opened', ids, isReady, failures });
  else {
    counters[slot('startMs')] = clock();
    connecting.start();
  }

  return {
    judge: (sent) => ({ type: 'judged', lost: verifier.lost(sent), closes }),
    close() {
      connecting.stop();
      for (const client of open) client?.close();
    },
  };
}

function startsWith(bytes: Buffer, from: number, to: number, prefix: Buffer): boolean {
  return to - from >= prefix.length && bytes.compare(prefix, 0, prefix.length, from, from + prefix.length) === 0;
}
