/** What V8 is told about the simulator. */
import { setFlagsFromString } from 'node:v8';

/**
 * The hot path goes through many small functions, and the usual budget for copying functions into
 * their callers ends in the middle of it. For the whole process, its threads included, and for all
 * that has not been optimized yet.
 */
export function tuneEngine(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=2000');
  setFlagsFromString('--max-inlined-bytecode-size=1000');
}
