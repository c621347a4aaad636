/** The formulas of `hashicorp/memberlist:util.go` and `suspicion.go`, in whole microseconds. */
import { log } from '../../core/math.ts';
import type { LifeguardRules, MemberlistConfig } from './config.ts';

const LN10 = log(10);
/** Above this many nodes push/pull becomes rarer (`pushPullScaleThreshold`), a power of two. */
const PUSH_PULL_THRESHOLD = 32;
const PUSH_PULL_THRESHOLD_LOG2 = 5;

/** Smallest d with 10^d >= n, for n >= 1: the logarithm rounded up, exact at powers of ten. */
export function ceilLog10(n: number): number {
  let digits = 0;
  for (let power = 1; power < n; power *= 10) digits++;
  return digits;
}

/** Thousandths of log10 n, cut off; exact at powers of ten, where an ulp would cost one. */
function log10Thousandths(n: number): number {
  const up = ceilLog10(n);
  let power = 1;
  for (let i = 0; i < up; i++) power *= 10;
  return power === n ? up * 1000 : Math.trunc((log(n) / LN10) * 1000);
}

/** `suspicionTimeout`: the least time from suspicion to death in a cluster of n. */
export function suspicionMicrosMin(config: MemberlistConfig, n: number): number {
  const least = config.lifeguard.smallClustersScale ? 0 : 1000;
  const scale = Math.max(least, log10Thousandths(Math.max(1, n)));
  return (config.suspicionMult * scale * config.probeIntervalMicros) / 1000;
}

/** Confirmations that are waited for; none where too few nodes could give them. */
export function confirmationsWanted(
  { suspicionMult, lifeguard }: MemberlistConfig,
  n: number,
): number {
  const wanted = lifeguard.confirmations ?? suspicionMult - 2;
  return n - 2 < wanted ? 0 : Math.max(0, wanted);
}

/** Time from suspicion to death after `confirmed` of `wanted` confirmations, in whole ms. */
export function suspicionMicros(
  confirmed: number,
  wanted: number,
  microsMin: number,
  microsMax: number,
): number {
  if (wanted < 1) return microsMin;
  const share = log(confirmed + 1) / log(wanted + 1);
  const seconds = microsMax / 1e6 - share * (microsMax / 1e6 - microsMin / 1e6);
  return Math.max(microsMin, Math.floor(1000 * seconds) * 1000);
}

/** `retransmitLimit`: how often one node sends one message. */
export function retransmitLimit(mult: number, n: number): number {
  return mult * ceilLog10(n + 1);
}

/** `pushPullScale`: time between two exchanges that a node of n begins. */
export function pushPullMicros(intervalMicros: number, n: number): number {
  if (n <= PUSH_PULL_THRESHOLD) return intervalMicros;
  const ceilLog2 = 32 - Math.clz32(n - 1);
  return intervalMicros * (ceilLog2 - PUSH_PULL_THRESHOLD_LOG2 + 1);
}

/** How long one probe may take, and when its direct part gives up, at this health score. */
export function probeMicros(
  config: MemberlistConfig,
  health: number,
): { readonly timeoutMicros: number; readonly deadlineMicros: number } {
  const { probeIntervalMicros, probeTimeoutMicros } = config;
  const { scalesTimeout }: LifeguardRules = config.lifeguard;
  return {
    timeoutMicros: scalesTimeout ? probeTimeoutMicros * (health + 1) : probeTimeoutMicros,
    deadlineMicros: probeIntervalMicros * (health + 1),
  };
}
