import { isUtf8 } from 'node:buffer';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Judgement, Privilege } from '../../access/access.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Principal } from '../../api/principal.ts';
import { type Awaitable, after, whenDone } from '../../util/awaitable.ts';
import { requestedOf, textOf, unreadableIn } from './metadata.ts';
import type { GrpcIngressOptions } from './options.ts';
import { refuse } from './refusal.ts';

/** A call that was let in. */
export interface Asked {
  readonly path: string;
  readonly metadata: Metadata;
  /** '' where it is not known. */
  readonly remoteAddress: string;
  readonly principal: Principal;
  /** The only one the credential is good for. */
  readonly system: string | undefined;
}

export interface GateRules {
  /** Undefined: everybody may call it, while the node drains too. */
  privilegeOf(path: string): Privilege | undefined;
  /** A call of this peer was let in. */
  onLetIn(peer: string): void;
}

export interface Gate {
  readonly interceptor: ServerInterceptor;
  /** Of the metadata that the handler of a call gets. */
  askedWith(metadata: Metadata): Asked;
}

/** Judges access once, when the metadata is there and before a message is read. */
export function createGate(options: GrpcIngressOptions, rules: GateRules): Gate {
  const letIn = new WeakMap<Metadata, Asked>();

  function judge(metadata: Metadata, call: ServerInterceptingCallInterface, path: string, privilege: Privilege) {
    const request = requestedOf(metadata, call.getPeer(), call.getHost());
    const remoteAddress = options.clientAddress(request);
    const onJudged = (judgement: Judgement): Asked => {
      if (!judgement.allowed) throw new YunqueError(judgement.code, judgement.message, judgement);
      rules.onLetIn(call.getPeer());
      if (options.isDraining()) {
        throw new YunqueError('going_away', undefined, { hint: 'send it to another node, or again in a moment' });
      }
      const { principal, system } = judgement;
      return { path, metadata, remoteAddress, principal, system };
    };
    const named = (): Awaitable<Judgement> => {
      const broken = unreadableIn(metadata);
      if (broken !== undefined) throw unreadable(broken);
      return options.access.judgeRequest(request, privilege, namedSystem(metadata));
    };
    return { remoteAddress, work: () => after(named(), onJudged) };
  }

  return {
    interceptor: ({ path }, call) => {
      const privilege = rules.privilegeOf(path);
      if (privilege === undefined) return new ServerInterceptingCall(call);
      return new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata, onward) => {
              const { remoteAddress, work } = judge(metadata, call, path, privilege);
              whenDone(
                work,
                (asked) => {
                  letIn.set(metadata, asked);
                  onward(metadata);
                },
                (error) => call.sendStatus(refuse(options, error, { path, remoteAddress })),
              );
            },
            onReceiveMessage: (message, onward) => onward(message),
            onReceiveHalfClose: (onward) => onward(),
            onCancel: () => {},
          }),
      });
    },
    askedWith: (metadata) => {
      const asked = letIn.get(metadata);
      if (asked === undefined) throw new TypeError('a call that went past the gate');
      return asked;
    },
  };
}

/** The system that a call acts in: its key's, else the one it names, else `default`. */
export function systemOf(options: GrpcIngressOptions, { metadata, system }: Asked): Awaitable<string> {
  const named = system ?? namedSystem(metadata);
  if (named === undefined) {
    if (!options.systemsRequired) return 'default';
    throw new YunqueError('system_required', undefined, { hint: 'name it in the metadata systemid' });
  }
  return after(options.systemExists(named), (exists) => {
    if (exists) return named;
    throw new YunqueError('unknown_system', undefined, { hint: 'POST /api/register or yunque system add makes one' });
  });
}

/** Of `systemid`, or of the bytes of `systemid-bin`. Throws `bad_request`, `unknown_system`. */
function namedSystem(metadata: Metadata): string | undefined {
  const text = textOf(metadata, 'systemid');
  const [bytes, second] = metadata.get('systemid-bin') as Buffer[];
  if (bytes === undefined) return text === '' ? undefined : text;
  if (text !== undefined || second !== undefined) {
    throw new YunqueError('bad_request', 'the call names its system twice', { field: 'systemid-bin' });
  }
  if (!isUtf8(bytes)) throw new YunqueError('unknown_system', undefined, { hint: 'send its name as UTF-8' });
  return bytes.length === 0 ? undefined : bytes.toString('utf8');
}

function unreadable(name: string): YunqueError {
  return new YunqueError('bad_request', `the metadata ${name} is not printable ASCII`, {
    field: name,
    hint: name === 'systemid' ? 'send the name of the system in systemid-bin' : 'metadata of gRPC is printable ASCII',
  });
}
