/**
 * Pick first: one instance of a shuffled list until it fails, then the next. An instance that answers
 * with an error has not failed: only its connection counts.
 */
import type { Policy } from './policy.ts';

interface State {
  readonly order: number[];
  at: number;
}

export const pickFirst: Policy<State> = {
  source: 'grpc-go:balancer/pickfirst/pickfirst.go; grpc/proposal:A62-pick-first.md',
  create(_, endpoints, draws) {
    const order = endpoints.map((_endpoint, index) => index);
    draws.shuffle(order);
    return { order, at: 0 };
  },
  pick(state, { candidates }) {
    for (let i = 0; i < state.order.length; i++) {
      const one = state.order[(state.at + i) % state.order.length];
      if (!candidates.includes(one)) continue;
      state.at = (state.at + i) % state.order.length;
      return one;
    }
    return -1;
  },
  onEnd(state, { endpoint, lost }) {
    if (lost && state.order[state.at] === endpoint) state.at = (state.at + 1) % state.order.length;
  },
  grow({ order }, endpoints) {
    while (order.length < endpoints.length) order.push(order.length);
  },
  save: (state) => ({ order: state.order.slice(), at: state.at }),
};
