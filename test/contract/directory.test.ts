import { MemoryDirectory } from '../../src/directory/memory.ts';
import { testDirectory } from './directory.ts';

testDirectory('memory', async () => new MemoryDirectory());
