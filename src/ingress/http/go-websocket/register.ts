import type { Endpoint } from './endpoint.ts';

export const register: Endpoint = {
  path: '/api/register',
  privilege: 'register',
  takesSystem: false,
  async answer({ execute, fields }) {
    await execute({ type: 'addSystem', system: fields.id('systemId') });
    return [];
  },
};
