/**
 * The library: load a scenario, run it, look at what came out.
 *
 *     import { loadScenario, runScenario } from 'lictor';
 *     const loaded = loadScenario(text, { file: 'mine.yaml' });
 *     if (!loaded.ok) throw new Error(loaded.issues.map((issue) => formatIssue(issue)).join('\n'));
 *     const { result } = runScenario(loaded.scenario, {
 *       seed: 1, command: '', overrides: {}, strict: false,
 *     });
 */
export { formatIssue, loadScenario } from '../scenarios/load.ts';
export type { Config, Issue, Loaded, LoadOptions, NotLoaded } from '../scenarios/load.ts';
export type { FaultSpec, Scenario } from '../scenarios/scenario.ts';
export { runScenario } from './run/run.ts';
export type { Probe, RunOptions, RunOutcome } from './run/run.ts';
export { EXIT, EXIT_ORDER } from './run/result.ts';
export type {
  ExitCode,
  FaultResult,
  InvariantResult,
  Manifest,
  RunResult,
  ThresholdResult,
  Verdict,
  Violation,
} from './run/result.ts';
export { estimate } from './run/estimate.ts';
export type { Estimate } from './run/estimate.ts';
export { verifyDeterminism } from './run/determinism.ts';
export type { Determinism } from './run/determinism.ts';
export { Session } from './run/session.ts';
export type { Edit, ProcessView, Reason, SessionOptions } from './run/session.ts';
export { Campaign } from './explore/campaign.ts';
export type { CampaignListener, Job } from './explore/campaign.ts';
export { Search } from './explore/search/search.ts';
export type { Finding, SearchState } from './explore/search/search.ts';
export { TrialRunner } from './explore/search/trial-runner.ts';
export type { SearchPlan } from './explore/search/plan.ts';
export type { Strategy, Trial, TrialRecord } from './explore/search/trial.ts';
export { shrink } from './explore/shrink/shrink.ts';
export type { Shrunk, ShrinkOptions } from './explore/shrink/shrink.ts';
export { explain } from './explore/explain/explain.ts';
export type { Explanation } from './explore/explain/explain.ts';
export { JobRunner } from './explore/job.ts';
export type { JobOptions, Plan, SeedRange, Source } from './explore/plan.ts';
export { pump } from './explore/pump.ts';
export type { Execute } from './explore/pump.ts';
export type { CrashRecord, JobRecord, RunRecord } from './explore/record.ts';
export { summarise } from './explore/summary.ts';
export type { Summary, SummaryFacts } from './explore/summary.ts';
