/** Golden stories: what one teaches, then what happened, line by line. */
import { Transcript } from '../../sim/core/transcript.ts';
import type { TranscriptOptions } from '../../sim/core/transcript.ts';
import type { World } from '../../sim/core/world.ts';

export const SECOND = 1_000_000;
export const MILLISECOND = 1000;

/** The real program: its open bugs are in. */
export const REAL_BUGS = { B1: true, B5: true, B9: true, B33: true };

export function story(
  teaches: readonly string[],
  { world }: { readonly world: World },
  options?: TranscriptOptions,
  more: readonly string[] = [],
): string {
  const lines = new Transcript(world).lines(options);
  const head = teaches.map((line) => (line === '' ? '#' : `# ${line}`));
  return [...head, '', ...lines, ...more, ''].join('\n');
}
