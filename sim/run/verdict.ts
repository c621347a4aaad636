/** From violations, expectations, limits and thresholds to a verdict and an exit code. */
import type { BugSpec, ExpectSpec } from '../../scenarios/scenario.ts';
import { EXIT } from './result.ts';
import type { ExitCode, ThresholdResult, Verdict, Violation } from './result.ts';

export interface Findings {
  readonly violations: readonly Violation[];
  readonly limits: readonly string[];
  readonly unexercised: readonly string[];
  readonly thresholds: readonly ThresholdResult[];
  readonly interrupted: boolean;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly exitCode: ExitCode;
}

/** Violations that count: known ones count unless the scenario allows them, allowed ones never. */
function counting(violations: readonly Violation[], knownIssues: BugSpec['knownIssues']) {
  return violations.filter(
    ({ status }) => status === 'violation' || (status === 'known' && knownIssues !== 'allow'),
  );
}

/** Does exactly what `expect` says happen? */
function asExpected(expect: ExpectSpec, findings: Findings, bugs: BugSpec): boolean {
  const { violations } = findings;
  switch (expect.kind) {
    case 'pass':
      return counting(violations, bugs.knownIssues).length === 0;
    case 'violation': {
      const real = violations.filter(({ status }) => status !== 'allowed');
      const matches = real.filter(
        ({ invariant, reference }) =>
          invariant === expect.invariant && (expect.known === null || reference === expect.known),
      );
      return matches.length > 0 && matches.length === real.length;
    }
    case 'anomaly': {
      const allowed = violations.filter(({ status }) => status === 'allowed');
      const real = counting(violations, bugs.knownIssues);
      return real.length === 0 && allowed.some(({ invariant }) => invariant === expect.invariant);
    }
  }
}

/**
 * A violation outweighs a limit, a limit outweighs a threshold. A run that a limit cut short cannot
 * show that an expected violation does not happen: that is unknown too.
 */
export function judge(
  expect: ExpectSpec,
  bugs: BugSpec,
  strict: boolean,
  findings: Findings,
): Judgement {
  const { limits, unexercised, thresholds, interrupted } = findings;
  const expected = asExpected(expect, findings, bugs);
  const cut = limits.length > 0 || interrupted;
  if (!expected && (expect.kind === 'pass' || !cut)) {
    return { verdict: 'fail', exitCode: EXIT.violation };
  }
  if (interrupted) return { verdict: 'unknown', exitCode: EXIT.interrupted };
  if (limits.length > 0) return { verdict: 'unknown', exitCode: EXIT.unknown };
  if (strict && unexercised.length > 0) return { verdict: 'unknown', exitCode: EXIT.unknown };
  if (thresholds.some(({ verdict }) => verdict === 'fail')) {
    return { verdict: 'pass', exitCode: EXIT.threshold };
  }
  const unmeasured = thresholds.some(({ verdict }) => verdict === 'unknown');
  if (strict && unmeasured) return { verdict: 'unknown', exitCode: EXIT.unknown };
  return { verdict: 'pass', exitCode: EXIT.pass };
}
