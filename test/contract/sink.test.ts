import { MemorySink } from '../support/memory-sink.ts';
import { testSink } from '../support/sink-suite.ts';

testSink('memory', async () => {
  const sink = new MemorySink();
  return {
    open: () => sink,
    arrived: () => sink.records,
    goAway: () => sink.fail('away'),
    comeBack: () => sink.fail(undefined),
  };
});
