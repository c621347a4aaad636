/**
 * Finds the shortest cycle of each kind within a component. What a cycle proves depends on its
 * edges: how many reads were overtaken (rw), whether information flowed (wr), and whether it needs
 * the order of a session or of real time.
 */
import { components } from './components.ts';
import type { Graph } from './graph.ts';
import { EDGE } from './graph.ts';
import type { AnomalyName, CycleName } from './levels.ts';

/** Edges of a cycle in order, as numbers of the graph, each with the node it starts from. */
export interface Cycle {
  readonly name: AnomalyName;
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
}

/** Edges looked at for one name in one component; beyond, a cycle may not be the shortest. */
const VISITS_MAX = 20_000_000;

const bit = (kind: number): number => 1 << kind;
const WW = bit(EDGE.ww);
const DATA_BEFORE_READS = WW | bit(EDGE.wr);
const RW = bit(EDGE.rw);
const ALL = DATA_BEFORE_READS | RW | bit(EDGE.session) | bit(EDGE.realtime);

interface Pattern {
  readonly name: CycleName;
  /** Edges that the cycle may have besides those of order. */
  readonly mask: number;
  /** Each cycle is found from an edge of this kind. */
  readonly first: number;
  /** Further rw edges it must have. */
  readonly moreRw: 0 | 1;
}

/** From the worst to the mildest. */
const PATTERNS: readonly Pattern[] = [
  { name: 'G0', mask: WW, first: EDGE.ww, moreRw: 0 },
  { name: 'G1c', mask: DATA_BEFORE_READS, first: EDGE.wr, moreRw: 0 },
  { name: 'G-single', mask: DATA_BEFORE_READS, first: EDGE.rw, moreRw: 0 },
  { name: 'G2', mask: DATA_BEFORE_READS | RW, first: EDGE.rw, moreRw: 1 },
];

const ORDERS = [
  { suffix: '', kind: -1 },
  { suffix: '-session', kind: EDGE.session },
  { suffix: '-realtime', kind: EDGE.realtime },
] as const;

/** The shortest cycle of each name in a graph that is one component. */
export function cyclesOf(graph: Graph): Cycle[] {
  const found: Cycle[] = [];
  const finder = new Finder(graph);
  for (const pattern of PATTERNS) {
    for (const { suffix, kind } of ORDERS) {
      const cycle = finder.shortest(pattern, kind);
      if (cycle === undefined) continue;
      found.push({ ...cycle, name: `${pattern.name}${suffix}` });
      // The same cycle with the help of the clock says nothing new.
      break;
    }
  }
  // In a component too large to search through, any cycle will do.
  if (found.length === 0) found.push(finder.any());
  return found;
}

class Finder {
  readonly #graph: Graph;
  #visits = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Some cycle through the first node, named after its edges. */
  any(): Cycle {
    const { starts, kinds } = this.#graph;
    let best: Omit<Cycle, 'name'> | undefined;
    for (let edge = starts[0]!; edge < starts[1]! && best === undefined; edge++) {
      best = this.#close(0, edge, ALL, 0, -1, Infinity);
    }
    const { nodes, edges } = best!;
    const has = (kind: number): boolean => edges.some((edge) => kinds[edge] === kind);
    const overtaken = edges.filter((edge) => kinds[edge] === EDGE.rw).length;
    const calm = has(EDGE.wr) ? 'G1c' : 'G0';
    const name = overtaken === 0 ? calm : overtaken === 1 ? 'G-single' : 'G2';
    const order = has(EDGE.realtime) ? '-realtime' : has(EDGE.session) ? '-session' : '';
    return { name: `${name}${order}`, nodes, edges };
  }

  /** @param order kind of an edge of order that the cycle must have; -1: none allowed */
  shortest(pattern: Pattern, order: number): Omit<Cycle, 'name'> | undefined {
    const { starts, targets, kinds } = this.#graph;
    const mask = pattern.mask | (order < 0 ? 0 : bit(order));
    const withFirst = mask | bit(pattern.first);
    let best: Omit<Cycle, 'name'> | undefined;
    this.#visits = 0;
    for (const part of components(this.#graph, withFirst)) {
      const inside = new Set(part);
      for (const node of part) {
        for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
          if (kinds[edge] !== pattern.first || !inside.has(targets[edge]!)) continue;
          if (this.#visits > VISITS_MAX || best?.edges.length === 2) return best;
          const limit = best?.edges.length ?? Infinity;
          const cycle = this.#close(node, edge, mask, pattern.moreRw, order, limit);
          if (cycle !== undefined) best = cycle;
        }
      }
    }
    return best;
  }

  /**
   * Breadth first from the edge's end back to its start. A state is a node and what the path has
   * had so far: another rw edge (bit 0), an edge of order (bit 1).
   */
  #close(
    start: number,
    first: number,
    mask: number,
    moreRw: number,
    order: number,
    limit: number,
  ): Omit<Cycle, 'name'> | undefined {
    const { starts, targets, kinds } = this.#graph;
    const wanted = moreRw | (order < 0 ? 0 : 2);
    const came = new Map<number, { before: number; edge: number }>();
    let frontier = [targets[first]! * 4];
    came.set(frontier[0]!, { before: -1, edge: first });
    for (let length = 1; frontier.length > 0 && length < limit; length++) {
      const nextFrontier: number[] = [];
      for (const state of frontier) {
        const node = state >> 2;
        if (node === start) {
          if ((state & 3 & wanted) === wanted) return this.#path(state, came);
          continue;
        }
        for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
          this.#visits++;
          const kind = kinds[edge]!;
          if ((mask & bit(kind)) === 0) continue;
          const had = (kind === EDGE.rw ? 1 : 0) | (kind === order ? 2 : 0);
          const after = targets[edge]! * 4 + ((state & 3) | had);
          if (came.has(after)) continue;
          came.set(after, { before: state, edge });
          nextFrontier.push(after);
        }
      }
      frontier = nextFrontier;
    }
    return undefined;
  }

  #path(
    last: number,
    came: ReadonlyMap<number, { before: number; edge: number }>,
  ): Omit<Cycle, 'name'> {
    const edges: number[] = [];
    const nodes: number[] = [];
    for (let state = last; state >= 0;) {
      const { before, edge } = came.get(state)!;
      edges.unshift(edge);
      nodes.unshift((before < 0 ? last : before) >> 2);
      state = before;
    }
    return { nodes, edges };
  }
}
