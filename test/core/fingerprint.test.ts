import { describe, expect, test } from 'vitest';
import { Streams } from '../../sim/core/draws.ts';
import { Fingerprint, hashString, mix } from '../../sim/core/fingerprint.ts';

type Row = [time: number, kind: number, process: number, digest: number];

function rows(count: number): Row[] {
  const draws = new Streams('rows').stream('x');
  return Array.from({ length: count }, (_, i) => [
    i * 1_000_000_007,
    draws.below(200),
    draws.below(30),
    draws.bits32(),
  ]);
}

function hexOf(events: readonly Row[]): string {
  const fingerprint = new Fingerprint();
  for (const event of events) fingerprint.add(...event);
  return fingerprint.hex();
}

/** Number of bits in which two fingerprints differ. */
function distance(x: string, y: string): number {
  const difference = BigInt(`0x${x}`) ^ BigInt(`0x${y}`);
  return difference.toString(2).replaceAll('0', '').length;
}

describe('a fingerprint', () => {
  test('has sixteen digits and is the same every time', () => {
    expect(hexOf([])).toMatch(/^[0-9a-f]{16}$/);
    expect(hexOf(rows(100))).toBe(hexOf(rows(100)));
    expect(hexOf(rows(100))).toMatchInlineSnapshot(`"7710b7b3d035f599"`);
  });

  test('changes about half of its bits whatever one bit of one event changes', () => {
    const events = rows(20);
    const whole = hexOf(events);
    for (let field = 0; field < 4; field++) {
      const distances = [];
      for (let bit = 0; bit < (field === 1 ? 8 : 16); bit++) {
        const changed = events.map((event): Row => [...event]);
        changed[7][field] += 2 ** bit;
        distances.push(distance(whole, hexOf(changed)));
      }
      expect(Math.min(...distances)).toBeGreaterThan(12);
      const mean = distances.reduce((sum, n) => sum + n, 0) / distances.length;
      expect(Math.abs(mean - 32)).toBeLessThan(6);
    }
  });

  test('sees times beyond 32 bits, order, and what is missing', () => {
    const [first, second, third] = rows(3);
    const seen = [
      [first, second, third],
      [second, first, third],
      [first, second],
      [first, second, third, third],
      [[first[0] + 2 ** 32, first[1], first[2], first[3]] as Row, second, third],
      [[first[0] + 2 ** 52, first[1], first[2], first[3]] as Row, second, third],
    ].map(hexOf);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('of many runs that differ in one number never collides', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 50_000; i++) seen.add(hexOf([[i & 255, 1, 2, i >>> 8]]));
    expect(seen.size).toBe(50_000);
  });

  test('goes on from where it was saved', () => {
    const fingerprint = new Fingerprint();
    const events = rows(10);
    events.slice(0, 4).forEach((event) => fingerprint.add(...event));
    const state = fingerprint.save();
    fingerprint.add(1, 2, 3, 4);
    fingerprint.restore(state);
    events.slice(4).forEach((event) => fingerprint.add(...event));
    expect(fingerprint.hex()).toBe(hexOf(events));
  });
});

test('texts have different hashes, also those that differ in length or order only', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'aa', '\0', 's1/election', 's2/election', '\u{1f600}'];
  expect(new Set(texts.map(hashString)).size).toBe(texts.length);
  expect(hashString('abc') | 0).toBe(hashString('abc'));
});

test('mixing depends on the order', () => {
  expect(mix(mix(1, 2), 3)).not.toBe(mix(mix(1, 3), 2));
});
