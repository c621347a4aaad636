/** The recording Outbox itself: lanes, disk, time and crashes in a test's hands. */
import { describe, expect, test } from 'vitest';
import { CONNECTION_LANE, ErrorCause } from '../../sim/core/machine.ts';
import type { Machine, Outbox, View } from '../../sim/core/machine.ts';
import { Recording } from '../../sim/core/recording.ts';

const WORK = 0x701;
const TICK = 0x702;
const ASK = 0x703;
const SIDE = 0x704;

interface Command {
  readonly name: string;
  readonly act?: (out: Outbox) => void;
}

interface Log {
  readonly lines: string[];
}

/** Does what its inputs say and writes down what happened, with the lane it happened on. */
const machine: Machine<Log, { stored: string[] }> = {
  name: 'puppet',
  number: 7,
  lanes: [
    {
      name: 'main',
      channels: [
        { name: 'work', capacity: 0 },
        { name: 'tick', capacity: 1 },
      ],
    },
    { name: 'side', keyed: true, channels: [{ name: 'side', capacity: 1 }] },
  ],
  inputs: [
    undefined,
    { name: 'work', lane: 0, channel: 0 },
    { name: 'tick', lane: 0, channel: 1 },
    { name: 'ask', lane: CONNECTION_LANE, channel: 0 },
    { name: 'side', lane: 1, channel: 0 },
  ],
  notes: [],
  create: () => ({ lines: [] }),
  onStart: (state) => state.lines.push('start'),
  onInput: (state, input, from, body, out) => {
    const command = body as Command | undefined;
    const error = out.error === ErrorCause.none ? '' : `!${out.error}`;
    state.lines.push(`${command?.name ?? `input ${input & 255}/${from}`}${error}`);
    command?.act?.(out);
  },
  onResume: (state, step, argument, body, out) => {
    state.lines.push(`resume ${step}/${argument} ${String(body)} ${out.error} at ${out.now()}`);
  },
  createDurable: () => ({ stored: [] }),
  applyWrite: (durable, write) => durable.stored.push((write as { text: string }).text),
  view: (): View => ({}),
  save: (state) => state,
  saveDurable: (durable) => durable,
};

function puppet(): Recording<Log, { stored: string[] }> {
  const recording = new Recording(machine, null);
  recording.start();
  recording.state.lines.length = 0;
  return recording;
}

function work(name: string, act?: (out: Outbox) => void): Command {
  return act === undefined ? { name } : { name, act };
}

const write =
  (...texts: string[]) =>
  (out: Outbox) =>
    out.write(
      texts.map((text) => ({ text })),
      1,
      2,
    );

describe('lanes', () => {
  test('make inputs wait while they are blocked, and keep their order', () => {
    const recording = puppet();
    recording.deliver(WORK, 0, work('a', write('x')));
    recording.deliver(WORK, 0, work('b'));
    recording.deliver(WORK, 0, work('c'));
    expect(recording.state.lines).toEqual(['a']);
    recording.write();
    expect(recording.state.lines).toEqual(['a', 'resume 1/2 undefined 0 at 0', 'b', 'c']);
  });

  test('run what a handler sets in motion after it', () => {
    const recording = puppet();
    recording.deliver(
      WORK,
      0,
      work('a', (out) => {
        out.spawn(1, 4);
        expect(out.post(SIDE, 4, 9, work('side'))).toBe(true);
        expect(out.post(SIDE, 4, 9, work('full'))).toBe(false);
        expect(out.post(SIDE, 5, 9, work('nobody'))).toBe(false);
      }),
    );
    expect(recording.state.lines).toEqual(['a', 'side']);
    expect(recording.of('post').map(({ taken }) => taken)).toEqual([true, false, false]);
  });

  test('give each request of a peer a lane of its own', () => {
    const recording = puppet();
    recording.deliver(WORK, 0, work('blocked', write('x')));
    const exchange = recording.ask(
      ASK,
      3,
      work('asked', (out) => {
        expect(out.peerOf(1)).toBe(3);
        out.reply(1, 'yes');
      }),
    );
    expect(recording.answerOf(exchange)).toBe('yes');
  });

  test('end by themselves or by another, with what waits in them', () => {
    const recording = puppet();
    recording.deliver(
      WORK,
      0,
      work('a', (out) => out.spawn(1, 1)),
    );
    recording.deliver(
      SIDE,
      0,
      work('leave', (out) => out.exit()),
      1,
    );
    expect(() => recording.deliver(SIDE, 0, work('x'), 1)).toThrow('no lane');
    recording.deliver(
      WORK,
      0,
      work('b', (out) => out.spawn(1, 2)),
    );
    recording.deliver(
      SIDE,
      0,
      work('stuck', (out) => out.park(5, 6)),
      2,
    );
    recording.deliver(
      WORK,
      0,
      work('c', (out) => out.unpark(1, 2)),
    );
    recording.deliver(
      WORK,
      0,
      work('d', (out) => out.reap(1, 2)),
    );
    expect(recording.state.lines.slice(3)).toEqual([
      'stuck',
      'c',
      'resume 5/6 undefined 0 at 0',
      'd',
    ]);
    expect(() => recording.deliver(SIDE, 0, work('x'), 2)).toThrow('no lane');
  });
});

describe('the disk', () => {
  test('executes programs one write at a time, the oldest first', () => {
    const recording = puppet();
    recording.deliver(WORK, 0, work('a', write('a1', 'a2')));
    recording.ask(ASK, 1, work('b', write('b1')));
    expect(recording.unwritten()).toEqual([{ text: 'a1' }, { text: 'a2' }, { text: 'b1' }]);
    recording.write(2);
    expect(recording.durable.stored).toEqual(['a1', 'a2']);
    recording.failWrite();
    expect(recording.durable.stored).toEqual(['a1', 'a2']);
    expect(recording.state.lines.at(-1)).toBe(`resume 1/2 undefined ${ErrorCause.diskError} at 0`);
    expect(() => recording.write()).toThrow('nothing is to be written');
  });

  test('keeps what was finished before a crash', () => {
    const recording = puppet();
    recording.deliver(WORK, 0, work('a', write('a1', 'a2')));
    recording.deliver(
      WORK,
      0,
      work('b', (out) => out.timer(TICK, 0, 5)),
    );
    recording.write();
    recording.crash();
    expect(recording.running).toBe(false);
    recording.start();
    expect(recording.state.lines).toEqual(['start']);
    expect(recording.durable.stored).toEqual(['a1']);
    expect(recording.unwritten()).toEqual([]);
  });
});

describe('time', () => {
  test('fires timers and ends sleeps in their order', () => {
    const recording = puppet();
    recording.deliver(
      WORK,
      0,
      work('a', (out) => out.timer(TICK, 7, 30)),
    );
    recording.deliver(
      WORK,
      0,
      work('b', (out) => out.spawn(1, 1)),
    );
    recording.deliver(
      SIDE,
      0,
      work('c', (out) => out.sleep(20, 3, 4)),
      1,
    );
    expect(recording.due(TICK, 7)).toBe(30);
    recording.advance(25);
    expect(recording.state.lines.slice(3)).toEqual(['resume 3/4 undefined 0 at 20']);
    recording.advance(10);
    expect(recording.state.lines.at(-1)).toBe('input 2/7');
    expect(recording.now).toBe(35);
    expect(recording.due(TICK, 7)).toBeUndefined();
  });

  test('forgets a firing that waits when its timer is set anew or cancelled', () => {
    const recording = puppet();
    recording.deliver(
      WORK,
      0,
      work('a', (out) => out.timer(TICK, 0, 5)),
    );
    recording.deliver(WORK, 0, work('b', write('x')));
    recording.deliver(
      WORK,
      0,
      work('c', (out) => out.cancel(TICK, 0)),
    );
    recording.fire(TICK);
    recording.writeAll();
    expect(recording.state.lines).not.toContain('input 2/0');
  });

  test('is drawn as the script says, and else as short as can be', () => {
    const recording = puppet();
    recording.script('wait', 0.5, 0.25);
    const drawn: number[] = [];
    const draw = (out: Outbox) => drawn.push(out.draw('wait').below(100));
    for (let i = 0; i < 3; i++) recording.deliver(WORK, 0, work('a', draw));
    expect(drawn).toEqual([50, 25, 0]);
  });
});

test('calls and requests wait for the answer that the test gives', () => {
  const recording = puppet();
  recording.deliver(
    WORK,
    0,
    work('a', (out) => out.request(2, WORK, 'q', 100, WORK, 8)),
  );
  recording.answer(recording.of('request')[0], undefined, ErrorCause.timeout);
  recording.deliver(
    WORK,
    0,
    work('b', (out) => out.call(2, WORK, 'q', 100, 5, 6)),
  );
  recording.answer(recording.waits('call')[0], 'r');
  expect(recording.state.lines).toEqual([
    'a',
    `input 1/8!${ErrorCause.timeout}`,
    'b',
    'resume 5/6 r 0 at 0',
  ]);
});

test('a panic ends the program', () => {
  const recording = puppet();
  recording.deliver(
    WORK,
    0,
    work('a', (out) => out.panic('enough')),
  );
  expect(recording.running).toBe(false);
  expect(recording.of('panic')).toMatchObject([{ text: 'enough' }]);
});
