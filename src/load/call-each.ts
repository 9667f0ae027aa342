import { type HttpAnswer, type HttpEndpoint, HttpLane } from './http-lane.ts';

/** Each request's answer, in their order; undefined where the connection broke. `atATime` connections. */
export function callEach(
  endpoint: HttpEndpoint,
  requests: readonly string[],
  atATime: number,
): Promise<readonly (HttpAnswer | undefined)[]> {
  const answers: (HttpAnswer | undefined)[] = new Array(requests.length);
  let next = 0;
  const work = () =>
    new Promise<void>((resolve) => {
      let current = -1;
      const goOn = () => {
        current = next++;
        const request = requests[current];
        if (request !== undefined) return lane.send(request, 1);
        lane.close();
        resolve();
      };
      const lane = new HttpLane(endpoint, {
        onAnswer: (answer) => {
          answers[current] = answer;
        },
        onIdle: goOn,
        onBroken: goOn,
      });
      goOn();
    });
  return Promise.all(Array.from({ length: Math.min(atATime, requests.length) }, work)).then(() => answers);
}
