import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Execute } from '../../../api/command.ts';
import type { HttpIngressOptions } from '../options.ts';
import type { RequestSchemas } from './request-schema.ts';

/** What each group of endpoints is given. */
export interface AdminContext {
  /** The behaviour, on behalf of the one who sent the request. */
  execute(request: FastifyRequest): Execute;
  readonly options: HttpIngressOptions;
  readonly schemas: RequestSchemas;
  /** The system named in a body or query, or `default`. Rejects with `unknown_system`. */
  systemOf(given: { readonly system?: string }): Promise<string>;
}

export type AddEndpoints = (scope: FastifyInstance, context: AdminContext) => void;
