/** A session: wherever it has been, it stands where a straight run with the same edits stands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Session } from '../../sim/run/session.ts';
import type { Edit, SessionOptions } from '../../sim/run/session.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { FaultAction, Selector } from '../../scenarios/scenario.ts';
import { begin, bundled, parse } from './kit.ts';

const TEXT = `
duration: 20s
settle: 5s
cluster:
  raft: { alone: true }
  datacenters: { dc1: { servers: 3 } }
  agent: { performance: { raft_multiplier: 1 } }
load: { kv: { kind: kv, clients: 2, rate: 20/s, keys: 5 } }
`;
const SCENARIO = parse(TEXT);
const SMALL: SessionOptions = { checkpointsMax: 8, checkpointEvents: 200 };

const leader: Selector = { kind: 'leader', text: 'leader' };
const ACTIONS = {
  crash: { kind: 'crash', hosts: host('s1'), how: 'kill', atWrite: null },
  power: { kind: 'crash', hosts: host('s2'), how: 'power', atWrite: null },
  pause: { kind: 'pause', hosts: host('s3'), mode: 'stop' },
  isolate: {
    kind: 'partition',
    shape: { kind: 'isolate', hosts: host('s1') },
    traffic: { only: null, transport: 'all' },
  },
  heal: { kind: 'heal' },
} as const satisfies Record<string, FaultAction>;

function host(name: string): Selector {
  return { kind: 'hosts', text: name, hosts: [name] };
}

function straightTo(event: number, edits: readonly Edit[]): Execution {
  const execution = begin(SCENARIO, 7);
  const waiting = edits.slice();
  for (;;) {
    while (waiting[0]?.afterEvent === execution.world.event) {
      execution.faults.inject(waiting.shift()!.fault);
    }
    if (execution.world.event === event || !execution.step()) return execution;
  }
}

function viewsOf({ world }: Execution) {
  return world.processes.map(({ name, status, slots }) => ({
    name,
    status,
    machines: slots.map(({ machine, state }) => ({
      machine: machine.name,
      view: state === undefined ? {} : machine.view(state),
    })),
  }));
}

type Move =
  | { readonly kind: 'forward' | 'back' | 'event'; readonly events: number }
  | { readonly kind: 'time'; readonly micros: number }
  | { readonly kind: 'inject'; readonly action: FaultAction; readonly lasts: number | null }
  | { readonly kind: 'fork' };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('forward' as const, 'back' as const, 'event' as const),
    events: fc.integer({ min: 0, max: 3000 }),
  }),
  fc.record({
    kind: fc.constant('time' as const),
    micros: fc.integer({ min: 0, max: 20_000_000 }),
  }),
  fc.record({
    kind: fc.constant('inject' as const),
    action: fc.constantFrom<FaultAction>(...Object.values(ACTIONS)),
    lasts: fc.option(fc.integer({ min: 1, max: 3_000_000 })),
  }),
  fc.constant({ kind: 'fork' } as const),
);

describe('after any walk', () => {
  test('views, edits and fingerprint are those of a straight run', () => {
    const walk = fc.array(move, { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(walk, (moves) => {
        let session = new Session(SCENARIO, 7, SMALL);
        let edits: Edit[] = [];
        for (const one of moves) {
          if (one.kind === 'forward') for (let i = 0; i < one.events; i++) session.step();
          else if (one.kind === 'back') session.back(one.events);
          else if (one.kind === 'event') session.seekEvent(one.events);
          else if (one.kind === 'time') session.seekTime(one.micros);
          else if (one.kind === 'fork') session = session.fork();
          else if (one.kind === 'inject') {
            edits = edits.filter(({ afterEvent }) => afterEvent <= session.event);
            edits.push(session.inject(one.action, one.lasts));
          }
        }
        const known = edits.filter(({ afterEvent }) => afterEvent <= session.event);
        const straight = straightTo(session.event, known);
        expect(session.fingerprint).toBe(straight.world.fingerprint.hex());
        expect(session.views()).toEqual(viewsOf(straight));
        expect(session.run.checks!.summaries()).toEqual(straight.checks!.summaries());
        expect(session.edits.filter(({ afterEvent }) => afterEvent <= session.event)).toEqual(
          known,
        );
        session.seekEvent(6000);
        edits = session.edits.slice();
        expect(session.fingerprint).toBe(straightTo(6000, edits).world.fingerprint.hex());
      }),
      { numRuns: 15, seed: 42 },
    );
  });
});

describe('edits', () => {
  test('several at one moment all happen', () => {
    const session = new Session(SCENARIO, 7);
    session.seekTime(3_000_000);
    session.inject(ACTIONS.crash);
    session.inject(ACTIONS.power);
    session.runUntil(session.nowMicros + 10);
    const servers = session.views().slice(0, 3);
    expect(servers.map(({ status }) => status)).toEqual(['down', 'down', 'running']);
    expect(session.edits).toHaveLength(2);
    const twin = session.fork();
    expect(twin.views()).toEqual(session.views());
  });

  test('of a past that was left are forgotten at the next edit, and not before', () => {
    const session = new Session(SCENARIO, 7);
    session.seekTime(3_000_000);
    const at = session.event;
    session.inject(ACTIONS.crash);
    session.seekTime(5_000_000);
    session.seekEvent(at - 1);
    expect(session.edits).toHaveLength(1);
    session.inject(ACTIONS.pause);
    session.seekTime(5_000_000);
    const status = Object.fromEntries(session.views().map(({ name, status }) => [name, status]));
    expect(session.edits).toHaveLength(1);
    expect(session.run.world.processes.map(({ status }) => status)).not.toContain('down');
    expect(Object.values(status)).toContain('stopped');
  });

  test.each<[string, FaultAction, number | null]>([
    ['crash: s1, how: kill, for: 2s', ACTIONS.crash, 2_000_000],
    ['pause: s3, kind: stop', ACTIONS.pause, null],
    ['partition: { isolate: s1 }, for: 3s', ACTIONS.isolate, 3_000_000],
    ['crash: leader, how: power, for: 1s', { ...ACTIONS.power, hosts: leader }, 1_000_000],
  ])('by hand are as in a file: %s', (text, action, lasts) => {
    const session = new Session(parse(TEXT), 7);
    session.seekTime(4_000_000);
    const at = session.nowMicros + 1;
    session.inject(action, lasts);
    session.seekTime(25_000_000);
    const written = parse(`${TEXT}faults: [ { at: ${at}us, ${text} } ]\n`);
    const { world, faults, history } = begin(written, 7);
    while (world.step(25_000_000));
    expect(session.fingerprint).toBe(world.fingerprint.hex());
    expect(session.run.faults.results()).toEqual(faults.results());
    expect(session.run.history.lines()).toEqual(history.lines());
  });
});

describe('checkpoints', () => {
  const busy = bundled('basic/steady-state', ['load.kv.rate=150/s']);

  test('stay bounded, and going back re-runs few events', () => {
    const session = new Session(busy, 1);
    session.seekEvent(50_000);
    expect(session.event).toBe(50_000);
    let steps = 0;
    const { step } = Execution.prototype;
    const { run } = session;
    run.step = function (this: Execution) {
      steps++;
      return step.call(this);
    };
    session.back();
    expect(session.event).toBe(49_999);
    expect(steps).toBeLessThanOrEqual(4000);
    const { checkpoints } = session as unknown as { checkpoints: readonly unknown[] };
    expect(checkpoints.length).toBeGreaterThan(10);
    steps = 0;
    session.back();
    expect(session.event).toBe(49_998);
    expect(steps).toBeLessThanOrEqual(200);
  });

  test('thin out with the distance from the present', () => {
    const session = new Session(busy, 1, { checkpointsMax: 16, checkpointEvents: 100 });
    const { fingerprint } = session;
    session.seekEvent(20_000);
    const { checkpoints } = session as unknown as { checkpoints: readonly { event: number }[] };
    expect(checkpoints).toHaveLength(16);
    expect(checkpoints[0]!.event).toBe(0);
    expect(checkpoints.at(-1)!.event).toBe(20_000);
    expect(checkpoints.at(-2)!.event).toBe(19_900);
    for (const [at, { event }] of checkpoints.entries()) {
      const gap = event - (checkpoints[at - 1]?.event ?? 0);
      expect(gap).toBeLessThanOrEqual(Math.max(200, 20_000 - event + gap));
    }
    session.back(1_000_000);
    expect(session.event).toBe(0);
    expect(session.fingerprint).toBe(fingerprint);
  });
});

test('why follows causes back to the beginning, each earlier than its effect', () => {
  const session = new Session(parse(TEXT), 7);
  session.seekEvent(1500);
  const reasons = session.why(1500, 10_000);
  expect(reasons[0]!.event).toBe(1500);
  expect(reasons.length).toBeGreaterThan(2);
  for (const [at, { event, time }] of reasons.entries()) {
    if (at === 0) continue;
    expect(event).toBeLessThan(reasons[at - 1]!.event);
    expect(time).toBeLessThanOrEqual(reasons[at - 1]!.time);
  }
  expect(session.run.world.trace.cause(reasons.at(-1)!.event)).toBe(0);
  expect(session.why(1500, 2)).toHaveLength(2);
});

test('the end is an end, and one can go back from it', () => {
  const session = new Session(SCENARIO, 7);
  session.seekTime(1e9);
  expect(session.ended).toBe(true);
  expect(session.step()).toBe(false);
  const { event, fingerprint } = session;
  session.back(10);
  expect(session.event).toBe(event - 10);
  session.seekTime(1e9);
  expect(session.fingerprint).toBe(fingerprint);
});
