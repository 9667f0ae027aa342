import type { SituationName } from './situations.ts';

/** What is wrong with the certificate a server showed, by the code of Node's error. */
const troubles: ReadonlyMap<string, SituationName> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'cert_unknown_issuer'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'cert_unknown_issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'cert_unknown_issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'cert_unknown_issuer'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'cert_unknown_issuer'],
  ['CERT_HAS_EXPIRED', 'cert_expired'],
  ['CERT_NOT_YET_VALID', 'cert_not_yet_valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'cert_other_name'],
]);

const hints: Partial<Record<SituationName, string>> = {
  cert_unknown_issuer: 'name the file of its authority, or of the certificate itself, with --ca-file or YUNQUE_CA_FILE',
  cert_expired: 'renew it on the server, and check the clock of this machine',
  cert_not_yet_valid: 'check the clocks of both machines',
  cert_other_name: 'write the server’s name as its certificate has it: -s https://NAME:PORT',
  no_tls: 'write http:// (or ws://), or name the port that speaks TLS',
};

export interface TlsTrouble {
  readonly situation: SituationName;
  readonly hint: string;
}

/** Undefined where the connection failed for another reason. */
export function tlsTrouble({ code = '', message }: NodeJS.ErrnoException): TlsTrouble | undefined {
  // OpenSSL's word for bytes that are no TLS at all; Node has only EPROTO for it.
  const isPlain = code === 'EPROTO' && message.includes('wrong version number');
  const situation = isPlain ? 'no_tls' : troubles.get(code);
  return situation && { situation, hint: hints[situation] ?? '' };
}
