import type { Codecs } from '../prepared-message.ts';
import { cimCodec } from './cim.ts';
import { cimJsonCodec } from './cim-json.ts';
import { jsonCodec } from './json.ts';
import { yunqueCodec } from './yunque.ts';

/** Every dialect yunque speaks. A new one is a file here and a row in this table. */
export const codecs: Codecs = {
  json: jsonCodec,
  yunque: yunqueCodec,
  cim: cimCodec,
  'cim-json': cimJsonCodec,
};
