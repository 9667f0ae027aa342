import type { TestNode } from './node.ts';

export interface HttpAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it whole
  readonly body: any;
}

/** One POST as `curl -d` sends it. `system`: the SystemId header. */
export async function post(node: TestNode, path: string, body: unknown, system?: string): Promise<HttpAnswer> {
  const response = await fetch(node.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(system !== undefined && { SystemId: system }),
    },
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
