import type { ReadStream, WriteStream } from 'node:tty';
import type { Feed } from './feed/feed.ts';
import type { Session } from './session.ts';
import type { Size } from './state/view-state.ts';

/** Where it is shown, and what keys come from. */
export interface Terminal {
  readonly stdout: WriteStream;
  /** Keys are read where this is a terminal. */
  readonly stdin: NodeJS.ReadableStream | ReadStream;
}

/** `quit`: asked for with q, or `maxRefresh` reached. `interrupt`: Ctrl-C, a signal, or the terminal went away. */
export type TopEnding = 'quit' | 'interrupt';

/** How long after the last resize everything is drawn anew: terminals differ in what they keep of the old screen. */
const redrawAfterResizeMs = 150;

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function sizeOf({ columns, rows }: WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}

/** Tells the session, and draws everything anew once the terminal has its last size. */
export function followResize(stdout: WriteStream, session: Session, redraw: () => void): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const onResize = () => {
    session.resize(sizeOf(stdout));
    clearTimeout(timer);
    timer = setTimeout(() => {
      redraw();
      session.resize(sizeOf(stdout));
    }, redrawAfterResizeMs);
  };
  stdout.on('resize', onResize);
  return {
    stop() {
      clearTimeout(timer);
      stdout.off('resize', onResize);
    },
  };
}

/** Everything that ends the dashboard, as one promise. The listeners stay until `stop`, so that nothing ends it halfway. */
export function watchForEnd(
  { stdin, stdout, maxRefresh }: Terminal & { readonly maxRefresh?: number | undefined },
  feed: Feed,
  session: Session,
): { readonly promise: Promise<TopEnding>; stop(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<TopEnding>();
  // Once ended, nobody may be waiting any more.
  promise.catch(() => undefined);
  const onInterrupt = () => resolve('interrupt');
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true;
  const unsubscribers = [
    session.subscribe(() => {
      const { ending } = session.frame().state;
      if (ending) resolve(ending);
    }),
    feed.subscribe(() => {
      if (maxRefresh !== undefined && feed.snapshot.samples >= maxRefresh) resolve('quit');
    }),
  ];
  for (const signal of endingSignals) process.on(signal, onInterrupt);
  process.on('uncaughtException', reject);
  stdout.on('error', onInterrupt);
  if (isTerminal) for (const event of ['end', 'close', 'error']) stdin.on(event, onInterrupt);
  return {
    promise,
    stop() {
      for (const unsubscribe of unsubscribers) unsubscribe();
      for (const signal of endingSignals) process.off(signal, onInterrupt);
      process.off('uncaughtException', reject);
      stdout.off('error', onInterrupt);
      if (isTerminal) for (const event of ['end', 'close', 'error']) stdin.off(event, onInterrupt);
    },
  };
}
