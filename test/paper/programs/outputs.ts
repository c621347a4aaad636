/** A check whose text is another each time: its output is pushed now and then, and wakes watchers (step A3). */
import type { NoteKind, ProcessIndex } from '../../../sim/core/machine.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { Execution } from '../../../sim/run/execution.ts';
import { DiscoveryNote } from '../../../sim/service/vocabulary.ts';
import { advance, parse } from '../../run/kit.ts';
import { observeCatalog } from './catalog-changes.ts';
import { COMMIT_SECONDS, newSamples } from './steps.ts';
import type { Samples, Step } from './steps.ts';

const SECOND = 1_000_000;
const END_MICROS = 2400 * SECOND;
/** The first push of a formed cluster has no beginning. */
const PERIOD_SECONDS = 10.1;

export const OUTPUT_STEPS = {
  deferred: {
    step: 'A3',
    what: 'from one push of a changing output to the next',
    unit: 's',
    window: [150, 450 + PERIOD_SECONDS + COMMIT_SECONDS],
    rule: 'the next check, then U[2.5 min, 7.5 min)',
  },
  spurious: {
    step: 'A3',
    what: 'answers to a blocking query for each push, though no status has changed',
    unit: '1',
    window: [1, 1],
    rule: '1',
  },
} as const satisfies Readonly<Record<string, Step>>;
type OutputStep = keyof typeof OUTPUT_STEPS;

const SCENARIO = parse(`
duration: 2500s
settle: 1s
cluster: { datacenters: { dc1: { servers: 1 } }, raft: { alone: true } }
services:
  web:
    service_time: 5ms
    health_text: time
    check: { http: /health, interval: 10s, timeout: 2s }
load: { kept: { kind: call, service: web, think: 10m, timeout: 1s, discover: { by: health } } }
limits: { trace: 16MiB }
`);

class Pushes implements Observer {
  readonly wants: readonly NoteKind[] = [DiscoveryNote.learnt];
  readonly samples: Samples<OutputStep> = newSamples(OUTPUT_STEPS);
  private pushes = 0;
  private answers = 0;
  private index = 0;
  private pushedAt: number | null = null;

  constructor(execution: Execution) {
    const { world } = execution;
    world.observe(this);
    observeCatalog(execution, ['web-1'], (_, now, before) => {
      if (before === undefined || now?.check?.output === before.check?.output) return;
      if (this.pushedAt !== null) {
        this.samples.deferred.push((world.now - this.pushedAt) / SECOND);
        this.pushes++;
      } else {
        this.answers = 0;
      }
      this.pushedAt = world.now;
    });
  }

  onNote(_kind: NoteKind, _process: ProcessIndex, _a: number, _b: number, index: number): void {
    // Whose time is up gets the index that it has.
    if (index > this.index) this.answers++;
    this.index = index;
  }

  finish(): void {
    // One of them is of the first push.
    this.samples.spurious.push((this.answers - 1) / this.pushes);
  }
}

export function measureOutputs(seed: number): Samples<OutputStep> {
  const execution = new Execution(SCENARIO, seed, { trace: 'off', observers: false });
  const pushes = new Pushes(execution);
  execution.start();
  advance(execution, END_MICROS);
  pushes.finish();
  return pushes.samples;
}
