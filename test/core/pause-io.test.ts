/** pause: io. Nothing is sent and nothing received, but timers run. */
import { describe, expect, test } from 'vitest';
import { Input, MS, outcome } from './kit.ts';
import { NOTHING, receiver, run } from './pauses.ts';

describe('io', () => {
  test('receives nothing and sends nothing, but its timers run', () => {
    const lines = run('io', (say) => [
      {
        ...receiver(say),
        start: (out) => out.timer(Input.tick, 0, 120 * MS),
        input: (out, input, _, body) => {
          if (input === Input.tick) out.datagram(1, Input.packet, 'there');
          else say(`got ${String(body)}`);
        },
      },
      {
        start: (out) => {
          out.timer(Input.tick, 1, 110 * MS);
          out.timer(Input.sideTick, 2, 130 * MS);
          out.timer(Input.sideTick, 3, 140 * MS);
        },
        input: (out, input, key, body) => {
          say(input === Input.packet ? `packet ${String(body)}` : `tick ${key}`);
          if (input === Input.tick) out.datagram(0, Input.packet, 'back');
        },
      },
    ]);
    expect(lines).toEqual([
      '110 tick 1',
      '130 tick 2',
      '140 tick 3',
      '200 packet there',
      '201 got back',
    ]);
  });

  test('tells the program that what it sends is held back', () => {
    const told: boolean[] = [];
    const lines = run('io', (say) => [
      receiver(say),
      {
        start: (out) => {
          for (const at of [50, 110]) out.timer(Input.tick, at, at * MS);
        },
        input: (out) => {
          told.push(out.heldBack);
          out.datagram(0, Input.packet, null);
          told.push(out.heldBack);
        },
      },
    ]);
    expect(lines).toEqual(['51 packet null', '201 packet null']);
    expect(told).toEqual([false, false, false, true]);
  });

  test('blocks the lane that sends, until it may', () => {
    const lines = run('io', (say) => [
      NOTHING,
      {
        start: (out) => {
          out.timer(Input.tick, 1, 110 * MS);
          out.timer(Input.tick, 2, 120 * MS);
        },
        input: (out, _, key) => {
          say(`tick ${key}`);
          if (key === 1) out.datagram(0, Input.packet, null);
        },
      },
    ]);
    expect(lines).toEqual(['110 tick 1', '200 tick 2']);
  });

  test('lets the lanes that wait go on in an order that is drawn', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const lines = run(
        'io',
        (say) => [
          NOTHING,
          {
            start: (out) => {
              for (const [key, at] of [110, 120].entries()) {
                out.timer(Input.tick, key, at * MS);
                out.timer(Input.sideTick, key, at * MS);
              }
            },
            input: (out, _, key) => {
              if (key === 0) out.datagram(0, Input.packet, null);
              else say(`lane ${out.lane}`);
            },
          },
        ],
        { seed },
      );
      orders.add(lines.join());
    }
    expect([...orders].toSorted()).toEqual(['200 lane 0,200 lane 1', '200 lane 1,200 lane 0']);
  });

  test('lets a call time out', () => {
    const lines = run('io', (say) => [
      { input: () => say('served') },
      {
        start: (out) => out.timer(Input.tick, 1, 110 * MS),
        input: (out) => out.call(0, Input.ask, null, 30 * MS, 0, 0),
        resume: (out) => say(outcome(out)),
      },
    ]);
    // The dial passes: it is the operating system's. The request does not.
    expect(lines).toEqual(['142 timeout']);
  });
});
