/** Presets and formulas, against the tables of the original's own tests and those worked out by hand. */
import { describe, expect, test } from 'vitest';
import {
  CONSUL_LAN,
  CONSUL_WAN,
  LAN,
  LOCAL,
  PAPER,
  WAN,
} from '../../../sim/protocol/gossip/config.ts';
import type { MemberlistConfig } from '../../../sim/protocol/gossip/config.ts';
import {
  confirmationsWanted,
  probeMicros,
  pushPullMicros,
  retransmitLimit,
  suspicionMicros,
  suspicionMicrosMin,
} from '../../../sim/protocol/gossip/timing.ts';
import { ref } from '../../support/reference.ts';
import { MS, SECOND } from './kit.ts';

describe(ref('gossip 1.1 #1', 'presets'), () => {
  const times = (config: MemberlistConfig): number[] => [
    config.probeIntervalMicros / MS,
    config.probeTimeoutMicros / MS,
    config.indirectChecks,
    config.suspicionMult,
    config.suspicionMaxTimeoutMult,
    config.gossipIntervalMicros / MS,
    config.gossipNodes,
    config.retransmitMult,
    config.pushPullIntervalMicros / SECOND,
    config.gossipToTheDeadMicros / SECOND,
    config.tcpTimeoutMicros / SECOND,
    config.deadNodeReclaimMicros / SECOND,
  ];

  test.each([
    ['LAN', LAN, [1000, 500, 3, 4, 6, 200, 3, 4, 30, 30, 10, 0]],
    ['WAN', WAN, [5000, 3000, 3, 6, 6, 500, 4, 4, 60, 60, 30, 0]],
    ['local', LOCAL, [1000, 200, 1, 3, 6, 100, 3, 2, 15, 15, 1, 0]],
    ['Consul LAN', CONSUL_LAN, [1000, 500, 3, 4, 6, 200, 3, 4, 30, 30, 10, 30]],
    ['Consul WAN', CONSUL_WAN, [5000, 3000, 3, 6, 6, 500, 3, 4, 60, 60, 30, 30]],
  ])('%s', (_, config, expected) => {
    expect(times(config)).toEqual(expected);
    expect([config.packetBytes, config.handoffQueueDepth]).toEqual([1400, 1024]);
  });
});

describe('of N', () => {
  /** N | LAN min ms, confirmations | WAN min ms, confirmations | transmissions | push/pull s. */
  const TABLE = `
    1 4000 0 30000 0 4 30
    3 4000 0 30000 0 4 30
    4 4000 2 30000 0 4 30
    5 4000 2 30000 0 4 30
    6 4000 2 30000 4 4 30
    9 4000 2 30000 4 4 30
    10 4000 2 30000 4 8 30
    32 6020 2 45150 4 8 30
    33 6072 2 45540 4 8 60
    50 6792 2 50940 4 8 60
    65 7248 2 54360 4 8 90
    100 8000 2 60000 4 12 90
    128 8428 2 63210 4 12 90
    129 8440 2 63300 4 12 120
    500 10792 2 80940 4 12 150
    999 11996 2 89970 4 12 180
    1000 12000 2 90000 4 16 180
    5000 14792 2 110940 4 16 270
    10000 16000 2 120000 4 20 300`;

  test.each(
    TABLE.trim()
      .split('\n')
      .map((line) => line.trim().split(' ').map(Number)),
  )(ref('gossip 1.2 #1', 'the derived values'), (...row) => {
    const [n, lanMin, lanK, wanMin, wanK, transmits, exchange] = row as number[];
    expect(suspicionMicrosMin(LAN, n!)).toBe(lanMin! * MS);
    expect(confirmationsWanted(LAN, n!)).toBe(lanK);
    expect(suspicionMicrosMin(WAN, n!)).toBe(wanMin! * MS);
    expect(confirmationsWanted(WAN, n!)).toBe(wanK);
    expect(retransmitLimit(4, n!)).toBe(transmits);
    expect(pushPullMicros(30 * SECOND, n!)).toBe(exchange! * SECOND);
  });

  test(ref('gossip 1.2 #2', "the original's own vectors"), () => {
    const mult3 = { ...LAN, suspicionMult: 3 };
    const thirds = [5, 10, 50, 100, 500, 1000].map((n) => suspicionMicrosMin(mult3, n) / 3 / MS);
    expect(thirds).toEqual([1000, 1000, 1698, 2000, 2698, 3000]);
    expect([0, 1, 99].map((n) => retransmitLimit(3, n))).toEqual([0, 3, 6]);
    for (const n of [0, 1, 32]) expect(pushPullMicros(SECOND, n)).toBe(SECOND);
    for (const n of [33, 64]) expect(pushPullMicros(SECOND, n)).toBe(2 * SECOND);
    for (const n of [65, 128]) expect(pushPullMicros(SECOND, n)).toBe(3 * SECOND);
  });

  test(ref('gossip 1.2 #3', 'powers of ten are not an ulp too low'), () => {
    for (const [n, thousandths] of [
      [100, 2000],
      [1000, 3000],
      [10_000, 4000],
    ] as const) {
      expect(suspicionMicrosMin(LAN, n)).toBe(4 * thousandths * MS);
      expect(suspicionMicrosMin(LAN, n - 1)).toBeLessThan(4 * thousandths * MS);
    }
  });
});

describe('of a suspicion', () => {
  const after = (wanted: number, least: number, most: number): number[] =>
    Array.from({ length: wanted + 1 }, (_, n) => suspicionMicros(n, wanted, least, most) / MS);

  test(ref('gossip 1.7 #13', 'confirmations shorten it, by the vectors of the original'), () => {
    expect(after(3, 2 * SECOND, 30 * SECOND)).toEqual([30_000, 16_000, 7810, 2000]);
    // Its test by the clock says 810, within 25 ms.
    expect(after(3, 500 * MS, 2 * SECOND)).toEqual([2000, 1250, 811, 500]);
    expect(after(2, 4 * SECOND, 24 * SECOND)).toEqual([24_000, 11_381, 4000]);
  });

  test(ref('gossip 1.7 #13', 'the shares of the WAN'), () => {
    const shares = after(4, 0, 1000 * SECOND).map((ms) => 1 - ms / 1_000_000);
    for (const [at, share] of [0, 0.4307, 0.6826, 0.8614, 1].entries()) {
      expect(shares[at]).toBeCloseTo(share, 4);
    }
  });

  test(ref('gossip 1.7 #14', 'who waits for nobody starts at the least'), () => {
    expect(suspicionMicros(0, 0, 4 * SECOND, 24 * SECOND)).toBe(4 * SECOND);
  });
});

describe('of the health score', () => {
  test(ref('gossip 1.5 #2', 'the interval grows with it, the timeout does not'), () => {
    expect(probeMicros(LAN, 0)).toEqual({ timeoutMicros: 500 * MS, deadlineMicros: SECOND });
    expect(probeMicros(LAN, 7)).toEqual({ timeoutMicros: 500 * MS, deadlineMicros: 8 * SECOND });
  });

  test(ref('gossip 1.16 #4', 'in the paper both grow'), () => {
    const paper = { ...LAN, lifeguard: PAPER };
    const nine = { timeoutMicros: 4.5 * SECOND, deadlineMicros: 9 * SECOND };
    expect(probeMicros(paper, 8)).toEqual(nine);
  });

  test(ref('gossip 1.16 #9', 'in the paper small clusters are quicker still'), () => {
    const paper = { ...LAN, suspicionMult: 5, lifeguard: PAPER };
    expect(suspicionMicrosMin(paper, 5)).toBe(5 * 698 * MS);
    expect(suspicionMicrosMin({ ...LAN, suspicionMult: 5 }, 5)).toBe(5 * SECOND);
    expect(suspicionMicrosMin(paper, 128)).toBe(5 * 2107 * MS);
  });

  test(ref('gossip 1.16 #6', 'in the paper three confirmations are waited for'), () => {
    expect(confirmationsWanted({ ...LAN, lifeguard: PAPER }, 128)).toBe(3);
    expect(confirmationsWanted({ ...LAN, suspicionMult: 9, lifeguard: PAPER }, 128)).toBe(3);
  });
});
