import type { PushListItem } from '../../../api/command.ts';
import type { MessageClass } from '../../../api/message-class.ts';
import type { ListReceipt } from '../../../api/receipt.ts';
import { toLong } from '../../../wire/int64.ts';
import { yunque } from '../../../wire/proto/push.js';
import { readClass, readSend } from '../read-send.ts';
import { toYunqueError } from '../refusal.ts';
import { decodeWith, pathOf, type StreamCall, type StreamMethod } from './method.ts';

const { SendRequest, StreamReceipt } = yunque.v1;

/** Messages that are handed on in one go. */
const mostAtOnce = 256;
const mostErrors = 100;
const mostNodes = 1000;

export const sendStream: StreamMethod = {
  path: pathOf('SendStream'),
  privilege: 'push',
  async answer(call) {
    const totals = new Totals();
    try {
      for (;;) {
        const arrived = await call.read(Math.min(mostAtOnce, call.limits.batch));
        if (arrived.length === 0) return totals.encode();
        call.check();
        await handOn(call, arrived, totals);
      }
    } catch (error) {
      call.trailers.set('yunque-received', String(totals.received));
      throw error;
    }
  },
};

interface Read {
  readonly index: number;
  readonly item: PushListItem;
  readonly class?: MessageClass;
}

/** In their order: those of one class that follow each other go together. */
async function handOn(call: StreamCall, arrived: readonly Buffer[], totals: Totals): Promise<void> {
  const first = totals.received;
  let run: Read[] = [];
  for (const [offset, bytes] of arrived.entries()) {
    const index = first + offset;
    try {
      const read = readOne(call, bytes, index);
      if (run[0] !== undefined && !isSameClass(run[0].class, read.class)) {
        await push(call, run, totals);
        run = [];
      }
      run.push(read);
    } catch (error) {
      call.onFailed(error);
      totals.fail(index, error);
    }
  }
  if (run.length > 0) await push(call, run, totals);
}

function readOne({ limits, newMessageId }: StreamCall, bytes: Buffer, index: number): Read {
  const request = decodeWith((each) => SendRequest.decode(each), bytes);
  return { index, item: readSend(request, newMessageId(), limits), ...readClass(request.class, limits, 'class') };
}

async function push({ execute, system, onFailed }: StreamCall, run: readonly Read[], totals: Totals): Promise<void> {
  const messageClass = run[0]?.class;
  try {
    const receipt = await execute({
      type: 'pushList',
      door: 'grpc',
      system,
      items: run.map(({ item }) => item),
      ...(messageClass && { class: messageClass }),
    });
    totals.add(run.length, receipt);
  } catch (error) {
    onFailed(error);
    for (const { index } of run) totals.fail(index, error);
  }
}

function isSameClass(one: MessageClass | undefined, other: MessageClass | undefined): boolean {
  return one?.name === other?.name && one?.key === other?.key;
}

/** What became of the messages of a stream so far. */
class Totals {
  received = 0;
  #accepted = 0;
  #matched = 0;
  #delivered = 0;
  #queued = 0;
  #offline = 0;
  readonly #dropped = new Map<string, number>();
  readonly #missingNodes = new Set<string>();
  readonly #errors: yunque.v1.StreamError.$Properties[] = [];

  add(messages: number, { matched, delivered, queued, dropped, offline, missingNodes }: ListReceipt): void {
    this.received += messages;
    this.#accepted += messages;
    this.#matched += matched;
    this.#delivered += delivered;
    this.#queued += queued;
    this.#offline += offline.length;
    for (const [reason, count = 0] of Object.entries(dropped)) {
      this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
    }
    for (const node of missingNodes) if (this.#missingNodes.size < mostNodes) this.#missingNodes.add(node);
  }

  fail(index: number, error: unknown): void {
    this.received += 1;
    if (this.#errors.length >= mostErrors) return;
    const { code, message, field = '', hint = '' } = toYunqueError(error);
    this.#errors.push({ index: longOf(index), code, message, field, hint });
  }

  encode(): Uint8Array {
    return StreamReceipt.encode({
      received: longOf(this.received),
      accepted: longOf(this.#accepted),
      failed: longOf(this.received - this.#accepted),
      matched: longOf(this.#matched),
      delivered: longOf(this.#delivered),
      queued: longOf(this.#queued),
      dropped: Object.fromEntries([...this.#dropped].map(([reason, count]) => [reason, longOf(count)])),
      offline: longOf(this.#offline),
      missing_nodes: [...this.#missingNodes],
      errors: this.#errors,
    }).finish();
  }
}

function longOf(value: number): ReturnType<typeof toLong> {
  return toLong(BigInt(value));
}
