/** TCP streams and the calls over them: order, pools, pipelines, sessions. */
import { describe, expect, test } from 'vitest';
import type { Outbox } from '../../sim/core/machine.ts';
import { compileSampler } from '../../sim/core/distribution.ts';
import { Transport, betweenScope } from '../../sim/core/rules.ts';
import { Bench, Input, Journal, LATENCY, MS, SECOND, outcome } from './kit.ts';
import type { Program } from './kit.ts';

type Say = (what: string) => void;

/** Runs two programs with acts for ten seconds; returns what they said. */
function run(
  programs: (say: Say) => [Program, Program],
  prepare: (bench: Bench) => void = () => {},
): { lines: readonly string[]; bench: Bench } {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench(programs(journal.say));
  prepare(bench);
  bench.run(10 * SECOND);
  return { lines: journal.lines, bench };
}

/** Opens a pipeline at once and sends on it at the given times in ms. */
function pipeliner(say: Say, times: readonly number[], timeout = 5 * SECOND): Program {
  let stream = 0;
  return {
    start: (out) => out.openPipeline(1, Input.ask, SECOND, 0),
    resume: (out, _, __, connection) => {
      say(`open ${outcome(out)}`);
      stream = connection as number;
      times.forEach((time, index) => out.timer(Input.tick, index + 1, time * MS - out.now()));
    },
    input: (out, input, tag) => {
      if (input === Input.answer) say(`answer ${tag} ${outcome(out)}`);
      else out.pipeline(stream, Input.ask, tag, timeout, Input.answer, tag, 0);
    },
  };
}

const echo = (say: Say, delay = 0): Program => ({
  input: (out, _, exchange, body) => {
    say(`request ${String(body)}`);
    if (delay === 0) out.reply(exchange, body);
    else out.sleep(delay, 0, exchange);
  },
  resume: (out, _, exchange) => out.reply(exchange, null),
});

const connections = (bench: Bench): number => {
  let count = 0;
  bench.world.connections.pool.forEach(() => count++);
  return count;
};

describe('order', () => {
  test('a later segment waits for a slower one before it', () => {
    const { lines } = run(
      (say) => [pipeliner(say, [100, 102]), echo(say)],
      (bench) => {
        const sampler = compileSampler({ kind: 'constant', micros: 30 * MS });
        const scope = betweenScope(2, [0], [1], false);
        bench.at(99 * MS, () => bench.at(101 * MS, bench.rule(scope, { kind: 'delay', sampler })));
      },
    );
    const requests = lines.filter((line) => line.includes('request'));
    expect(requests).toEqual(['131 request 1', '131 request 2']);
  });

  test('what arrived after a loss waits for what was lost', () => {
    const { lines } = run(
      (say) => [pipeliner(say, [100, 100.4]), echo(say)],
      (bench) => {
        // The host is away when the first request comes and back when the second does.
        bench.at(100.8 * MS, () => bench.world.power.pause(bench.process(1), 'suspend'));
        bench.at(101.2 * MS, () => bench.world.power.resume(bench.process(1), 'suspend'));
      },
    );
    const requests = lines.filter((line) => line.includes('request'));
    // The retransmission timer counts from when the sender last sent.
    expect(requests).toEqual(['301.4 request 1', '301.4 request 2']);
  });

  test('what follows a held segment is held too, whatever its class', () => {
    const { lines } = run(
      (say) => {
        let stream = 0;
        const program = pipeliner(say, []);
        return [
          {
            ...program,
            resume: (out, _, __, connection) => {
              stream = connection as number;
              out.timer(Input.tick, 1, 97 * MS);
              out.timer(Input.tick, 2, 98 * MS);
            },
            input: (out, input, tag) => {
              if (input !== Input.tick) return;
              const kind = tag === 1 ? Input.bulk : Input.ask;
              out.pipeline(stream, kind, tag, SECOND, Input.answer, tag, 0);
            },
          },
          echo(say),
        ];
      },
      (bench) => {
        const scope = betweenScope(2, [0], [1], true);
        const cut = { kind: 'drop', probability: 1 } as const;
        const heal = bench.rule(scope, cut, Transport.tcp, ['bulk']);
        bench.at(250 * MS, heal);
      },
    );
    const requests = lines.filter((line) => line.includes('request'));
    expect(requests).toEqual(['300 request 1', '300 request 2']);
  });

  test('what is lost on arrival is sent again as what it is, not as what dialled', () => {
    const { lines } = run(
      (say) => [
        {
          ...pipeliner(say, [100]),
          start: (out) => out.openPipeline(1, Input.bulk, SECOND, 0),
        },
        echo(say),
      ],
      (bench) => {
        bench.at(100.5 * MS, () => bench.world.power.pause(bench.process(1), 'suspend'));
        bench.at(150 * MS, () => bench.world.power.resume(bench.process(1), 'suspend'));
        const scope = betweenScope(2, [0], [1], true);
        bench.at(160 * MS, () =>
          bench.rule(scope, { kind: 'drop', probability: 1 }, Transport.tcp, ['bulk']),
        );
      },
    );
    expect(lines.filter((line) => line.includes('request'))).toEqual(['301 request 1']);
  });
});

describe('a pool', () => {
  const burst = (count: number): Program => ({
    start: (out) => {
      out.timer(Input.tick, 1, 100 * MS);
      out.timer(Input.tick, 2, 200 * MS);
    },
    input: (out, input) => {
      if (input !== Input.tick) return;
      for (let i = 0; i < count; i++) out.request(1, Input.own, i, SECOND, Input.answer, i);
    },
  });

  test('dials as many streams as it has requests at once and keeps three of them', () => {
    const { bench, lines } = run(
      (say) => [burst(5), echo(say)],
      (world) => {
        world.at(103.5 * MS, () => expect(connections(world)).toBe(5));
        world.at(150 * MS, () => expect(connections(world)).toBe(3));
      },
    );
    // Three requests of the second burst find streams, two dial.
    const times = lines.map((line) => line.split(' ')[0]).join(' ');
    expect(times).toBe('103 103 103 103 103 201 201 201 203 203');
    expect(connections(bench)).toBe(3);
  });

  test('a session carries all at once over one stream', () => {
    const waiting: number[] = [];
    const { bench, lines } = run((say) => [
      {
        start: (out) => {
          for (let i = 0; i < 3; i++) out.request(1, Input.session, i, SECOND, Input.answer, i);
        },
        input: (out, _, tag) => say(`answer ${tag} ${outcome(out)}`),
      },
      {
        // Answers in the opposite order.
        start: (out) => out.sleep(50 * MS, 0, 0),
        input: (out, _, exchange) => {
          waiting.unshift(exchange);
          if (waiting.length === 3) for (const each of waiting) out.reply(each, null);
        },
        resume: () => {},
      },
    ]);
    expect(lines).toEqual(['51 answer 2 ok', '51 answer 1 ok', '51 answer 0 ok']);
    expect(connections(bench)).toBe(1);
  });

  test('an error of the program is an answer, the stream lives on', () => {
    const { lines, bench } = run((say) => [
      {
        start: (out) => out.call(1, Input.ask, null, SECOND, 0, 0),
        resume: (out, _, __, body) => say(`${outcome(out)}: ${String(body)}`),
      },
      {
        input: (out, _, exchange) => {
          expect(out.peerOf(exchange)).toBe(0);
          out.fail(exchange, 'no leader');
          expect(out.peerOf(exchange)).toBe(-1);
          // The second answer has no addressee any more.
          out.reply(exchange, 'late');
        },
      },
    ]);
    expect(lines).toEqual(['4 remote: no leader']);
    expect(connections(bench)).toBe(1);
  });

  test('a request that its channel drops never gets an answer', () => {
    const full = (out: Outbox): void => {
      for (let i = 0; i < 2; i++) expect(out.post(Input.post, 0, 0, null)).toBe(true);
      expect(out.post(Input.post, 0, 0, null)).toBe(false);
      out.sleep(500 * MS, 0, 0);
    };
    const { lines, bench } = run((say) => [
      {
        // A kind whose channel is small; nobody else sends it.
        start: (out) => out.call(1, Input.post, null, 100 * MS, 0, 0),
        resume: (out) => say(outcome(out)),
      },
      { start: full },
    ]);
    expect(lines).toEqual(['102 timeout']);
    expect(connections(bench)).toBe(0);
  });
});

describe('a pipeline', () => {
  test('answers come in the order of the requests, while the server works on one at a time', () => {
    const { lines } = run((say) => [pipeliner(say, [100, 101, 102]), echo(say, 10 * MS)]);
    expect(lines).toEqual([
      '2 open ok',
      '101 request 1',
      '111 request 2',
      '112 answer 1 ok',
      '121 request 3',
      '122 answer 2 ok',
      '132 answer 3 ok',
    ]);
  });

  test('a deadline counts from when the request is the next to be answered', () => {
    const { lines } = run((say) => [pipeliner(say, [100, 101], 15 * MS), echo(say, 10 * MS)]);
    // The second waits for 21 ms, but for no more than 15 ms as the next.
    expect(lines.slice(3)).toEqual(['112 answer 1 ok', '122 answer 2 ok']);
    const slow = run((say) => [pipeliner(say, [100, 101], 15 * MS), echo(say, 20 * MS)]).lines;
    expect(slow.filter((line) => line.includes('answer'))).toEqual([
      '115 answer 1 timeout',
      '130 answer 2 timeout',
    ]);
  });

  test('ends with the server, for all that wait and all that come', () => {
    const { lines } = run(
      (say) => [pipeliner(say, [100, 101, 200]), echo(say, SECOND)],
      (bench) => bench.at(110 * MS, () => bench.world.power.crash(bench.process(1), 'kill')),
    );
    expect(lines).toEqual([
      '2 open ok',
      '101 request 1',
      '111 answer 1 eof',
      '111 answer 2 eof',
      '200 answer 3 eof',
    ]);
  });

  test('that is closed answers nobody, but its requests are served', () => {
    let stream = 0;
    const { lines, bench } = run((say) => [
      {
        start: (out) => out.openPipeline(1, Input.ask, SECOND, 0),
        resume: (out, _, __, connection) => {
          stream = connection as number;
          for (const tag of [1, 2]) {
            out.pipeline(stream, Input.ask, tag, SECOND, Input.answer, tag, 0);
          }
          out.timer(Input.tick, 0, 5 * MS);
        },
        input: (out, input) => {
          if (input === Input.tick) out.closePipeline(stream);
          else say('answer');
        },
      },
      echo(say, 20 * MS),
    ]);
    expect(lines).toEqual(['3 request 1', '23 request 2']);
    expect([connections(bench), bench.world.queue.size]).toEqual([0, 0]);
  });
});

test('a client whose host loses power is forgotten once its request has been served', () => {
  const { lines, bench } = run(
    (say) => [
      { start: (out) => out.request(1, Input.ask, 1, SECOND, Input.answer, 0) },
      echo(say, 100 * MS),
    ],
    (world) => {
      world.at(3 * LATENCY + 1, () => world.world.power.crash(world.process(0), 'power'));
      world.at(SECOND, () => world.start(0));
    },
  );
  expect(lines).toEqual(['3 request 1', '1003 request 1']);
  // What is left is the idle stream of the second life.
  expect(connections(bench)).toBe(1);
});

describe('fresh streams', () => {
  const asker = (say: Say, input: number): Program => ({
    start: (out) => {
      for (const at of [100, 200]) out.timer(Input.tick, at, at * MS);
    },
    input: (out, kind, at) => {
      if (kind === Input.answer) say(`answer ${at} ${outcome(out)}`);
      else out.request(1, input, at, SECOND, Input.answer, at);
    },
  });

  test('are dialled for each request and closed after its answer', () => {
    const { lines, bench } = run((say) => [asker(say, Input.fresh), echo(say)]);
    expect(lines).toEqual([
      '103 request 100',
      '104 answer 100 ok',
      '203 request 200',
      '204 answer 200 ok',
    ]);
    expect(connections(bench)).toBe(0);
  });

  test('unlike pooled ones, which the next request finds open', () => {
    const { lines, bench } = run((say) => [asker(say, Input.ask), echo(say)]);
    expect(lines.slice(2)).toEqual(['201 request 200', '202 answer 200 ok']);
    expect(connections(bench)).toBe(1);
  });
});
