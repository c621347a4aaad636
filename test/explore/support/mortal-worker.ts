/** A worker that ends its thread at seed 2 and throws at seed 4; the other seeds it runs. */
import type { Job } from '../../../sim/explore/campaign.ts';
import type { JobRecord } from '../../../sim/explore/record.ts';
import * as fixed from '../../reports/support/records.ts';

export default function work({ source, seed }: Job): JobRecord {
  if (seed === 2) process.exit(9);
  if (seed === 4) throw new Error('seed 4');
  return fixed.recordOf(fixed.passing({ seed }), { source });
}
