/** What one write costs a server with many watchers, by its own counters. */
import { describe, expect, test } from 'vitest';
import { CATALOG_SERVICE_NODES, KVS_GET } from '../../sim/consul/requests/endpoints.ts';
import {
  RPC_BLOCKING,
  SERVER_MACHINE,
  ServerNote,
  WOKEN,
} from '../../sim/consul/requests/inputs.ts';
import { request } from '../../sim/consul/requests/request.ts';
import { kvCommand, registerCommand } from '../../sim/consul/state/commands.ts';
import { storeFsm } from '../../sim/consul/state/fsm.ts';
import { WATCH_CHANNELS_MAX } from '../../sim/consul/state/watches.ts';
import type { Command } from '../../sim/protocol/raft/types.ts';
import { EntryType } from '../../sim/protocol/raft/types.ts';
import { ref } from '../support/reference.ts';
import { raftState, serverOf } from './support/server.ts';

const FSM = storeFsm(
  { queries: SERVER_MACHINE, woken: WOKEN, timers: 0, tombstones: 0 },
  { B19: false, B31: false },
);
const WATCHERS = 1000;
/** A node that has nothing of the service that is watched. */
const BYSTANDER = 'bystander';

function busyServer() {
  const raft = raftState();
  const server = serverOf(raft);
  const out = {
    sibling: () => server.state,
    post: (input: number, _key: number, from: number, body: unknown) => {
      server.deliver(input, from, body);
      return true;
    },
  };
  let index = 10;
  const apply = (data: Command): void => {
    FSM.apply(raft.fsm, { index: ++index, term: 1, type: EntryType.command, data, prefix: 0 });
    FSM.onApplied!(raft.fsm, out as never);
  };
  const watch = (endpoint: number, input: object, minIndex: number): void => {
    server.ask(RPC_BLOCKING, 9, request(endpoint, input, 'default', minIndex));
  };
  /** Answers and looks since the last time. */
  const counted = (): { answers: number; looks: number } => {
    const answers = server.of('reply').length;
    const looks = server.of('note').filter(({ note }) => note === ServerNote.woken).length;
    server.effects.length = 0;
    return { answers, looks };
  };
  const put = (key: string): void => apply(kvCommand('put', key, `${index}`, 0, index));
  return { server, apply, watch, counted, put, indexNow: () => index };
}

test(
  ref(
    'agents 8.2 #1',
    'N watchers, one write: N answers and N new queries; an unrelated one: none',
  ),
  () => {
    const { server, watch, counted, put, indexNow } = busyServer();
    put('config/app');
    for (let i = 0; i < WATCHERS; i++) watch(KVS_GET, { key: 'config/app' }, indexNow());
    expect(counted()).toEqual({ answers: 0, looks: 0 });
    put('config/other');
    expect(counted()).toEqual({ answers: 0, looks: 0 });
    put('config/app');
    expect(counted()).toEqual({ answers: WATCHERS, looks: WATCHERS });
    expect(server.state.blocked.size).toBe(0);
    for (let i = 0; i < WATCHERS; i++) watch(KVS_GET, { key: 'config/app' }, indexNow());
    expect(server.state.blocked.size).toBe(WATCHERS);
  },
);

describe('above the limit of channels', () => {
  /** Watchers of a service with so many instances: who looks again when a bystander changes. */
  const looksAfterBystander = (instances: number): number => {
    const { apply, watch, counted, indexNow } = busyServer();
    const register = (node: string, service: string | null, address: string): void => {
      const row = { id: `${node}-id`, node, address, meta: [] };
      const rows = { id: node, service: service ?? '', tags: [], address: '', port: 80, meta: [] };
      apply(registerCommand(row, false, service === null ? null : rows, []));
    };
    for (let i = 0; i < instances; i++) register(`n${i}`, 'web', '10.0.0.1');
    register(BYSTANDER, null, '10.0.0.2');
    for (let i = 0; i < 3; i++)
      watch(CATALOG_SERVICE_NODES, { service: 'web', tags: [] }, indexNow());
    counted();
    register(BYSTANDER, null, '10.0.0.3');
    return counted().looks;
  };

  test(
    ref('agents 8.2 #2', 'unrelated changes wake nobody up to the limit, and all above it'),
    () => {
      expect(looksAfterBystander(100)).toBe(0);
      expect(looksAfterBystander(WATCH_CHANNELS_MAX + 10)).toBe(3);
    },
  );
});
