/** Certificates and intentions by themselves: who accepts whom, and when a certificate is renewed. */
import { describe, expect, test } from 'vitest';
import { softExpiry } from '../../../sim/consul/agent/mesh/leaf.ts';
import { leafOf } from '../../../sim/consul/connect/signing.ts';
import { handshake, mayCall, precedenceOf } from '../../../sim/service/mesh.ts';
import type { Hello, Intention, Leaf, ProxyConfig } from '../../../sim/service/mesh.ts';
import { ref } from '../../support/reference.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function leaf(root: string, crossSigned: readonly string[] = [], madeMicros = 0): Leaf {
  return leafOf('web', { id: root, crossSigned }, 7, madeMicros, HOUR);
}

function accepts(hello: Partial<Hello>, own: Partial<ProxyConfig>, wallMicros = MINUTE): string {
  const all: Hello = { leaf: leaf('r1'), trusted: ['r1'], wallMicros: MINUTE, ...hello };
  const config = {
    version: 1,
    leaf: leaf('r1'),
    trusted: ['r1'],
    intentions: [],
    allowsByDefault: true,
    ...own,
  };
  return handshake(all, config, wallMicros);
}

describe('intentions', () => {
  const one = (source: string, destination: string, action: 'allow' | 'deny'): Intention => ({
    source,
    destination,
    action,
  });
  test(ref('agents 5 #1', 'the exact destination counts first, then the exact source'), () => {
    const all = [one('*', '*', 'deny'), one('a', '*', 'deny'), one('*', 'b', 'deny')];
    expect([...all, one('a', 'b', 'deny')].map(precedenceOf)).toEqual([5, 6, 8, 9]);
    const sorted = [one('a', 'b', 'allow'), one('*', 'b', 'deny')];
    expect(mayCall(sorted, 'a', true)).toBe(true);
    expect(mayCall(sorted, 'c', true)).toBe(false);
    expect(mayCall([], 'c', true)).toBe(true);
    expect(mayCall([], 'c', false)).toBe(false);
  });
});

describe('a handshake', () => {
  test('succeeds between valid certificates of a root that both trust', () => {
    expect(accepts({}, {})).toBe('none');
    expect(handshake({ leaf: leaf('r1'), trusted: [], wallMicros: 0 }, null, 0)).toBe(
      'no-certificate',
    );
  });

  test('fails when either certificate is over, or not valid yet, by the clock of who judges it', () => {
    const end = leaf('r1').notAfterMicros;
    expect(end).toBe(HOUR - MINUTE);
    expect(accepts({ wallMicros: end }, {}, end)).toBe('none');
    expect(accepts({ wallMicros: end + 1 }, {}, end)).toBe('certificate-expired');
    expect(accepts({ wallMicros: end }, {}, end + 1)).toBe('certificate-expired');
    const late = leaf('r1', [], 3 * MINUTE);
    expect(accepts({ leaf: late, wallMicros: 3 * MINUTE }, {}, MINUTE)).toBe('certificate-expired');
    // A minute is given to clocks that differ.
    expect(accepts({ leaf: late, wallMicros: 2 * MINUTE }, {}, 2 * MINUTE)).toBe('none');
  });

  test('takes the certificate of a new root that one of the trusted roots has signed', () => {
    expect(accepts({ leaf: leaf('r2', ['r1']) }, {})).toBe('none');
    expect(accepts({ leaf: leaf('r2') }, {})).toBe('certificate-unknown');
    expect(accepts({}, { leaf: leaf('r3', ['r2']) })).toBe('certificate-unknown');
  });

  test('ends with the intention', () => {
    const deny: Intention = { source: 'web', destination: 'api', action: 'deny' };
    expect(accepts({}, { intentions: [deny] })).toBe('intention-denied');
  });
});

describe(ref('agents 5 #6', 'renewal lies from 60 % to 90 % of the lifetime'), () => {
  const own = leaf('r1');
  const at = (share: number): number => own.notBeforeMicros + share * HOUR;
  test('for a fresh certificate', () => {
    expect(softExpiry(own, at(0.1))).toEqual([at(0.6), at(0.9)]);
  });
  test('from now on where the first part is over, and at once in the last', () => {
    expect(softExpiry(own, at(0.7))).toEqual([at(0.7), at(0.9)]);
    expect(softExpiry(own, at(0.95))).toEqual([at(0.95), at(0.95)]);
    expect(softExpiry(own, at(2))).toEqual([at(2), at(2)]);
  });
  test('and shorter lives than ten minutes are renewed at once', () => {
    const short = leafOf('web', { id: 'r1', crossSigned: [] }, 1, 0, 9 * MINUTE);
    expect(softExpiry(short, 0)).toEqual([0, 0]);
  });
});
