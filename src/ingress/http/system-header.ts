import type { FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import type { HttpIngressOptions } from './options.ts';

/** The system a request of the yunque-socket or CIM family acts in: its SystemId header, else `default`. */
export async function systemOf(options: HttpIngressOptions, request: FastifyRequest): Promise<string> {
  const header = request.headers['systemid'];
  if (typeof header === 'string' && header !== '') return await existing(options, header);
  if (!options.systemsRequired) return 'default';
  throw new YunqueError('system_required', undefined, { hint: 'name it in the SystemId header' });
}

export async function existing(options: HttpIngressOptions, system: string): Promise<string> {
  if (await options.systemExists(system)) return system;
  throw new YunqueError('unknown_system', undefined, { hint: 'POST /api/register or yunque system add makes one' });
}
