import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const vectorFolder = join(import.meta.dirname, '../vectors');

/** The bytes protoc made of `NAME.txtpb`. */
export function vector(name: string): Buffer {
  return Buffer.from(readFileSync(join(vectorFolder, `${name}.hex`), 'utf8').trim(), 'hex');
}

/** The same behind the type byte of a frame. */
export function vectorFrame(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.from([type]), vector(name)]);
}
