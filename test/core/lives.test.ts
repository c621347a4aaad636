/** What dies with a process and what does not: its next life meets only what is meant for it. */
import { describe, expect, test } from 'vitest';
import type { CrashKind } from '../../sim/core/process.ts';
import { KernelNote } from '../../sim/core/observer.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { Bench, Input, Journal, KEYED, MS, SECOND, outcome } from './kit.ts';
import type { Program } from './kit.ts';

/** Crashes the second program at 100 ms and starts it again at 150 ms. */
function run(
  programs: (say: (what: string) => void) => Program[],
  how: CrashKind = 'kill',
  prepare: (bench: Bench) => void = () => {},
): { lines: readonly string[]; bench: Bench } {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench(programs(journal.say));
  bench.at(100 * MS, () => bench.world.power.crash(bench.process(1), how));
  bench.at(150 * MS, () => bench.start(1));
  prepare(bench);
  bench.run(SECOND);
  return { lines: journal.lines, bench };
}

const NOTHING: Program = {};

describe.each(['kill', 'power', 'exit'] as const)('after a crash by %s', (how) => {
  test('timers, sleeps, keyed lanes and waiting inputs are gone', () => {
    let lives = 0;
    const { lines } = run(
      (say) => [
        NOTHING,
        {
          start: (out) => {
            say(`life ${++lives}`);
            if (lives === 2) {
              expect(out.post(Input.keyed, 3, 0, null)).toBe(false);
              return;
            }
            out.spawn(KEYED, 3);
            out.timer(Input.keyedTick, 3, 200 * MS);
            out.timer(Input.tick, 0, 50 * MS);
            out.timer(Input.sideTick, 0, 200 * MS);
            out.sleep(300 * MS, 0, 0);
          },
          input: (out) => say(`input ${out.lane}`),
          resume: () => say('resumed'),
        },
      ],
      how,
    );
    expect(lines).toEqual(['0 life 1', '150 life 2']);
  });

  test('a write that completes later resumes nobody', () => {
    let lives = 0;
    const { lines, bench } = run(
      (say) => [
        NOTHING,
        {
          start: (out) => {
            lives++;
            out.timer(Input.tick, 0, 95 * MS);
          },
          input: (out) => {
            if (lives === 1) out.write([{ put: 'a' }, { put: 'b' }], 0, 0);
          },
          resume: () => say('written'),
        },
      ],
      how,
    );
    expect(lines).toEqual([]);
    expect(bench.shelf(1).join('')).toMatch(how === 'power' ? /^a?$/ : /^a$/);
  });

  test('datagrams under way reach whoever listens then', () => {
    const { lines } = run(
      (say) => [
        {
          start: (out) => {
            for (const at of [99.5, 120, 149.5]) out.timer(Input.tick, at * 10, at * MS);
          },
          input: (out, _, key) => out.datagram(1, Input.packet, key / 10),
        },
        { input: (_, __, ___, body) => say(`packet ${String(body)}`) },
      ],
      how,
    );
    expect(lines).toEqual(['150.5 packet 149.5']);
  });

  test('answers to calls of the first life reach nobody', () => {
    let lives = 0;
    const { lines } = run(
      (say) => [
        {
          input: (out, _, exchange) => out.sleep(100 * MS, 0, exchange),
          resume: (out, _, exchange) => out.reply(exchange, null),
        },
        {
          start: (out) => {
            if (lives++ > 0) return;
            out.request(0, Input.ask, null, SECOND, Input.answer, 0);
            out.request(0, Input.session, null, SECOND, Input.answer, 0);
          },
          input: (out) => say(outcome(out)),
        },
      ],
      how,
    );
    expect(lines).toEqual([]);
  });

  test('a reply to a request of the first life goes nowhere', () => {
    let kept = 0;
    const { lines } = run(
      (say) => [
        {
          start: (out) => out.request(1, Input.ask, null, SECOND, Input.answer, 0),
          input: (out) => say(outcome(out)),
        },
        {
          start: (out) => {
            out.reply(kept, 'from the next life');
            expect(out.peerOf(kept)).toBe(-1);
          },
          input: (_, __, exchange) => {
            kept = exchange;
          },
        },
      ],
      how,
    );
    expect(lines).toEqual(how === 'power' ? [] : ['101 eof']);
  });
});

test('power takes all programs of a host, a kill only one', () => {
  const alive = (how: CrashKind): string => {
    const bench = new Bench([NOTHING, NOTHING, NOTHING], { hostOf: [0, 0, 1] });
    bench.at(SECOND, () => bench.world.power.crash(bench.process(0), how));
    bench.run(2 * SECOND);
    return [0, 1, 2].map((index) => bench.process(index).status).join(' ');
  };
  expect(alive('power')).toBe('down down running');
  expect(alive('kill')).toBe('down running running');
});

describe('a start', () => {
  test('that panics leaves the program down, and says so', () => {
    const seen: string[] = [];
    const observer: Observer = {
      wants: Object.values(KernelNote),
      onNote: (kind, process, a) => seen.push(`${process}: ${kind} ${a}`),
    };
    const { bench } = run(
      () => [NOTHING, { start: (out) => out.panic('cannot read the log') }],
      'kill',
      ({ world }) => world.observe(observer),
    );
    const { started, panicked, crashed } = KernelNote;
    const life = (n: number): string[] => [
      `1: ${started} 0`,
      `1: ${panicked} ${n}`,
      `1: ${crashed} 2`,
    ];
    expect(seen).toEqual([`0: ${started} 0`, ...life(0), ...life(1)]);
    expect(bench.world.panicReason(1)).toBe('cannot read the log');
    expect(bench.process(1).status).toBe('down');
  });

  test('of what runs already is nothing, and so is a crash of what is down', () => {
    let starts = 0;
    const { bench } = run(
      () => [NOTHING, { start: () => void starts++ }],
      'kill',
      (world) => {
        world.at(120 * MS, () => world.world.power.crash(world.process(1), 'kill'));
        world.at(160 * MS, () => world.start(1));
      },
    );
    expect(starts).toBe(2);
    expect(bench.process(1).generation).toBe(2);
  });

  test('that writes and panics dies once, and its crash point with it', () => {
    const bench = new Bench([
      {
        start: (out) => {
          out.write([{ put: 'a' }], 0, 0);
          out.panic('both');
        },
      },
    ]);
    bench.process(0).crashPoint = { write: 1, how: 'power', tag: 0 };
    bench.run(SECOND);
    expect(bench.world.power.pending).toBeNull();
    expect(bench.world.hosts[0]!.up).toBe(true);
    expect(bench.shelf(0)).toEqual([]);
  });
});
