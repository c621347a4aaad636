/** Each check of calls finds what it is for, is exercised by a healthy run, and is silent there. */
import { describe, expect, test } from 'vitest';
import type { CallerState } from '../../../sim/client/call/state.ts';
import { CALLER_MACHINE } from '../../../sim/service/vocabulary.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { advance, begin, run } from '../../run/kit.ts';
import { callScenario } from '../../client/kit.ts';

const BASE = `services: { web: { instances: 10, workers: 4, service_time: 5ms, weights: { web-1: 3 }BAD } }
load: { c: { kind: call, service: web, clients: 4, rate: 200/s, balance: weighted-random, timeout: 100ms,
  deadline: 300ms, retry: { attempts: 3, backoff: full-jitter 10ms..50ms }, outliers: {} } }`;
const SICK = BASE.replace('BAD', ', behaviour: { web-4: { failing: 100%, at: 5s, for: 5s } }');

function callers({ world }: Execution): CallerState[] {
  return world.processes.flatMap(({ slotByNumber }) => {
    const slot = slotByNumber[CALLER_MACHINE];
    return slot === undefined ? [] : [slot.state as CallerState];
  });
}

/** Runs, lets `corrupt` change the memory of clients behind their back after 8 s, and judges. */
function broken(text: string, corrupt: (caller: CallerState) => void): string[] {
  const execution = begin(callScenario(text, 20));
  advance(execution, 8e6);
  for (const caller of callers(execution)) corrupt(caller);
  while (execution.step());
  execution.finish(true);
  return [...new Set(execution.checks!.violations().map(({ invariant }) => invariant))];
}

test('a healthy run exercises them, and so does one with trouble that is dealt with', () => {
  const names = (text: string): string[] => {
    const { result } = run(callScenario(text, 90));
    expect(result.violations).toEqual([]);
    return result.invariants
      .filter(({ name, exercised }) => /^(balance|call)\./.test(name) && exercised > 0)
      .map(({ name }) => name);
  };
  expect(names(BASE.replace('BAD', ''))).toEqual(['balance.share', 'call.deadline']);
  expect(names(SICK)).toEqual(
    expect.arrayContaining(['balance.ejection-limit', 'call.backoff', 'call.recovers']),
  );
});

test('where others are down, nobody asks what is whose share', () => {
  const text = `
services: { web: { instances: 8, service_time: 20ms, behaviour: { web-2: { failing: 100%, in: 1ms } } } }
load: { c: { kind: call, service: web, clients: 2, rate: 60/s, timeout: 1s,
  balance: { policy: peak-ewma, scan: true, error_time: 5s } } }
plant: [P24]`;
  const found = (faults: string) =>
    run(callScenario(`${text}${faults}`, 20)).result.violations.map((one) => one.invariant);
  expect(found('')).toContain('balance.no-sinkhole');
  expect(found('\nfaults: [{ at: 0s, for: 20s, crash: web-5 }]')).toEqual([]);
});

describe('corrupted', () => {
  test('weights break balance.share', () => {
    const skew = ({ upstreams }: CallerState): void => {
      upstreams[0]!.weights[7] = 9;
    };
    expect(broken(BASE.replace('BAD', ''), skew)).toEqual(['balance.share']);
  });

  test('counts of ejections break balance.ejection-limit', () => {
    const forget = ({ upstreams }: CallerState): void => {
      const { hosts, ejected } = upstreams[0]!.outliers!;
      expect(ejected).toBe(1);
      upstreams[0]!.outliers!.ejected = 0;
      hosts[2]!.inRow = 4;
      hosts[6]!.inRow = 4;
    };
    const more = SICK.replace('web-4:', 'web-7: { failing: 100%, at: 8s }, web-4:');
    expect(broken(more, forget)).toContain('balance.ejection-limit');
  });

  test('deadlines break call.deadline', () => {
    const hurry = ({ calls }: CallerState): void => {
      for (const call of calls) {
        if (call !== null) Object.assign(call, { deadlineMicros: call.startedMicros + 1 });
      }
    };
    expect(broken(BASE.replace('BAD', ''), hurry)).toEqual(['call.deadline']);
  });
});
