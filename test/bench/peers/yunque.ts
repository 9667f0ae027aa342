import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../../src/app/node.ts';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { answerCpu } from './answer-cpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'yunque-bench-'));
// No heartbeat during the bench: its receivers only count.
const set = ['heartbeat.json.pingInterval=1h', 'heartbeat.protobuf.pingInterval=1h'];
const flags = { port: 0, host: '127.0.0.1', dataDir: join(folder, 'data'), config: undefined, set };
const load = () => readConfig({ flags, env: {}, cwd: folder });
const live = createLiveConfig(load().config, load);
const node = await startNode({ live, env: { XDG_RUNTIME_DIR: folder }, log: silentLogger() });
answerCpu(node.port);
