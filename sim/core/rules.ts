/**
 * Network rules: what a fault does to messages in flight. Every message passes an ordered list; a
 * rule lets it pass, delays, duplicates, drops or holds it. Installing a rule is the fault, removing
 * it is the heal. Idea after turmoil's rules.
 */
import type { Draws } from './draws.ts';
import type { Sampler } from './distribution.ts';

export const Transport = { udp: 1, tcp: 2, all: 3 } as const;
export type TransportMask = 1 | 2 | 3;

export type RuleAction =
  | { readonly kind: 'drop'; readonly probability: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly sampler: Sampler }
  /** Each is delayed by its own draw, so that later datagrams overtake it; a stream keeps its order. */
  | { readonly kind: 'reorder'; readonly sampler: Sampler }
  /** Datagrams only: TCP discards duplicates. */
  | { readonly kind: 'duplicate'; readonly probability: number };

/** Which ordered pairs of hosts a rule concerns. */
export interface Scope {
  affects(source: number, target: number): boolean;
}

/** From each of `sources` to each of `targets`, and back when `both`. */
export function betweenScope(
  hosts: number,
  sources: readonly number[],
  targets: readonly number[],
  both: boolean,
): Scope {
  const isSource = new Uint8Array(hosts);
  const isTarget = new Uint8Array(hosts);
  for (const host of sources) isSource[host] = 1;
  for (const host of targets) isTarget[host] = 1;
  return {
    affects: (source, target) =>
      source !== target &&
      ((isSource[source] === 1 && isTarget[target] === 1) ||
        (both && isSource[target] === 1 && isTarget[source] === 1)),
  };
}

/** Hosts in different groups do not reach each other; hosts in no group are not concerned. */
export function groupScope(hosts: number, groups: readonly (readonly number[])[]): Scope {
  const groupOf = new Int16Array(hosts).fill(-1);
  groups.forEach((members, group) => members.forEach((host) => (groupOf[host] = group)));
  return {
    affects: (source, target) =>
      groupOf[source] !== groupOf[target] && groupOf[source] >= 0 && groupOf[target] >= 0,
  };
}

/** Every ordered pair named, in both directions, as in a ring or a bridge. */
export function pairScope(hosts: number, pairs: readonly (readonly [number, number])[]): Scope {
  const keys = new Set<number>();
  for (const [a, b] of pairs) {
    keys.add(a * hosts + b);
    keys.add(b * hosts + a);
  }
  return { affects: (source, target) => keys.has(source * hosts + target) };
}

export interface Rule {
  /** Unique in its world; later rules have larger ids. */
  readonly id: number;
  /** Index of the fault it belongs to, or -1. */
  readonly fault: number;
  readonly scope: Scope;
  readonly transport: TransportMask;
  /** Indexed by message class: 1 = concerned. Null: every class. */
  readonly classes: Uint8Array | null;
  readonly action: RuleAction;
  /** Stream of this rule's own draws. */
  readonly draws: Draws;
  /** How many messages it changed. */
  affected: number;
}

export type Verdict = 0 | 1 | 2;
export const PASS: Verdict = 0;
export const DROP: Verdict = 1;
export const HOLD: Verdict = 2;

export interface RulesState {
  readonly rules: readonly Rule[];
  readonly nextId: number;
}

export class Rules {
  private list: Rule[] = [];
  private nextId = 1;
  /** Set by `judge` beside its verdict. */
  extraMicros = 0;
  duplicates = 0;

  get size(): number {
    return this.list.length;
  }

  add(rule: Omit<Rule, 'id' | 'affected'>): number {
    const id = this.nextId++;
    this.list = [...this.list, { ...rule, id, affected: 0 }];
    return id;
  }

  /** Removes the rule and returns how many messages it had changed; 0 for an unknown id. */
  remove(id: number): number {
    const affected = this.affected(id);
    this.list = this.list.filter((rule) => rule.id !== id);
    return affected;
  }

  affected(id: number): number {
    return this.list.find((rule) => rule.id === id)?.affected ?? 0;
  }

  /** Is the pair cut now, whatever the class? For pictures, not for delivery. */
  cuts(source: number, target: number): boolean {
    return this.list.some(
      (rule) =>
        rule.action.kind === 'drop' &&
        rule.action.probability >= 1 &&
        rule.classes === null &&
        rule.scope.affects(source, target),
    );
  }

  /** Does any rule concern packets of the pair, of whatever class? For pictures. */
  touches(source: number, target: number): boolean {
    return this.list.some(({ scope }) => scope.affects(source, target));
  }

  judge(source: number, target: number, messageClass: number, transport: TransportMask): Verdict {
    this.extraMicros = 0;
    this.duplicates = 0;
    for (let i = 0; i < this.list.length; i++) {
      const rule = this.list[i];
      if ((rule.transport & transport) === 0) continue;
      if (rule.classes !== null && rule.classes[messageClass] === 0) continue;
      if (!rule.scope.affects(source, target)) continue;
      const verdict = this.apply(rule, transport);
      if (verdict !== PASS) return verdict;
    }
    return PASS;
  }

  private apply(rule: Rule, transport: TransportMask): Verdict {
    const action = rule.action;
    switch (action.kind) {
      case 'drop':
        if (action.probability < 1 && !rule.draws.chance(action.probability)) return PASS;
        rule.affected++;
        return DROP;
      case 'hold':
        rule.affected++;
        return HOLD;
      case 'delay':
      case 'reorder':
        rule.affected++;
        this.extraMicros += rule.draws.sample(action.sampler);
        return PASS;
      case 'duplicate':
        if (transport === Transport.tcp) return PASS;
        if (rule.draws.chance(action.probability)) {
          rule.affected++;
          this.duplicates++;
        }
        return PASS;
    }
  }

  save(): RulesState {
    return { rules: this.list.map((rule) => ({ ...rule })), nextId: this.nextId };
  }

  restore(state: RulesState): void {
    this.list = state.rules.map((rule) => ({ ...rule }));
    this.nextId = state.nextId;
  }
}
