/** Records of a campaign as they are kept until the end: small, for there may be very many. */
import type { Plan } from './plan.ts';
import type { JobRecord, RunRecord } from './record.ts';
import { Pool } from './statistics/pool.ts';

/** What is kept of each record for the summary: the result, and of its scenario one copy. */
export class Keeper {
  readonly records: JobRecord[] = [];
  readonly pools: readonly Pool[];
  private readonly resolved = new Map<string, unknown>();

  constructor({ sources }: Plan) {
    this.pools = sources.map(() => new Pool());
  }

  add(record: JobRecord): void {
    this.records.push(record.kind === 'run' ? this.slim(record) : record);
  }

  private slim(record: RunRecord): RunRecord {
    this.pools[record.source]!.add(record.distributions);
    const { manifest } = record.result;
    const { scenarioHash } = manifest;
    if (!this.resolved.has(scenarioHash)) this.resolved.set(scenarioHash, manifest.resolved);
    const shared = { ...manifest, resolved: this.resolved.get(scenarioHash) };
    return {
      ...record,
      result: { ...record.result, manifest: shared },
      distributions: [],
      story: [],
      transcript: [],
      files: null,
    };
  }
}
