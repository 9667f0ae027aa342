import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../../src/app/node.ts';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { answerCpu } from './answer-cpu.ts';

/** A node whose clients take a token (HS256), with a PING to each every 25 s. */
const folder = mkdtempSync(join(tmpdir(), 'yunque-bench-'));
const secretFile = join(folder, 'token.secret');
writeFileSync(secretFile, process.env['BENCH_SECRET'] ?? '', { mode: 0o600 });
const tokens = [{ type: 'jwt', algorithm: 'HS256', secretFile }];
const set = [
  `auth.tokens=${JSON.stringify(tokens)}`,
  'heartbeat.protobuf.pingAfter=25s',
  // Nobody is told who joins, as in the peer: ten thousand in one room would be fifty million notices.
  'groups.notices=false',
  ...(process.env['BENCH_SET']?.split(' ') ?? []),
];
const flags = { port: 0, host: '0.0.0.0', dataDir: join(folder, 'data'), config: undefined, set };
const load = () => readConfig({ flags, env: {}, cwd: folder });
const live = createLiveConfig(load().config, load);
const node = await startNode({ live, env: { XDG_RUNTIME_DIR: folder }, log: silentLogger() });
answerCpu(node.port);
