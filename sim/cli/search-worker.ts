/** The program of a worker thread of a search: runs trials, and makes failures simpler. */
import { workerData } from 'node:worker_threads';
import type { SearchPlan } from '../explore/search/plan.ts';
import { SearchRunner } from '../explore/search/runner.ts';
import type { SearchJob, SearchResult } from '../explore/search/runner.ts';
import { threadProbe } from './probe.ts';

const runner = new SearchRunner(workerData as SearchPlan, threadProbe());

export default function work(job: SearchJob): SearchResult {
  return runner.run(job);
}
