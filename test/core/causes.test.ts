/**
 * What a caller sees while something happens to its server or to itself from 10 s to 40 s: cause and
 * time, and when the server saw the request. The tables are checked in; `vitest run causes -u` rewrites them.
 */
import { describe, expect, test } from 'vitest';
import { CALLER_FAULTS, SERVER, SERVER_FAULTS, SITUATIONS, observe, table } from './causes.ts';
import type { Fault } from './causes.ts';
import { SECOND } from './kit.ts';

const IMPATIENT = 10 * SECOND;
const PATIENT = 100 * SECOND;

const see = (fault: string, situation: string, timeout: number, options = {}): string =>
  observe(SERVER_FAULTS[fault]!, SITUATIONS[situation]!, timeout, options);

test('what happens to the server', async () => {
  await expect(table(SERVER_FAULTS, observe)).toMatchFileSnapshot('causes-server.txt');
});

test('cuts with ideal TCP', async () => {
  const cuts = Object.entries(SERVER_FAULTS).filter(([name]) => name.startsWith('cut'));
  const ideal: typeof observe = (fault, situation, timeout) =>
    observe(fault, situation, timeout, { ideal: true });
  await expect(table(Object.fromEntries(cuts), ideal)).toMatchFileSnapshot('causes-ideal.txt');
});

test('what happens to the caller: every outcome of 24 seeds', async () => {
  const seeds = Array.from({ length: 24 }, (_, seed) => seed);
  const every: typeof observe = (fault, situation, timeout) =>
    [...new Set(seeds.map((seed) => observe(fault, situation, timeout, { seed })))]
      .toSorted()
      .join(' or ');
  await expect(table(CALLER_FAULTS, every)).toMatchFileSnapshot('causes-caller.txt');
});

describe('the tables say what TCP does', () => {
  test('a cut of 30 s resumes 51 s after the segment that it held', () => {
    expect(see('cut', 'idle, used at once', PATIENT)).toBe('ok 61.002, served 61.001');
  });

  // SYNs leave at 1, 3, 7, 15, 31 s: the first one after the heal gets through.
  test.each([
    [10.9, 11],
    [12.9, 13],
    [16.9, 17],
    [24.9, 25],
    [40.9, 41],
  ])('a dial cut until %d s continues at %d s', (end, next) => {
    const cell = see('cut', 'dial', PATIENT, { end: end * SECOND });
    expect(cell).toBe(`ok ${next}.004, served ${next}.003`);
  });

  test('ideal TCP delivers at the heal', () => {
    expect(see('cut', 'idle, used at once', PATIENT, { ideal: true })).toBe(
      'ok 40.002, served 40.001',
    );
    expect(see('cut', 'dial', PATIENT, { ideal: true })).toBe('ok 40.004, served 40.003');
  });

  test('a dial ends by itself after 127 s, a stream after 924.6 s', () => {
    const long = { end: 1500 * SECOND };
    expect(see('cut', 'dial', 5000 * SECOND, long)).toBe('dial-timeout 137');
    expect(see('cut', 'idle, used at once', 5000 * SECOND, long)).toBe('timeout 934.6');
  });

  test('a kill is seen at once, a power loss is silence and after the reboot a reset', () => {
    expect(see('kill', 'dial', IMPATIENT)).toBe('refused 10.002');
    expect(see('kill', 'request in flight', IMPATIENT)).toBe('eof 10.001');
    expect(see('power', 'idle, used at once', IMPATIENT)).toBe('timeout 20');
    expect(see('power', 'idle, used at 41 s', IMPATIENT)).toBe('reset 41.002');
  });

  test('a host that is up without its program refuses dials and resets streams', () => {
    const bootsOnly: Fault = (bench) => {
      const { world } = bench;
      world.power.crash(bench.process(SERVER), 'power');
      world.hosts[SERVER]!.up = true;
      world.connections.onNetworkChanged();
      return () => bench.start(SERVER);
    };
    const seen = (situation: string): string =>
      observe(bootsOnly, SITUATIONS[situation]!, IMPATIENT);
    expect(seen('dial')).toBe('refused 10.002');
    expect(seen('request in flight')).toBe('reset 10.0015');
    expect(seen('idle, used at once')).toBe('reset 10.002');
    expect(seen('session, used at once')).toBe('reset 10.002');
  });

  test('a request reaches the server after its caller gave up', () => {
    expect(see('cut', 'idle, used at once', IMPATIENT)).toBe('timeout 20, served 61.001');
    expect(see('pause stop', 'request in flight', IMPATIENT)).toBe('timeout 19.9995, served 40');
    expect(see('pause io', 'request in flight', IMPATIENT)).toBe('timeout 19.9995, served 40');
  });
});
