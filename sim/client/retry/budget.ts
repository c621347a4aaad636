/** Limits on retries as a share of all calls: what keeps retries from multiplying an overload. */
import type { BudgetSpec } from '../../../scenarios/services.ts';

const SLICES = 10;
/** Deposits and withdrawals are whole numbers of millionths: ten tenths are one. */
const SCALE = 1_000_000;

export interface Budget {
  readonly spec: BudgetSpec;
  /** bucket: retries saved, in millionths; grpc: tokens. */
  tokens: number;
  /** finagle: millionths by slice of the window, and the number of the newest slice. */
  slices: number[];
  slice: number;
}

/** What is under way at the moment. */
export interface UnderWay {
  readonly calls: number;
  readonly retries: number;
}

export function newBudget(spec: BudgetSpec): Budget {
  const tokens = spec.kind === 'bucket' ? spec.cap * SCALE : spec.kind === 'grpc' ? spec.max : 0;
  return { spec, tokens, slices: Array.from({ length: SLICES }, () => 0), slice: 0 };
}

function advance(budget: Budget, windowMicros: number, now: number): void {
  const slice = Math.floor(now / (windowMicros / SLICES));
  const passed = Math.min(SLICES, slice - budget.slice);
  for (let i = 1; i <= passed; i++) budget.slices[(budget.slice + i) % SLICES] = 0;
  budget.slice = slice;
}

/** A call begins. */
export function onCall(budget: Budget, now: number): void {
  const { spec } = budget;
  if (spec.kind === 'bucket') {
    budget.tokens = Math.min(spec.cap * SCALE, budget.tokens + Math.round(spec.ratio * SCALE));
  } else if (spec.kind === 'finagle') {
    advance(budget, spec.windowMicros, now);
    budget.slices[budget.slice % SLICES] += SCALE;
  }
}

/** An attempt ends: gRPC's throttle learns from each. */
export function onAttempt(budget: Budget, ok: boolean): void {
  const { spec } = budget;
  if (spec.kind !== 'grpc') return;
  budget.tokens = ok
    ? Math.min(spec.max, budget.tokens + spec.ratio)
    : Math.max(0, budget.tokens - 1);
}

/** Takes the price of a retry; false: there may be none. */
export function mayRetry(budget: Budget, { calls, retries }: UnderWay, now: number): boolean {
  const { spec } = budget;
  switch (spec.kind) {
    case 'bucket':
      if (budget.tokens < SCALE) return false;
      budget.tokens -= SCALE;
      return true;
    case 'finagle': {
      advance(budget, spec.windowMicros, now);
      const price = Math.round(SCALE / spec.ratio);
      const reserve = spec.minPerSecond * (spec.windowMicros / 1e6) * price;
      const balance = budget.slices.reduce((sum, slice) => sum + slice, reserve);
      if (balance < price) return false;
      budget.slices[budget.slice % SLICES] -= price;
      return true;
    }
    case 'envoy':
      return retries < Math.max(spec.min, Math.floor(spec.ratio * calls));
    case 'grpc':
      return budget.tokens > spec.max / 2;
    default:
      return spec satisfies never;
  }
}

export function saveBudget(budget: Budget): Budget {
  return { ...budget, slices: budget.slices.slice() };
}
