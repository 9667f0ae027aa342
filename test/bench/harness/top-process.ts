import { setTimeout as delay } from 'node:timers/promises';
import { ensureBinary } from '../../support/binary.ts';
import { openTerminal, type Terminal } from '../../support/pty.ts';
import { childrenOf, treeCpuMs } from './process-tree.ts';
import type { ServeProcess } from './serve-process.ts';

/** What the head of the screen says. */
export interface TopHead {
  readonly nodes: number;
  readonly online: number;
  readonly slow: number;
  /** Messages handed to sockets a second; undefined before there are two answers. */
  readonly out: number | undefined;
}

/** The binary's `yunque top` in a pseudo-terminal, asked as people ask: by keys, and by looking at the screen. */
export interface TopProcess extends AsyncDisposable {
  readonly terminal: Terminal;
  head(): TopHead;
  cpuMs(): Promise<number>;
  /** It asks nothing and draws nothing until it may go on. */
  freeze(): void;
  thaw(): void;
  /** Seconds until the screen is so. Rejects with the screen after 15 s. */
  secondsUntil(what: string, isSo: () => boolean): Promise<number>;
}

export const size = { columns: 140, rows: 40 };

/** In the view of clients, at the interval that it has by itself. */
export async function startTop(node: ServeProcess): Promise<TopProcess> {
  const terminal = await openTerminal({
    command: await ensureBinary(),
    args: ['top', '-s', String(node.port), '--view', 'clients'],
    env: { XDG_RUNTIME_DIR: node.runtimeFolder, HOME: node.runtimeFolder, XDG_CONFIG_HOME: node.runtimeFolder },
    ...size,
  });
  await terminal.shows(/ online /);
  const [pid] = await childrenOf(terminal.helperPid);
  if (pid === undefined) throw new Error('top is not there');
  return {
    terminal,
    head: () => readHead(terminal.screen.text),
    cpuMs: () => treeCpuMs(pid),
    freeze: () => void process.kill(pid, 'SIGSTOP'),
    thaw: () => void process.kill(pid, 'SIGCONT'),
    async secondsUntil(what, isSo) {
      const since = performance.now();
      await terminal.until(what, isSo);
      return (performance.now() - since) / 1000;
    },
    async [Symbol.asyncDispose]() {
      process.kill(pid, 'SIGCONT');
      terminal.type('q');
      await Promise.race([terminal.exit, delay(2000, undefined, { ref: false })]);
      await terminal[Symbol.asyncDispose]();
    },
  };
}

/** Figures have a comma between thousands. Throws where the screen has no such head. */
export function readHead(screen: string): TopHead {
  const figure = (pattern: RegExp): number | undefined => {
    const text = pattern.exec(screen)?.[1];
    return text === undefined ? undefined : Number(text.replaceAll(',', ''));
  };
  const needed = (name: string): number => {
    const value = figure(new RegExp(` ${name} +([\\d,]+)`));
    if (value === undefined) throw new Error(`the screen does not say ${name}:\n${screen}`);
    return value;
  };
  return { nodes: needed('nodes'), online: needed('online'), slow: needed('slow'), out: figure(/out\/s +([\d,]+)/) };
}
