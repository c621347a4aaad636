/**
 * Fifty clients call a service of a hundred instances, 20 000 times a second at 60 % of its capacity,
 * with all checks, measures and the trace as a ring. Useful work is calls that were answered well.
 */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from '../../sim/run/execution.ts';
import { CallNote } from '../../sim/service/vocabulary.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

const SLICE_MICROS = 20_000;
const WARM_UP_MICROS = 1_000_000;

function scenarioOf(policy: string): Scenario {
  const retry = { attempts: 3, backoff: 'full-jitter 25ms..250ms', budget: '20%' };
  const text = JSON.stringify({
    duration: '8000h',
    settle: '1s',
    cluster: { datacenters: { dc1: { servers: 1 } }, raft: { alone: true } },
    services: { web: { instances: 100, workers: 8, service_time: 'exp 24ms' } },
    load: {
      calls: {
        kind: 'call',
        service: 'web',
        clients: 50,
        rate: '20000/s',
        balance: policy,
        retry,
        outliers: {},
      },
    },
    limits: { events: 1e15, trace: '32MiB' },
    known_issues: 'fix',
  });
  const loaded = loadScenario(text, { file: 'bench.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

function subject(policy: string): () => Runner {
  return () => {
    const options = { trace: 'ring', observers: true, history: false } as const;
    const execution = new Execution(scenarioOf(policy), 1, options);
    const { world } = execution;
    let answered = 0;
    world.observe({
      wants: [CallNote.succeeded],
      onNote: () => {
        answered++;
      },
    });
    execution.start();
    world.runUntil(WARM_UP_MICROS);
    return () => {
      const [events, before] = [world.event, answered];
      world.runUntil(world.now + SLICE_MICROS);
      return {
        events: world.event - events,
        simulatedSeconds: SLICE_MICROS / 1e6,
        useful: answered - before,
      };
    };
  };
}

const caseOf = (policy: string): BenchCase => ({
  name: 'calls',
  params: { instances: 100, clients: 50, policy },
  usefulUnit: 'calls/s',
  subject: subject(policy),
});

export const bench: Bench = {
  name: 'calls',
  title: 'clients that balance calls over the instances of a service, with all checks',
  cases: [caseOf('round-robin'), caseOf('least-request'), caseOf('peak-ewma')],
};
