/** The list of servers of an agent. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Streams } from '../../../sim/core/draws.ts';
import {
  addServer,
  createServerList,
  drawRebalance,
  frontServer,
  notifyFailedServer,
  removeServer,
  shuffleServers,
} from '../../../sim/consul/agent/servers.ts';
import type { ServerList } from '../../../sim/consul/agent/servers.ts';
import { ref } from '../../support/reference.ts';

let list: ServerList;
const names = () => list.servers.map(({ name }) => name);

beforeEach(() => {
  list = createServerList();
  ['s1', 's2', 's3'].forEach((name, process) => {
    addServer(list, { name, process });
  });
});

describe('the list of servers', () => {
  test(ref('agents 4.1 #1', 'grows at the end; who is known is replaced where it stands'), () => {
    addServer(list, { name: 's2', process: 9 });
    expect(names()).toEqual(['s1', 's2', 's3']);
    expect(list.servers[1].process).toBe(9);
    removeServer(list, 's1');
    expect(frontServer(list)?.name).toBe('s2');
  });

  test(ref('agents 4.1 #2', 'turns when the server at its front fails, once'), () => {
    notifyFailedServer(list, 0);
    expect(names()).toEqual(['s2', 's3', 's1']);
    // A second call to the same server failed too: others have turned the list already.
    notifyFailedServer(list, 0);
    expect(names()).toEqual(['s2', 's3', 's1']);
  });

  test('with one server never turns', () => {
    removeServer(list, 's2');
    removeServer(list, 's3');
    notifyFailedServer(list, 0);
    expect(names()).toEqual(['s1']);
    removeServer(list, 's1');
    expect(frontServer(list)).toBeUndefined();
  });

  test(ref('agents 4.1 #3', 'is shuffled after two to three minutes, later in large pools'), () => {
    const draws = new Streams(1).stream('a1/servers');
    const drawn = Array.from({ length: 1_000 }, () => drawRebalance(draws, 100, 3));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(120_000_000);
    expect(Math.max(...drawn)).toBeLessThan(180_000_000);
    // 15.625 ms for each node and server: the two meet at 11 520 nodes to a server.
    expect(drawRebalance(draws, 11_520, 1)).toBe(180_000_000);
    expect(drawRebalance(draws, 23_040, 1)).toBe(360_000_000);
    expect(drawRebalance(draws, 69_120, 3)).toBe(360_000_000);
    shuffleServers(list, draws);
    expect(names().toSorted()).toEqual(['s1', 's2', 's3']);
  });
});
