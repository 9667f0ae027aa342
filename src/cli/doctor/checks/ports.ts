import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Examine, type Finding, failed, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { type Place, placesOf } from '../places.ts';

/** Listens on each port for a moment. */
export const examinePorts: Examine = async (patient) => {
  const places = placesOf(patient.config);
  return await Promise.all(places.map((place) => examinePort(patient, place)));
};

async function examinePort(patient: Patient, { host, port, setting }: Place): Promise<Finding> {
  const name = `${host === undefined ? '' : `${host}:`}${port} (${setting})`;
  const code = await whyNot(host, port);
  if (code === undefined) return ok(`${name} is free`);
  if (code === 'EACCES') {
    return failed(
      `${name} is not for this user: ports below 1024 need a privilege`,
      'AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, setcap cap_net_bind_service=+ep on the program, or another port',
    );
  }
  if (code === 'EADDRNOTAVAIL')
    return failed(`${name}: no interface has this address`, 'correct the address, or leave it out');
  if (code !== 'EADDRINUSE') return failed(`${name} cannot be listened on: ${code}`, `choose another ${setting}`);
  const seen = await patient.node().catch(() => undefined);
  const holder = holderOf(patient, port);
  if (seen?.isHere === true && (holder === undefined ? setting === 'port' : seen.pids.includes(holder.pid))) {
    return ok(`${name} is held by the node that runs here`);
  }
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.name})`;
  const whoIs =
    patient.platform === 'linux' ? `ss -ltnp 'sport = :${port}' says by whom` : `lsof -nP -iTCP:${port} says by whom`;
  if (seen === undefined) return failed(`${name} is held by ${by}`, `end that, or choose another ${setting}; ${whoIs}`);
  return warning(`${name} is held by ${by}`, `if that is not the node itself, choose another ${setting}; ${whoIs}`);
}

function whyNot(host: string | undefined, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    server.listen({ port, exclusive: true, ...(host !== undefined && { host }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

interface Holder {
  readonly pid: number;
  readonly name: string;
}

/** Who listens, as far as /proc tells this user. */
function holderOf({ platform, read }: Patient, port: number): Holder | undefined {
  if (platform !== 'linux') return undefined;
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listenersIn(read(file) ?? '', port)));
  if (sockets.size === 0) return undefined;
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    if (names(folder).some((descriptor) => sockets.has(target(`${folder}/${descriptor}`)))) {
      return { pid: Number(pid), name: read(`/proc/${pid}/comm`)?.trim() ?? '?' };
    }
  }
  return undefined;
}

/** Columns: number, local address, remote address, state (0A: listening), …, inode. */
function listenersIn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    return columns[3] === '0A' && columns[1]?.endsWith(suffix) === true ? [`socket:[${columns[9]}]`] : [];
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
