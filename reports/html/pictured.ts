/** Runs of a campaign of which a page keeps a picture. */
import type { RunPicture } from '../../sim/explore/picture/picture.ts';
import type { RunFiles, RunRecord } from '../../sim/explore/record.ts';

/** Runs that did not pass and are shown in pictures. */
export const PICTURED_MAX = 3;

/** The run with nothing but its result and, where there is one, its picture. */
export function withPicture(record: RunRecord, picture: RunPicture | null): RunRecord {
  const files: RunFiles = { history: [], transcript: [], scenario: '', events: null, picture };
  return { ...record, files: picture === null ? null : files, distributions: [], transcript: [] };
}
