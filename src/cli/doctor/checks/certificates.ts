import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../../../config/schema.ts';
import { type Examine, type Finding, failed, ok, skipped, warning } from '../finding.ts';

const dayMs = 86_400_000;
const soonDays = 21;

interface Pair {
  readonly setting: string;
  readonly cert: string;
  readonly key: string | undefined;
}

/** Dates, order and key of every certificate that the configuration names. */
export const examineCertificates: Examine = ({ config }) => {
  const pairs = pairsOf(config);
  if (pairs.length === 0) return [skipped('no TLS')];
  return pairs.flatMap((pair) => {
    try {
      return judgePair(pair, Date.now());
    } catch (error) {
      return [
        failed(
          `${pair.cert} (${pair.setting}): ${(error as Error).message}`,
          'it has to be PEM that this user can read',
        ),
      ];
    }
  });
};

function pairsOf({ tls, cluster, redis, rabbitmq, kafka }: Config): readonly Pair[] {
  const all = [
    ['tls', tls],
    ['cluster.tls', cluster.tls],
    ['redis.tls', redis.tls],
    ['rabbitmq.tls', rabbitmq.tls],
    ['kafka.tls', kafka.tls],
  ] as const;
  return all.flatMap(([setting, files]): Pair[] => {
    const { cert, key } = files;
    const ca = 'ca' in files ? files.ca : undefined;
    return [
      ...(cert === undefined ? [] : [{ setting: `${setting}.cert`, cert, key }]),
      ...(ca === undefined ? [] : [{ setting: `${setting}.ca`, cert: ca, key: undefined }]),
    ];
  });
}

export function judgePair({ setting, cert, key }: Pair, now: number): readonly Finding[] {
  const chain = readChain(cert);
  const [own] = chain;
  if (own === undefined) return [failed(`${cert} (${setting}) holds no certificate`, 'it has to be PEM')];
  const name = `${cert} (${setting})`;
  const found = chain.flatMap((certificate) => judgeDates(name, certificate, now));
  const isBundle = setting.endsWith('.ca');
  const broken = isBundle ? -1 : chain.findIndex((one, at) => at > 0 && chain[at - 1]?.checkIssued(one) !== true);
  if (broken > 0) {
    found.push(
      failed(
        `${name}: certificate ${broken + 1} did not issue the one before it`,
        'the server’s own comes first, then each that issued the one before: clients refuse it otherwise',
      ),
    );
  }
  if (key !== undefined && !own.checkPrivateKey(createPrivateKey(readFileSync(key)))) {
    found.push(failed(`${key} is not the key of ${name}`, 'name the key that the certificate was asked for with'));
  }
  if (found.length > 0) return found;
  const ends = Math.min(...chain.map(({ validToDate }) => validToDate.getTime()));
  return [
    ok(
      `${name} is good for ${Math.floor((ends - now) / dayMs)} days${key === undefined ? '' : ', and its key belongs to it'}`,
    ),
  ];
}

function readChain(file: string): readonly X509Certificate[] {
  const blocks = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function judgeDates(name: string, { subject, validFromDate, validToDate }: X509Certificate, now: number): Finding[] {
  const whose = `${name}, ${subject.replaceAll('\n', ' ')},`;
  const days = Math.floor((validToDate.getTime() - now) / dayMs);
  if (validToDate.getTime() < now) {
    return [failed(`${whose} has expired on ${day(validToDate)}`, 'renew it, then: yunque reload')];
  }
  if (validFromDate.getTime() > now) {
    return [failed(`${whose} is valid from ${day(validFromDate)} only`, 'is the clock of this machine right?')];
  }
  return days < soonDays ? [warning(`${whose} expires in ${days} days`, 'renew it, then: yunque reload')] : [];
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
