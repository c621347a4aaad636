/** Network rules against a naive model: an ordered list, read from the top for every message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSampler } from '../../sim/core/distribution.ts';
import { Streams } from '../../sim/core/draws.ts';
import type { Draws } from '../../sim/core/draws.ts';
import {
  DROP,
  HOLD,
  PASS,
  Rules,
  Transport,
  betweenScope,
  groupScope,
  pairScope,
} from '../../sim/core/rules.ts';
import type { RuleAction, Scope, TransportMask } from '../../sim/core/rules.ts';

const HOSTS = 5;
const CLASS_COUNT = 3;
const ALL_HOSTS = Array.from({ length: HOSTS }, (_, host) => host);

/** `1>2 2>1`: the ordered pairs that a scope concerns. */
function pairs(scope: Scope): string {
  const found: string[] = [];
  for (const source of ALL_HOSTS) {
    for (const target of ALL_HOSTS) {
      if (scope.affects(source, target)) found.push(`${source}>${target}`);
    }
  }
  return found.join(' ');
}

describe('scopes', () => {
  test('between, one way and both', () => {
    expect(pairs(betweenScope(HOSTS, [0, 1], [2], false))).toBe('0>2 1>2');
    expect(pairs(betweenScope(HOSTS, [0, 1], [2], true))).toBe('0>2 1>2 2>0 2>1');
    // Within a set nobody is cut from himself.
    expect(pairs(betweenScope(HOSTS, [0, 1], [0, 1], false))).toBe('0>1 1>0');
  });
  test('groups do not reach each other; who is in none is not concerned', () => {
    expect(pairs(groupScope(HOSTS, [[0], [1, 2]]))).toBe('0>1 0>2 1>0 2>0');
    expect(pairs(groupScope(HOSTS, []))).toBe('');
  });
  test('pairs, in both directions', () => {
    expect(
      pairs(
        pairScope(HOSTS, [
          [0, 1],
          [3, 2],
        ]),
      ),
    ).toBe('0>1 1>0 2>3 3>2');
  });
});

describe('judgement', () => {
  const everywhere: Scope = { affects: () => true };
  const draws = new Streams(1).stream('rule');
  const add = (rules: Rules, action: RuleAction): number =>
    rules.add({ fault: -1, scope: everywhere, transport: 3, classes: null, action, draws });
  const sampler = compileSampler({ kind: 'constant', micros: 7 });

  test('the first rule that drops or holds decides; what comes after it is not asked', () => {
    const rules = new Rules();
    const delay = add(rules, { kind: 'delay', sampler });
    const hold = add(rules, { kind: 'hold' });
    const drop = add(rules, { kind: 'drop', probability: 1 });
    expect(rules.judge(0, 1, 1, Transport.udp)).toBe(HOLD);
    expect([delay, hold, drop].map((id) => rules.affected(id))).toEqual([1, 1, 0]);
    expect(rules.remove(hold)).toBe(1);
    expect(rules.judge(0, 1, 1, Transport.udp)).toBe(DROP);
    rules.remove(drop);
    expect(rules.judge(0, 1, 1, Transport.udp)).toBe(PASS);
    expect(rules.extraMicros).toBe(7);
    rules.remove(delay);
    expect(rules.judge(0, 1, 1, Transport.udp)).toBe(PASS);
    expect([rules.extraMicros, rules.size]).toEqual([0, 0]);
  });

  test('delays add up, and so do duplicates', () => {
    const rules = new Rules();
    for (const action of [
      { kind: 'delay', sampler },
      { kind: 'reorder', sampler },
      { kind: 'duplicate', probability: 1 },
      { kind: 'duplicate', probability: 1 },
      { kind: 'duplicate', probability: 0 },
    ] as const) {
      add(rules, action);
    }
    expect(rules.judge(0, 1, 1, Transport.udp)).toBe(PASS);
    expect([rules.extraMicros, rules.duplicates]).toEqual([14, 2]);
    // TCP discards duplicates.
    expect(rules.judge(0, 1, 1, Transport.tcp)).toBe(PASS);
    expect([rules.extraMicros, rules.duplicates]).toEqual([14, 0]);
  });

  test('pictures show as cut what nothing passes', () => {
    const rules = new Rules();
    add(rules, { kind: 'drop', probability: 0.9 });
    expect(rules.cuts(0, 1)).toBe(false);
    add(rules, { kind: 'drop', probability: 1 });
    expect(rules.cuts(0, 1)).toBe(true);
  });
});

interface Spec {
  readonly pairs: readonly (readonly [number, number])[];
  readonly transport: TransportMask;
  readonly classes: readonly number[] | null;
  readonly action: RuleAction;
}

interface Message {
  readonly source: number;
  readonly target: number;
  readonly messageClass: number;
  readonly transport: 1 | 2;
}

type Step =
  | { readonly kind: 'add'; readonly spec: Spec }
  | { readonly kind: 'remove'; readonly which: number }
  | { readonly kind: 'judge'; readonly message: Message };

const host = fc.nat(HOSTS - 1);
const probability = fc.constantFrom(0, 0.3, 0.7, 1);
const delaySampler = fc
  .tuple(fc.nat(100), fc.integer({ min: 1, max: 100 }))
  .map(([low, width]) => compileSampler({ kind: 'uniform', micros: [low, low + width] }));
const action: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), probability }),
  fc.record({ kind: fc.constant('duplicate' as const), probability }),
  fc.record({ kind: fc.constant('hold' as const) }),
  fc.record({ kind: fc.constantFrom('delay' as const, 'reorder' as const), sampler: delaySampler }),
);
const spec: fc.Arbitrary<Spec> = fc.record({
  pairs: fc.array(fc.tuple(host, host), { maxLength: 12 }),
  transport: fc.constantFrom<TransportMask>(1, 2, 3),
  classes: fc.option(fc.array(fc.integer({ min: 1, max: CLASS_COUNT })), { nil: null }),
  action,
});
const message: fc.Arbitrary<Message> = fc.record({
  source: host,
  target: host,
  messageClass: fc.integer({ min: 1, max: CLASS_COUNT }),
  transport: fc.constantFrom<1 | 2>(1, 2),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), spec }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(5) }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('judge' as const), message }) },
);

/** One rule as the naive model knows it. */
interface Installed {
  readonly id: number;
  readonly spec: Spec;
  readonly draws: Draws;
  affected: number;
}

/** What should come of a message: the list is read from the top. */
function naively(list: readonly Installed[], sent: Message): string {
  let extra = 0;
  let duplicates = 0;
  for (const rule of list) {
    const { classes, transport, action: does } = rule.spec;
    const between = rule.spec.pairs.some(([a, b]) => a === sent.source && b === sent.target);
    if (!between || (transport & sent.transport) === 0) continue;
    if (classes !== null && !classes.includes(sent.messageClass)) continue;
    if (does.kind === 'duplicate' && sent.transport === Transport.tcp) continue;
    if ('probability' in does && does.probability < 1 && !rule.draws.chance(does.probability)) {
      continue;
    }
    // Certain duplicates draw too, as they always have.
    if (does.kind === 'duplicate' && does.probability === 1) rule.draws.unit();
    rule.affected++;
    if (does.kind === 'drop') return 'drop';
    if (does.kind === 'hold') return 'hold';
    if (does.kind === 'duplicate') duplicates++;
    else extra += rule.draws.sample(does.sampler);
  }
  return `pass +${extra} x${duplicates}`;
}

test('any list of rules does what a reader of the list expects', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const rules = new Rules();
      const theirs = new Streams('rules');
      const ours = new Streams('rules');
      let list: Installed[] = [];
      let made = 0;
      for (const does of steps) {
        if (does.kind === 'add') {
          const { transport, classes, action: acts } = does.spec;
          const wanted = new Set(does.spec.pairs.map(([a, b]) => a * HOSTS + b));
          const id = rules.add({
            fault: -1,
            scope: { affects: (source, target) => wanted.has(source * HOSTS + target) },
            transport,
            classes:
              classes === null
                ? null
                : Uint8Array.from({ length: CLASS_COUNT + 1 }, (_, i) =>
                    Number(classes.includes(i)),
                  ),
            action: acts,
            draws: theirs.stream(`rule ${made}`),
          });
          const draws = ours.stream(`rule ${made++}`);
          list.push({ id, spec: does.spec, draws, affected: 0 });
        } else if (does.kind === 'remove') {
          const rule = list[does.which];
          expect(rules.remove(rule?.id ?? -1)).toBe(rule?.affected ?? 0);
          list = list.filter((other) => other !== rule);
        } else if (does.kind === 'judge') {
          const { source, target, messageClass, transport } = does.message;
          const expected = naively(list, does.message);
          const verdict = rules.judge(source, target, messageClass, transport);
          const passed = `pass +${rules.extraMicros} x${rules.duplicates}`;
          expect(verdict === DROP ? 'drop' : verdict === HOLD ? 'hold' : passed).toBe(expected);
          for (const { id, affected } of list) expect(rules.affected(id)).toBe(affected);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('saved rules come back with their counts and their order', () => {
  fc.assert(
    fc.property(
      fc.array(spec, { minLength: 1, maxLength: 6 }),
      fc.array(message),
      (specs, sent) => {
        const streams = new Streams('saved');
        const rules = new Rules();
        specs.forEach(({ transport, action: acts, pairs: between }, index) =>
          rules.add({
            fault: -1,
            scope: pairScope(HOSTS, between),
            transport,
            classes: null,
            action: acts,
            draws: streams.stream(`rule ${index}`),
          }),
        );
        const judge = (): string[] =>
          sent.map(({ source, target, messageClass, transport }) => {
            const verdict = rules.judge(source, target, messageClass, transport);
            return `${verdict} ${rules.extraMicros} ${rules.duplicates}`;
          });
        const affected = (): number[] => specs.map((_, index) => rules.affected(index + 1));
        judge();
        const [state, random] = [rules.save(), streams.save()];
        const first = [judge(), affected()];
        rules.remove(1);
        rules.restore(state);
        streams.restore(random);
        expect([judge(), affected()]).toEqual(first);
      },
    ),
    { numRuns: 200 },
  );
});
