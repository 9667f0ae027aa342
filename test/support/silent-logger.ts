import { pino } from 'pino';
import type { Logger } from '../../src/telemetry/log.ts';

export function silentLogger(): Logger {
  return pino({ level: 'silent' }, { write: () => {} });
}
