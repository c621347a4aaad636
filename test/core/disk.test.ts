/** Write programs: one write at a time per device, crashes between any two, and what faults do. */
import { describe, expect, test } from 'vitest';
import type { Outbox } from '../../sim/core/machine.ts';
import { AFTER_PROGRAM } from '../../sim/core/process.ts';
import type { CrashKind } from '../../sim/core/process.ts';
import { Bench, Input, Journal, MS, outcome } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

/** One write takes 10 ms. */
const ABC = ['a', 'b', 'c'];

const put = (out: Outbox, names: readonly string[], step = 0): void =>
  out.write(
    names.map((name) => ({ put: name })),
    step,
    0,
  );

interface Run {
  readonly bench: Bench;
  readonly lines: readonly string[];
}

/** Runs programs on one host, with acts, for a second. */
function run(
  programs: readonly ((say: (what: string) => void) => Program)[],
  prepare: (bench: Bench) => void = () => {},
  options: BenchOptions = {},
): Run {
  const journal: Journal = new Journal(() => bench.world.now);
  const hostOf = programs.map(() => 0);
  const bench: Bench = new Bench(
    programs.map((program) => program(journal.say)),
    { hostOf, ...options },
  );
  prepare(bench);
  bench.run(1000 * MS);
  return { bench, lines: journal.lines };
}

/** Writes a, b and c when it starts and says how that went. */
const writer =
  (names: readonly string[] = ABC) =>
  (say: (what: string) => void): Program => ({
    start: (out) => put(out, names),
    resume: (out) => say(`${names.join('')} ${outcome(out)}`),
  });

/** Writes only in its first life. */
const writesOnce = (names: readonly string[] = ABC) => {
  let lives = 0;
  return (): Program => ({
    start: (out) => {
      if (lives++ === 0) put(out, names);
    },
  });
};

const disk = (bench: Bench) => bench.world.hosts[0]!.disk;

test('a program goes on when the last of its writes is durable', () => {
  const seen: string[] = [];
  const { lines } = run([writer()], (bench) => {
    for (const at of [9, 11, 21, 29, 31]) {
      bench.at(at * MS, () => seen.push(`${at} ${bench.shelf(0).join('')}`));
    }
  });
  expect(seen).toEqual(['9 ', '11 a', '21 ab', '29 ab', '31 abc']);
  expect(lines).toEqual(['30 abc ok']);
});

test('programs of one host take turns, in order; other hosts have disks of their own', () => {
  const programs = [writer(['a', 'b']), writer(['c']), writer(['d'])];
  expect(run(programs).lines).toEqual(['20 ab ok', '30 c ok', '40 d ok']);
  expect(run(programs, () => {}, { hostOf: [0, 0, 1] }).lines).toEqual([
    '10 d ok',
    '20 ab ok',
    '30 c ok',
  ]);
});

test('lanes of one program take turns too', () => {
  const { lines } = run([
    (say) => ({
      start: (out) => {
        out.post(Input.side, 0, 0, null);
        put(out, ['main'], 1);
      },
      input: (out) => put(out, ['side'], 2),
      resume: (_, step) => say(step === 1 ? 'main' : 'side'),
    }),
  ]);
  expect(lines).toEqual(['10 main', '20 side']);
});

describe('a crash', () => {
  const after = (how: CrashKind, at: number, seed = 1): string => {
    const { bench } = run(
      [writesOnce()],
      (world) => {
        world.at(at * MS, () => world.world.power.crash(world.process(0), how));
        world.at(500 * MS, () => world.start(0));
      },
      { seed },
    );
    return bench.shelf(0).join('');
  };
  const outcomes = (how: CrashKind, at: number): string[] =>
    [...new Set(Array.from({ length: 20 }, (_, seed) => after(how, at, seed)))].toSorted();

  test('by kill keeps the write under way, which is in the page cache', () => {
    expect(outcomes('kill', 15)).toEqual(['ab']);
    expect(outcomes('exit', 15)).toEqual(['ab']);
  });

  test('by power leaves it in doubt', () => {
    expect(outcomes('power', 15)).toEqual(['a', 'ab']);
  });

  test.each([
    [1, ''],
    [2, 'a'],
    [3, 'ab'],
    [4, 'abc'],
  ])('may fall right before write %i', (write, shelf) => {
    for (const how of ['kill', 'power'] as const) {
      const struck: number[] = [];
      const { bench } = run([writesOnce()], (world) => {
        world.world.controller!.onCrashPoint = (_, tag) => {
          struck.push(tag, world.world.now / MS);
          world.at(500 * MS, () => world.start(0));
        };
        world.process(0).crashPoint = { write, how, tag: 7 };
      });
      expect(bench.shelf(0).join('')).toBe(shelf);
      expect(struck).toEqual(write > ABC.length ? [] : [7, (write - 1) * 10]);
      expect(bench.process(0).generation).toBe(write > ABC.length ? 1 : 2);
    }
  });

  test('waits for a program that has as many writes', () => {
    const { bench, lines } = run(
      [
        (say) => ({
          start: (out) => put(out, ['a'], 1),
          resume: (out, step) => {
            say(`wrote ${step}`);
            if (step === 1) put(out, ['b', 'c'], 2);
          },
        }),
      ],
      (world) => {
        world.at(0, () => (world.process(0).crashPoint = { write: 2, how: 'kill', tag: 0 }));
      },
    );
    expect(lines).toEqual(['10 wrote 1']);
    expect(bench.shelf(0)).toEqual(['a', 'b']);
    expect(bench.process(0).status).toBe('down');
  });

  test('may wait for the end of the program of writes under way, and of its handler', () => {
    const { lines, bench } = run(
      [
        (say) => ({
          start: (out) => put(out, ABC, 1),
          resume: (out, step) => {
            say(`wrote ${step}`);
            put(out, ['d'], 2);
          },
        }),
      ],
      (world) => {
        world.at(15 * MS, () => {
          expect(disk(world).busyWith(0)).toBe(true);
          world.process(0).crashPoint = { write: AFTER_PROGRAM, how: 'exit', tag: 0 };
        });
      },
    );
    expect(lines).toEqual(['30 wrote 1']);
    expect(bench.shelf(0)).toEqual(ABC);
    expect(bench.process(0).status).toBe('down');
  });

  test('in the handler that begins to write lets the handler end', () => {
    const { lines } = run(
      [
        (say) => ({
          start: (out) => out.timer(Input.tick, 0, 10 * MS),
          input: (out) => {
            put(out, ['a']);
            say('handler ends');
            out.datagram(1, Input.packet, null);
          },
        }),
        (say) => ({ input: () => say('packet') }),
      ],
      (world) => {
        world.at(5 * MS, () => (world.process(0).crashPoint = { write: 1, how: 'kill', tag: 0 }));
      },
      { hostOf: [0, 1] },
    );
    expect(lines).toEqual(['10 handler ends', '11 packet']);
  });

  test('of one program leaves the writes of the others alone', () => {
    const { lines, bench } = run([writer(['a', 'b']), writer(['c'])], (world) => {
      world.at(15 * MS, () => world.world.power.crash(world.process(0), 'kill'));
    });
    // The device turns to the next program at once.
    expect(lines).toEqual(['25 c ok']);
    expect(bench.shelf(0)).toEqual(['a', 'b']);
  });

  test('by power begins nothing more, for nobody on the host', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { bench } = run(
        [writesOnce(['a', 'b']), writesOnce(['c']), writesOnce(['d'])],
        (world) => {
          world.at(5 * MS, () => world.world.power.crash(world.process(1), 'power'));
          for (let i = 0; i < 3; i++) world.at(500 * MS, () => world.start(i));
        },
        { seed },
      );
      expect([bench.shelf(1), bench.shelf(2)]).toEqual([[], []]);
      expect(bench.shelf(0).join('')).toMatch(/^a?$/);
    }
  });
});

describe('faults', () => {
  test('a stall delays what is under way, which begins anew, and counts what it delayed', () => {
    const { lines, bench } = run([writer()], (world) => {
      world.at(15 * MS, () => disk(world).stall(world.world));
      world.at(16 * MS, () => disk(world).stall(world.world));
      world.at(40 * MS, () => disk(world).unstall(world.world));
      world.at(50 * MS, () => disk(world).unstall(world.world));
    });
    expect(lines).toEqual(['70 abc ok']);
    expect(disk(bench).touched).toMatchObject({ stalled: 1, slowed: 0 });
  });

  test('slow stacks as factors and applies to writes that begin; their rest is as fast as what is restored', () => {
    const { lines, bench } = run([writer()], (world) => {
      world.at(5 * MS, () => disk(world).slowDown(3));
      world.at(6 * MS, () => disk(world).slowDown(2));
      world.at(13 * MS, () => disk(world).restoreSpeed(world.world, 3));
      world.at(42 * MS, () => disk(world).restoreSpeed(world.world, 2));
    });
    // a in 10, b in 3 and a third of 57, c in 10 and half of 10.
    expect(lines).toEqual(['47 abc ok']);
    expect(disk(bench).touched).toMatchObject({ slowed: 2 });
  });

  test('an error ends the program of writes after its time, a full disk at once', () => {
    const failing = run([writer()], (world) => {
      world.at(15 * MS, () => disk(world).failWrites(1));
    });
    expect(failing.lines).toEqual(['20 abc disk-error']);
    expect(failing.bench.shelf(0)).toEqual(['a']);
    expect(disk(failing.bench).touched).toMatchObject({ failed: 1, refused: 0 });
    const full = run([writer()], (world) => {
      world.at(15 * MS, () => disk(world).fill(1));
      world.at(16 * MS, () => disk(world).fill(1));
      world.at(17 * MS, () => disk(world).fill(-1));
    });
    expect(full.lines).toEqual(['20 abc disk-full']);
    expect(disk(full.bench).touched).toMatchObject({ failed: 0, refused: 1 });
    const fullBefore = run([writer()], (world) => world.at(0, () => disk(world).fill(1)));
    expect(fullBefore.lines).toEqual(['10 abc disk-full']);
  });

  test('a suspended host goes on with what was left of the write', () => {
    const { lines } = run([writer()], (world) => {
      world.at(15 * MS, () => world.world.power.pause(world.process(0), 'suspend'));
      world.at(115 * MS, () => world.world.power.resume(world.process(0), 'suspend'));
    });
    expect(lines).toEqual(['130 abc ok']);
  });

  test('what was left of it is saved with the world', () => {
    const lines: string[] = [];
    const say = (what: string): void => void lines.push(`${bench.world.now / MS} ${what}`);
    const bench: Bench = new Bench([writer()(say)]);
    bench.at(15 * MS, () => bench.world.power.pause(bench.process(0), 'suspend'));
    bench.at(115 * MS, () => bench.world.power.resume(bench.process(0), 'suspend'));
    bench.run(50 * MS);
    const state = bench.world.save();
    bench.run(1000 * MS);
    bench.world.restore(state);
    bench.run(1000 * MS);
    expect(lines).toEqual(['130 abc ok', '130 abc ok']);
  });

  test('a stall that ends during a suspension begins nothing before the host goes on', () => {
    const { lines } = run([writer()], (world) => {
      world.at(15 * MS, () => disk(world).stall(world.world));
      world.at(20 * MS, () => world.world.power.pause(world.process(0), 'suspend'));
      world.at(50 * MS, () => disk(world).unstall(world.world));
      world.at(100 * MS, () => world.world.power.resume(world.process(0), 'suspend'));
    });
    expect(lines).toEqual(['120 abc ok']);
  });

  test('a host that loses power while it is suspended has a disk again afterwards', () => {
    const { lines, bench } = run([writer()], (world) => {
      world.at(15 * MS, () => world.world.power.pause(world.process(0), 'suspend'));
      world.at(50 * MS, () => world.world.power.crash(world.process(0), 'power'));
      world.at(100 * MS, () => world.start(0));
    });
    expect(lines).toEqual(['130 abc ok']);
    expect(bench.shelf(0).join('')).toMatch(/^ab?abc$/);
  });
});

describe('large files', () => {
  const MIB = 1024 * 1024;

  test('cost their bytes, and a sync unless they only reach the page cache', () => {
    const program = (say: (what: string) => void): Program => ({
      start: (out) => out.write([{ put: 'a', bytes: 20 * MIB }], 1, 0),
      resume: (out, step) => {
        say(`${step} ${outcome(out)}`);
        const access = step === 1 ? 'buffered' : 'read';
        if (step < 3) out.write([{ put: 'b', bytes: 20 * MIB, access }], step + 1, 0);
      },
    });
    const { lines } = run([program]);
    // 20 MiB at 200 MB/s, and 10 ms for the sync.
    expect(lines).toEqual(['114.858 1 ok', '219.716 2 ok', '324.574 3 ok']);
  });

  test('are read from a full disk, but not written to it', () => {
    const program = (say: (what: string) => void): Program => ({
      start: (out) => out.write([{ put: 'a', bytes: MIB, access: 'read' }], 1, 0),
      resume: (out, step) => {
        say(`${step} ${outcome(out)}`);
        if (step === 1) out.write([{ put: 'b', bytes: MIB }], 2, 0);
      },
    });
    const { lines } = run([program], (bench) => bench.at(0, () => disk(bench).fill(1)));
    expect(lines).toEqual(['5.243 1 ok', '5.243 2 disk-full']);
  });

  test('a failing log leaves the rest of the disk alone', () => {
    const program = (say: (what: string) => void): Program => ({
      start: (out) => out.write([{ put: 'a' }], 1, 0),
      resume: (out, step) => {
        say(`${step} ${outcome(out)}`);
        if (step === 1) out.write([{ put: 'b', log: true }], 2, 0);
      },
    });
    const { lines } = run([program], (bench) => bench.at(0, () => disk(bench).failLog(1)));
    expect(lines).toEqual(['10 1 ok', '20 2 disk-error']);
    expect(lines).toHaveLength(2);
  });

  test('are lost with the power if nobody has synced them', () => {
    const { bench } = run([writer(['a', 'unsynced b'])], (bench) => {
      bench.at(100 * MS, () => bench.world.power.crash(bench.process(0), 'power'));
    });
    expect(bench.shelf(0)).toEqual(['a']);
  });
});
