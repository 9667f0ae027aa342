import { loadConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/config/schema.ts';

/** The configuration when nobody says anything and no file is there. */
export function defaultConfig(): Config {
  return loadConfig({ env: {}, cwd: '/', readFile: () => ({ outcome: 'absent' }) }).config;
}
