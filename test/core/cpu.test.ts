/** Service times: messages cost their lane time, so that overload and slow hosts are real. */
import { expect, test } from 'vitest';
import { Bench, Input, Journal, LATENCY, MS, SECOND, outcome } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

const SERVICE = 10 * MS;
const FREE: BenchOptions = {};
const COSTLY: BenchOptions = { cpu: { kind: 'constant', micros: SERVICE } };

/** Three packets at once; the second program acknowledges each with one of its own. */
function run(options: BenchOptions, prepare: (bench: Bench) => void = () => {}): string[] {
  const journal: Journal = new Journal(() => bench.world.now);
  const { say } = journal;
  const sender: Program = {
    start: (out) => out.timer(Input.tick, 0, 100 * MS - LATENCY),
    input: (out, input, _, body) => {
      if (input === Input.packet) say(`ack ${String(body)}`);
      else for (const name of ['a', 'b', 'c']) out.datagram(1, Input.packet, name);
    },
  };
  const receiver: Program = {
    start: (out) => out.timer(Input.tick, 0, 100 * MS + SERVICE / 2),
    input: (out, input, from, body) => {
      say(input === Input.packet ? String(body) : 'tick');
      if (input === Input.packet) out.datagram(from, Input.packet, body);
    },
  };
  const bench: Bench = new Bench([sender, receiver], options);
  prepare(bench);
  bench.run(1 * SECOND);
  return journal.lines;
}

test('free messages are handled as they come', () => {
  expect(run(FREE)).toEqual([
    '100 a',
    '100 b',
    '100 c',
    '101 ack a',
    '101 ack b',
    '101 ack c',
    '105 tick',
  ]);
});

test('costly ones one by one; what they send leaves after their time; timers wait too', () => {
  const lines = run(COSTLY);
  expect(lines.filter((line) => !line.includes('ack') && !line.includes('tick'))).toEqual([
    '100 a',
    '110 b',
    '120 c',
  ]);
  expect(lines).toContain('111 ack a');
  // The sender pays for acknowledgements as well, but is free again when the next one comes.
  expect(lines).toContain('121 ack b');
  expect(lines).toContain('131 ack c');
  // Drawn against the packet that waits beside it.
  expect(lines.find((line) => line.includes('tick'))).toMatch(/^1[123]0 tick$/);
});

test('a slow host takes as many times longer', () => {
  const lines = run(COSTLY, (bench) => (bench.process(1).cpuFactor = 3));
  expect(lines).toContain('160 c');
  expect(lines).toContain('131 ack a');
});

test('a request on a goroutine of its own waits for nobody, and its answer for its service time', () => {
  const journal: Journal = new Journal(() => bench.world.now);
  const client: Program = {
    start: (out) => {
      for (let tag = 1; tag <= 2; tag++) out.request(1, Input.own, tag, SECOND, Input.answer, tag);
    },
    input: (out, _, tag) => journal.say(`${outcome(out)} ${tag}`),
  };
  const server: Program = {
    input: (out, _, exchange, tag) => {
      if (tag === 1) out.reply(exchange, null);
      else out.sleep(SERVICE / 2, 0, exchange);
    },
    resume: (out, _, exchange) => out.reply(exchange, null),
  };
  const bench: Bench = new Bench([client, server], COSTLY);
  bench.run(SECOND);
  // Dial and request take three latencies, the answer one. Answers cost the client nothing.
  expect(journal.lines).toEqual(['14 ok 1', '14 ok 2']);
});

test('a lane is busy after a restore as it was when it was saved', () => {
  const lines: string[] = [];
  const bench: Bench = new Bench(
    [
      {
        start: (out) => {
          for (const at of [10, 15]) out.timer(Input.tick, at, at * MS - LATENCY);
        },
        input: (out, _, key) => out.datagram(1, Input.packet, key),
      },
      { input: (_, __, ___, body) => void lines.push(`${bench.world.now / MS} ${String(body)}`) },
    ],
    COSTLY,
  );
  bench.run(12 * MS);
  const state = bench.world.save();
  bench.run(SECOND);
  bench.world.restore(state);
  bench.run(SECOND);
  expect(lines).toEqual(['10 10', '20 15', '20 15']);
});

test('what comes in the microsecond in which the lane is free again leaves no wake-up behind', () => {
  const journal: Journal = new Journal(() => bench.world.now);
  const { say } = journal;
  const bench: Bench = new Bench(
    [
      {
        start: (out) => {
          // Before the wake-up, which is made later for the same instant.
          out.timer(Input.tick, 0, 10 * MS + LATENCY);
          for (const name of ['a', 'b']) out.datagram(0, Input.packet, name);
        },
        input: (out, input, _, body) => {
          say(input === Input.tick ? 'tick' : String(body));
          if (input === Input.tick) out.sleep(30 * MS, 0, 0);
        },
        resume: () => say('awake'),
      },
    ],
    { ...COSTLY, seed: 4 },
  );
  bench.run(SECOND);
  // The seed draws the timer before the second packet.
  expect(journal.lines).toEqual(['1 a', '11 tick', '41 awake', '41 b']);
});
