import type { Target } from '../target.ts';
import { codecTargets } from './codecs.ts';
import { configTargets } from './config.ts';
import { httpTarget } from './http.ts';
import { jsonTargets } from './json-text.ts';
import { listTarget } from './lists.ts';
import { readerTargets } from './small-readers.ts';
import { tokenTarget } from './tokens.ts';
import { websocketTarget } from './websocket.ts';

/** Everything that reads what strangers write. */
export const targets: readonly Target[] = [
  ...codecTargets,
  ...jsonTargets,
  ...readerTargets,
  ...configTargets,
  listTarget,
  tokenTarget,
  httpTarget,
  websocketTarget,
];
