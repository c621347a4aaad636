/** A program that keeps its configuration as the store has it: what it asks, holds and forgets. */
import { describe, expect, test } from 'vitest';
import { QUERY } from '../../sim/consul/agent/reads/vocabulary.ts';
import type { AgentQuery } from '../../sim/consul/agent/reads/vocabulary.ts';
import { KVS_GET, KVS_LIST } from '../../sim/consul/requests/endpoints.ts';
import { RPC_BLOCKING, RPC_READ } from '../../sim/consul/requests/inputs.ts';
import type { ServerRequest } from '../../sim/consul/requests/request.ts';
import { kvLoadMachine } from '../../sim/client/kv-load.ts';
import type { KvLoadConfig } from '../../sim/client/kv-load.ts';
import { WATCH_RETRY } from '../../sim/client/watch.ts';
import type { WatchBugs, WatchConfig } from '../../sim/client/watch.ts';
import { ErrorCause } from '../../sim/core/machine.ts';
import { Recording } from '../../sim/core/recording.ts';
import { ref } from '../support/reference.ts';

const SECOND = 1_000_000;
const AGENT = 9;
const BUGS: WatchBugs = { P9: false, W5: false, W6: false, W8: false, W9: false, W10: false };

function program(fields: Partial<WatchConfig> = {}, bugs: Partial<WatchBugs> = {}) {
  const watch: WatchConfig = {
    subject: 'config/app',
    whole: 'key',
    mode: 'default',
    waitMicros: 30 * SECOND,
    patienceMicros: 120 * SECOND,
    via: 'agent',
    spreadMicros: 0,
    bugs: { ...BUGS, ...bugs },
    ...fields,
  };
  const config: KvLoadConfig = {
    load: 'config',
    client: 0,
    clients: 1,
    operationBase: 0,
    operationStride: 1,
    servers: [AGENT],
    via: watch.via,
    arrival: null,
    think: null,
    keys: 1,
    keyPrefix: '',
    mix: [],
    transactionKeys: 0,
    conditional: 0,
    modes: [['default', 1]],
    watch,
    lock: null,
    timeoutMicros: SECOND,
    slowFromMicros: Infinity,
    stopAtMicros: Infinity,
    bugs: { B32: false, W7: false },
  };
  const one = new Recording(kvLoadMachine, config);
  one.start();
  return one;
}
type Program = ReturnType<typeof program>;

const entry = (value: string, modifyIndex: number) => ({ key: 'config/app', value, modifyIndex });

function last(one: Program): ServerRequest {
  const { input, body } = one.of('request').at(-1)!;
  return input === QUERY ? (body as AgentQuery).request : (body as ServerRequest);
}

function answer(one: Program, index: number, value: unknown): void {
  one.answer(one.of('request').at(-1)!, { value, index });
}

const held = (one: Program): string[] | undefined =>
  one.state.watch!.held?.map(({ value }) => value);

describe(ref('agents 8.2 B5', 'a program reads its configuration'), () => {
  test('through its agent, plainly at first, then for what is newer', () => {
    const one = program();
    const first = one.of('request').at(-1)!;
    expect(first).toMatchObject({ to: AGENT, input: QUERY });
    expect(last(one)).toMatchObject({ endpoint: KVS_GET, minIndex: 0 });
    answer(one, 12, entry('a', 12));
    expect(last(one)).toMatchObject({ minIndex: 12, waitMicros: 30 * SECOND });
    expect(held(one)).toEqual(['a']);
  });

  test('or of a server, whose RPCs tell what waits', () => {
    const one = program({ via: 'server', whole: 'prefix' });
    expect(one.of('request').at(-1)!.input).toBe(RPC_READ);
    expect(last(one).endpoint).toBe(KVS_LIST);
    answer(one, 12, []);
    expect(one.of('request').at(-1)!.input).toBe(RPC_BLOCKING);
  });

  test('and remembers the index of what is not there', () => {
    const one = program();
    answer(one, 7, null);
    expect(held(one)).toEqual([]);
    expect(last(one).minIndex).toBe(7);
    const forgetful = program({}, { W5: true });
    answer(forgetful, 7, null);
    expect(last(forgetful).minIndex).toBe(0);
  });
});

test(ref('agents 8.2 B6', 'it waits from the index of the value that it holds'), () => {
  const one = program();
  answer(one, 12, entry('a', 12));
  answer(one, 15, entry('b', 15));
  expect([last(one).minIndex, held(one)]).toEqual([15, ['b']]);
  const hasty = program({}, { W6: true });
  answer(hasty, 12, entry('a', 12));
  answer(hasty, 15, entry('b', 15));
  expect(last(hasty).minIndex).toBe(0);
  answer(hasty, 19, entry('c', 19));
  expect([last(hasty).minIndex, held(hasty)]).toEqual([19, ['b']]);
});

test(
  ref('agents 8.2 B8', 'an older answer does not replace a newer one; it asks anew from 0'),
  () => {
    const one = program();
    answer(one, 12, entry('a', 12));
    answer(one, 9, entry('old', 9));
    expect(held(one)).toEqual(['a']);
    expect(last(one).minIndex).toBe(0);
    answer(one, 9, entry('old', 9));
    answer(one, 13, entry('b', 13));
    expect(held(one)).toEqual(['b']);
    const careless = program({}, { W8: true });
    answer(careless, 12, entry('a', 12));
    answer(careless, 9, entry('old', 9));
    expect(held(careless)).toEqual(['old']);
  },
);

test(ref('agents 8.2 B9', 'an error leaves it what it has, and it asks again after 5 s'), () => {
  const one = program();
  answer(one, 12, entry('a', 12));
  one.answer(one.of('request').at(-1)!, undefined, ErrorCause.remote);
  expect(held(one)).toEqual(['a']);
  expect(one.due(WATCH_RETRY)).toBe(one.now + 5 * SECOND);
  one.fire(WATCH_RETRY);
  expect(last(one).minIndex).toBe(0);
  const careless = program({}, { W9: true });
  answer(careless, 12, entry('a', 12));
  careless.answer(careless.of('request').at(-1)!, undefined, ErrorCause.remote);
  expect(held(careless)).toBeUndefined();
});

test(ref('agents 8.2 B10', 'with a spread it waits a drawn time before it asks again'), () => {
  const one = program({ spreadMicros: 2 * SECOND });
  one.script('watch-spread', 0.25);
  answer(one, 12, entry('a', 12));
  expect(one.of('request')).toHaveLength(1);
  expect(one.due(WATCH_RETRY)).toBe(one.now + SECOND / 2);
  one.fire(WATCH_RETRY);
  expect(last(one).minIndex).toBe(12);
  const herded = program({ spreadMicros: 2 * SECOND }, { W10: true });
  answer(herded, 12, entry('a', 12));
  expect(herded.of('request')).toHaveLength(2);
});
