/** The frames of the `json` dialect that are not messages to somebody: what a connection hears first. Section 2. */

/** `{"code":0,"msg":"success","data":{"clientId":"…"}}`, the first frame of every connection. */
export function helloPayload(clientId: string): Buffer {
  return Buffer.from(`{"code":0,"msg":"success","data":{"clientId":${JSON.stringify(clientId)}}}`);
}

/** What a connection gets before it is closed for want of a valid system. */
export function refusalPayload(msg: string, code = -1001): Buffer {
  return Buffer.from(`{"messageId":"","sendUserId":"","code":${code},"msg":${JSON.stringify(msg)},"data":[]}`);
}
