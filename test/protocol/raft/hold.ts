/** Steering a test cluster message by message: what to hold, and until when. */
import { Transport, betweenScope } from '../../../sim/core/rules.ts';
import type { RuleAction } from '../../../sim/core/rules.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import type { RaftCluster } from '../../support/cluster.ts';

export type MessageClass = 'raft.heartbeat' | 'raft.append' | 'raft.vote' | 'raft.prevote';

function install(
  cluster: RaftCluster,
  sources: readonly number[],
  targets: readonly number[],
  messageClasses: readonly MessageClass[] | null,
  both: boolean,
  action: RuleAction,
): () => void {
  const { world } = cluster;
  let id = 0;
  const act = (change: () => void): void => {
    cluster.at(world.now, () => {
      change();
      world.connections.onNetworkChanged();
    });
    world.runUntil(world.now);
  };
  act(() => {
    const scope = betweenScope(world.hosts.length, sources, targets, both);
    const draws = world.streams.stream('test/hold');
    let classes: Uint8Array | null = null;
    if (messageClasses !== null) {
      classes = new Uint8Array(world.classes.length);
      for (const name of messageClasses) classes[world.classes.indexOf(name)] = 1;
    }
    id = world.network.rules.add({
      fault: -1,
      scope,
      transport: Transport.all,
      classes,
      action,
      draws,
    });
  });
  return () => act(() => world.network.rules.remove(id));
}

/** Holds messages of these classes on their way from `sources` to `targets`; returns the release. */
export function hold(
  cluster: RaftCluster,
  sources: readonly number[],
  targets: readonly number[],
  classes: readonly MessageClass[],
): () => void {
  return install(cluster, sources, targets, classes, false, { kind: 'hold' });
}

/** Loses messages of these classes on that way: TCP sends again, ever more rarely. */
export function lose(
  cluster: RaftCluster,
  sources: readonly number[],
  targets: readonly number[],
  classes: readonly MessageClass[],
): () => void {
  const action = { kind: 'drop', probability: 1 } as const;
  return install(cluster, sources, targets, classes, false, action);
}

/** Cuts two groups off from each other, as a partition does; returns the heal. */
export function cut(
  cluster: RaftCluster,
  sources: readonly number[],
  targets: readonly number[],
): () => void {
  return install(cluster, sources, targets, null, true, { kind: 'drop', probability: 1 });
}

/** Calls back at a note of one server, within the event that makes it. */
export function onNote(
  cluster: RaftCluster,
  kind: number,
  server: number,
  act: (a: number, b: number, c: number) => void,
): void {
  const observer: Observer = {
    wants: [kind],
    onNote: (_, process, a, b, c) => {
      if (process === server) act(a, b, c);
    },
  };
  cluster.world.observe(observer);
}

/** Lets time pass until something is so; throws when it is not so in time. */
export function runUntil(cluster: RaftCluster, micros: number, so: () => boolean): void {
  const { world } = cluster;
  const end = world.now + micros;
  while (!so()) {
    if (!world.step(end)) throw new Error(`It had not come to that after ${micros / 1e6} s.`);
  }
}

/** Who became leader, in order: [server, term]. */
export function leaders(cluster: RaftCluster): (readonly [number, number])[] {
  const { notes } = cluster.world;
  const found: (readonly [number, number])[] = [];
  for (let row = 0; row < notes.rows; row++) {
    if (notes.kind(row) === RaftNote.becameLeader) found.push([notes.process(row), notes.a(row)]);
  }
  return found;
}

/** Terms in which more than one server became leader. */
export function termsWithTwoLeaders(cluster: RaftCluster): number[] {
  const first = new Map<number, number>();
  const doubled = new Set<number>();
  for (const [server, term] of leaders(cluster)) {
    if ((first.get(term) ?? server) !== server) doubled.add(term);
    first.set(term, server);
  }
  return [...doubled];
}
