import { createHash } from 'node:crypto';
import { type handleUnaryCall, Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { YunqueError } from '../../api/errors.ts';
import { checkIdempotencyKey } from '../../store/idempotency.ts';
import type { BodyBudget } from '../http/body-budget.ts';
import { type Asked, type Gate, systemOf } from './gate.ts';
import { textOf } from './metadata.ts';
import type { Call, UnaryMethod } from './methods/method.ts';
import type { GrpcIngressOptions } from './options.ts';
import { refuse } from './refusal.ts';

export const keyMetadata = 'idempotency-key';
const replayedMetadata = 'idempotency-replayed';

interface Answer {
  readonly bytes: Uint8Array;
  readonly isReplayed: boolean;
}

/** A unary method behind the gate; messages go in and out as bytes. */
export function serveUnary(
  options: GrpcIngressOptions,
  gate: Gate,
  budget: BodyBudget,
  method: UnaryMethod,
): handleUnaryCall<Buffer, Buffer> {
  const answer = async (asked: Asked, call: ServerUnaryCall<Buffer, Buffer>): Promise<Answer> => {
    const { request } = call;
    using _held = holdBytes(budget, asked, request.length);
    const system = await systemOf(options, asked);
    const work = () => method.answer(callOf(options, asked, system), request);
    const key = method.isRepeatable ? textOf(asked.metadata, keyMetadata) : undefined;
    if (key === undefined) return { bytes: await work(), isReplayed: false };
    checkIdempotencyKey(key);
    const bodyHash = createHash('sha256').update(`${method.path}\n`).update(request).digest('base64url');
    const done = await options.idempotency.run({ key, system, bodyHash }, async () =>
      Buffer.from(await work()).toString('base64'),
    );
    if (done.type === 'conflict') throw new YunqueError('idempotency_conflict');
    return { bytes: Buffer.from(done.result, 'base64'), isReplayed: done.isReplayed };
  };
  return (call, respond) => {
    const asked = gate.askedWith(call.metadata);
    answer(asked, call).then(
      ({ bytes, isReplayed }) => {
        const trailers = new Metadata();
        if (isReplayed) trailers.set(replayedMetadata, 'true');
        respond(null, Buffer.from(bytes), trailers);
      },
      (error) => respond(refuse(options, error, asked)),
    );
  };
}

/** What the methods are given. */
export function callOf(options: GrpcIngressOptions, asked: Asked, system: string): Call {
  const { principal: by, remoteAddress } = asked;
  return {
    execute: options.executeFor({ by, ...(remoteAddress !== '' && { remoteAddress }) }),
    system,
    limits: options.limits,
    newMessageId: options.newMessageId,
  };
}

/** Counts a message that is being answered, until it is disposed of. Throws `unavailable` where there is no room for it. */
export function holdBytes(budget: BodyBudget, { system }: Asked, bytes: number): Disposable {
  const lease = budget.open(system);
  const full = () =>
    new YunqueError('unavailable', 'too many messages are being answered (limits.bodies)', {
      hint: 'send it again in a moment; limits.bodies allows more',
    });
  if (lease === undefined) throw full();
  if (!lease.take(bytes)) {
    lease.release();
    throw full();
  }
  return { [Symbol.dispose]: () => lease.release() };
}
