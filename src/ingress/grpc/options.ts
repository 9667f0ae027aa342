import type { Access } from '../../access/access.ts';
import type { Execute } from '../../api/command.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { Idempotency } from '../../store/idempotency.ts';
import type { Actor } from '../../telemetry/audit.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import type { SentFrom } from '../../util/client-address.ts';

/** As of `node:tls`, in PEM. */
export interface GrpcCertificate {
  readonly cert: string;
  readonly key: string;
}

/** As those of HTTP; read anew for each call. */
export interface GrpcLimits {
  /** Of one message. */
  readonly bodyBytes: number;
  /** Of all messages that are being read and answered. */
  readonly bodiesBytes: number;
  /** Entries of a list of ids or of messages. */
  readonly batch: number;
  /** Nested arrays and objects in the JSON of a push. */
  readonly jsonDepth: number;
  /** UTF-8 bytes of a uid, a clientId, a group name or a system id. */
  readonly idBytes: number;
}

/** What the gRPC door needs of the node. */
export interface GrpcIngressOptions {
  readonly port: number;
  /** Undefined: all addresses. */
  readonly host: string | undefined;
  /** Other processes listen there, too, and the system shares the connections out. */
  readonly reusePort?: boolean;
  /** Absent: without TLS. */
  readonly tls?: GrpcCertificate | undefined;
  /** The behaviour, on behalf of whoever asks. */
  executeFor(actor: Actor): Execute;
  readonly access: Pick<Access, 'judgeRequest'>;
  /** Whom a call comes from, for events and logs. */
  clientAddress(request: SentFrom): string;
  systemExists(system: string): Awaitable<boolean>;
  /** Where true, a call has to name its system or bring its key, instead of taking `default`. */
  readonly systemsRequired: boolean;
  newMessageId(): string;
  readonly idempotency: Idempotency;
  readonly limits: GrpcLimits;
  readiness(): { readonly ready: boolean };
  /** While true no call is taken. */
  isDraining(): boolean;
  /** Called once for every call that was not let through. `what`: the path of the method. */
  onRefused(refusal: { readonly error: ErrorCode; readonly what: string; readonly remoteAddress: string }): void;
  /** Of faults that are ours. `where` is the path of the method. */
  logError(error: unknown, where: string, words?: string): void;
}

/** The gRPC door. */
export interface GrpcIngress {
  /** Answers the port. Rejects with a `StartError`. */
  listen(): Promise<number>;
  /** For connections from now on. Of no effect without TLS. */
  changeCertificate(tls: GrpcCertificate): void;
  /** Takes no more; calls under way have so long to end. */
  close(graceMs: number): Promise<void>;
}
