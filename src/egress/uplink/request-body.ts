import { int64Json } from '../../wire/int64.ts';
import { mapJson } from '../../wire/map-json.ts';
import type { UplinkRequest } from './request.ts';

/**
 * What a backend is told: `{"id","system","uid","deviceId","cid","clientId","key","timestamp","data"}`. Who has not bound has no `uid` and no `deviceId`;
 * `clientId` is there in `json`. `data` is the client's JSON as it wrote it, else an object of texts. `timestamp` is the client's, or where it gave none
 * `nowMs`.
 */
export function requestBody({ from, key, timestamp, data, json }: UplinkRequest, id: string, nowMs: number): string {
  const { system, cid, clientId, identity } = from;
  const who =
    identity === undefined
      ? ''
      : `,"uid":${JSON.stringify(identity.uid)},"deviceId":${JSON.stringify(identity.deviceId)}`;
  return (
    `{"id":"${id}","system":${JSON.stringify(system)}${who},"cid":"${cid}"` +
    `${clientId === undefined ? '' : `,"clientId":${JSON.stringify(clientId)}`},"key":${JSON.stringify(key)}` +
    `,"timestamp":${timestamp === 0n ? nowMs : int64Json(timestamp)},"data":${json ?? mapJson(data)}}`
  );
}
