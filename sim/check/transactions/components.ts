/** Strongly connected components: where the cycles are (Tarjan 1972, without recursion). */
import type { Graph } from './graph.ts';

/**
 * Components of more than one node, each in ascending order.
 * @param mask kinds of edges to follow, one bit each
 */
export function components(graph: Graph, mask: number): number[][] {
  const { nodes, starts, targets, kinds } = graph;
  const index = new Int32Array(nodes);
  const low = new Int32Array(nodes);
  const cursor = new Int32Array(nodes);
  const stack: number[] = [];
  const onStack = new Uint8Array(nodes);
  const path: number[] = [];
  const found: number[][] = [];
  let next = 1;
  for (let root = 0; root < nodes; root++) {
    if (index[root] !== 0) continue;
    path.push(root);
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      if (index[node] === 0) {
        index[node] = low[node] = next++;
        cursor[node] = starts[node]!;
        stack.push(node);
        onStack[node] = 1;
      }
      let descended = false;
      const end = starts[node + 1]!;
      for (let edge = cursor[node]!; edge < end; edge++) {
        if ((mask & (1 << kinds[edge]!)) === 0) continue;
        const target = targets[edge]!;
        if (index[target] === 0) {
          cursor[node] = edge;
          path.push(target);
          descended = true;
          break;
        }
        if (onStack[target] === 1) low[node] = Math.min(low[node]!, low[target]!);
      }
      if (descended) continue;
      path.pop();
      if (low[node] === index[node]) {
        const component: number[] = [];
        for (;;) {
          const member = stack.pop()!;
          onStack[member] = 0;
          component.push(member);
          if (member === node) break;
        }
        if (component.length > 1) found.push(component.sort((left, right) => left - right));
      }
    }
  }
  return found.sort((left, right) => left[0]! - right[0]!);
}
