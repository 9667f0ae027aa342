import { createHash } from 'node:crypto';
import { LC_CODE_SIGNATURE, type MachO, parseMachO, segmentNamed, setLinkeditEnd } from './mach-o.ts';

const EMBEDDED_SIGNATURE = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_SLOT = 0;
const VERSION_WITH_EXEC_SEGMENT = 0x20400;
const AD_HOC = 0x2;
const LINKER_SIGNED = 0x20000;
const SHA256 = 2;
const HASH_BYTES = 32;
const MAIN_BINARY = 1n;
/** Of what one hash covers, whatever the kernel's pages are. */
const HASHED_PAGE_BITS = 12;
const SUPER_BLOB_BYTES = 20;
const CODE_DIRECTORY_BYTES = 88;
const COMMAND_BYTES = 16;
const SIGNATURE_ALIGNMENT = 16;

/**
 * The same executable with an ad-hoc code signature in place of any it had: without one, Apple's own chips refuse to start
 * it. Answers a new file.
 *
 * The form is the one that linkers write (Apple's, LLVM's, Go's): one CodeDirectory with a SHA-256 for every 4 KiB of the file
 * up to the signature. It names nobody and vouches for nothing but that the file is whole.
 * Source: Apple, xnu `osfmk/kern/cs_blobs.h`. All numbers big-endian.
 */
export function signAdHoc(bytes: Buffer, identifier: string): Buffer {
  const code = alignEnd(withoutSignature(parseMachO(bytes)));
  const file = parseMachO(code);
  const size = signatureBytes(code.length, identifier);
  const commandAt = file.commands.find(({ type }) => type === LC_CODE_SIGNATURE)?.at ?? addCommand(file);
  code.writeUInt32LE(code.length, commandAt + 8);
  code.writeUInt32LE(size, commandAt + 12);
  setLinkeditEnd(file, code.length + size);
  const { offset, fileBytes } = segmentNamed(file, '__TEXT');
  return Buffer.concat([code, signatureOf(code, identifier, { offset, fileBytes })]);
}

/** The load command stays, for the signature to come. */
function withoutSignature({ bytes, commands }: MachO): Buffer {
  const command = commands.find(({ type }) => type === LC_CODE_SIGNATURE);
  if (command === undefined) return bytes;
  const at = bytes.readUInt32LE(command.at + 8);
  if (at + bytes.readUInt32LE(command.at + 12) !== bytes.length) {
    throw new Error('the signature is not the end of the Mach-O file');
  }
  return bytes.subarray(0, at);
}

/** A copy, with zeros up to where a signature may begin. */
function alignEnd(bytes: Buffer): Buffer {
  const padding = (SIGNATURE_ALIGNMENT - (bytes.length % SIGNATURE_ALIGNMENT)) % SIGNATURE_ALIGNMENT;
  return Buffer.concat([bytes, Buffer.alloc(padding)]);
}

/** Adds the load command in the room between the commands and the program text, and answers where it stands. */
function addCommand({ bytes, commands, commandsEnd, segments }: MachO): number {
  const contentAt = Math.min(...segments.flatMap(({ firstSectionAt }) => firstSectionAt ?? []));
  const end = commandsEnd + COMMAND_BYTES;
  if (end > contentAt || bytes.subarray(commandsEnd, end).some((byte) => byte !== 0)) {
    throw new Error('the Mach-O file has no room for the load command of a signature');
  }
  bytes.writeUInt32LE(LC_CODE_SIGNATURE, commandsEnd);
  bytes.writeUInt32LE(COMMAND_BYTES, commandsEnd + 4);
  bytes.writeUInt32LE(commands.length + 1, 16);
  bytes.writeUInt32LE(bytes.readUInt32LE(20) + COMMAND_BYTES, 20);
  return commandsEnd;
}

function pagesOf(codeBytes: number): number {
  return Math.ceil(codeBytes / 2 ** HASHED_PAGE_BITS);
}

function signatureBytes(codeBytes: number, identifier: string): number {
  return SUPER_BLOB_BYTES + CODE_DIRECTORY_BYTES + identifier.length + 1 + pagesOf(codeBytes) * HASH_BYTES;
}

/** `CS_SuperBlob` with one entry, and the `CS_CodeDirectory` it points to; `text` is the segment that may be executed. */
function signatureOf(code: Buffer, identifier: string, text: { offset: number; fileBytes: number }): Buffer {
  const signature = Buffer.alloc(signatureBytes(code.length, identifier));
  const directory = signature.subarray(SUPER_BLOB_BYTES);
  const hashesAt = CODE_DIRECTORY_BYTES + identifier.length + 1;
  writeWords(signature, [EMBEDDED_SIGNATURE, signature.length, 1, CODE_DIRECTORY_SLOT, SUPER_BLOB_BYTES]);
  const pages = pagesOf(code.length);
  writeWords(directory, [
    CODE_DIRECTORY,
    directory.length,
    VERSION_WITH_EXEC_SEGMENT,
    AD_HOC | LINKER_SIGNED,
    hashesAt,
    CODE_DIRECTORY_BYTES, // where the identifier begins
    0, // hashes of other things than code
    pages,
    code.length,
  ]);
  directory.set([HASH_BYTES, SHA256, 0, HASHED_PAGE_BITS], 36);
  directory.writeBigUInt64BE(BigInt(text.offset), 64);
  directory.writeBigUInt64BE(BigInt(text.fileBytes), 72);
  directory.writeBigUInt64BE(MAIN_BINARY, 80);
  directory.write(identifier, CODE_DIRECTORY_BYTES, 'latin1');
  for (let page = 0; page < pages; page++) {
    const hashed = code.subarray(page * 2 ** HASHED_PAGE_BITS, (page + 1) * 2 ** HASHED_PAGE_BITS);
    directory.set(createHash('sha256').update(hashed).digest(), hashesAt + page * HASH_BYTES);
  }
  return signature;
}

function writeWords(bytes: Buffer, values: readonly number[]): void {
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
}
