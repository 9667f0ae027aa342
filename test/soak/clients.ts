/** A process of clients, told what to do and telling what they saw over its parent's channel. */
import { createRandom } from '../support/random.ts';
import { type ClientContext, SoakClient, type Tally } from './client.ts';
import { roleOf } from './client-kind.ts';

export type Order =
  | {
      readonly do: 'start';
      readonly port: number;
      /** Places `from` to `to`, that not included. */
      readonly from: number;
      readonly to: number;
      readonly seed: number;
      /** The connecting is spread over this. */
      readonly rampMs: number;
      readonly lifeMs: readonly [number, number];
    }
  | { readonly do: 'calm' }
  /** `last`: the number of the newest broadcast. */
  | { readonly do: 'report'; readonly last: number }
  | { readonly do: 'leave' };

export interface Report {
  readonly tally: Tally;
  readonly connected: number;
  readonly steady: number;
  /** Of the steady ones, those that have not heard the newest broadcast. */
  readonly behind: number;
}

const addresses = Array.from({ length: 16 }, (_, n) => `127.0.0.${n + 2}`);

let clients: SoakClient[] = [];
let context: ClientContext | undefined;

process.on('message', (order: Order) => {
  if (order.do === 'start') return start(order);
  if (context === undefined) return;
  if (order.do === 'calm') context.isCalm = true;
  else if (order.do === 'report') process.send?.(reportOf(order.last, context));
  else {
    context.isOver = true;
    for (const client of clients) client.leave();
  }
});

function start({ port, from, to, seed, rampMs, lifeMs }: Extract<Order, { do: 'start' }>): void {
  let used = 0;
  const random = createRandom(seed + from);
  const tally = { connects: 0, greeted: 0, heard: 0, gaps: 0, closes: {}, unexpected: {} };
  const nextAddress = () => addresses[used++ % addresses.length] ?? '127.0.0.1';
  const own: ClientContext = { port, random, lifeMs, tally, nextAddress, isCalm: false, isOver: false };
  context = own;
  clients = Array.from({ length: to - from }, (_, n) => new SoakClient(own, roleOf(from + n)));
  for (const client of clients) client.start(random() * rampMs);
}

function reportOf(last: number, { tally }: ClientContext): Report {
  const steady = clients.filter((client) => client.isSteady);
  return {
    tally,
    connected: clients.filter((client) => client.isConnected).length,
    steady: steady.length,
    behind: steady.filter((client) => client.last < last).length,
  };
}
