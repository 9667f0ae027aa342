import { ClientError } from '../../src/client/client-error.ts';

/** For `assert.rejects`: the admin API refused with this row of the error table. */
export function refusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ClientError && error.body?.code === code;
}
