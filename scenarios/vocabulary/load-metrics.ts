/** How metrics are measured, and those that every load has. */

/** How a metric is measured: base unit, and whether it has a distribution or one value. */
export interface MetricSpec {
  /**
   * `s`: recorded in microseconds, reported in seconds; `share`: 0..1; `1`: a count; `number`: any
   * number.
   */
  readonly unit: 's' | 'share' | '1' | 'number' | 'bytes';
  readonly shape: 'distribution' | 'value';
  /** The word inside braces, for metrics that come in parts. */
  readonly label?: 'class' | 'fault' | 'operation' | 'instance' | 'error';
  /** Only loads of this kind have it. */
  readonly of?: 'call' | 'lock';
  readonly description: string;
}

/** Kinds of operations of loads, which thresholds may tell apart: `kv.latency{put}`. */
export const OPERATIONS = [
  'put',
  'get',
  'cas',
  'delete',
  'txn',
  'acquire',
  'release',
  'session-create',
  'session-renew',
  'session-destroy',
] as const;

/** Why calls fail. */
export const CALL_ERRORS: readonly string[] = [
  'refused',
  'unreachable',
  'dial-timeout',
  'timeout',
  'eof',
  'reset',
  'failed',
  'overloaded',
  'unavailable',
  'expired',
  'dependency',
  'no-endpoint',
  'overflow',
  'open',
  'no-certificate',
  'certificate-expired',
  'certificate-unknown',
  'intention-denied',
];

/** Metrics of every load, named `<load>.<metric>`. */
export const LOAD_METRICS = {
  latency: {
    unit: 's',
    shape: 'distribution',
    label: 'operation',
    description: 'Time from the start of an operation to its success; successes only.',
  },
  'error-latency': {
    unit: 's',
    shape: 'distribution',
    label: 'operation',
    description: 'Time from the start of an operation to its failure or timeout.',
  },
  availability: {
    unit: 'share',
    shape: 'value',
    label: 'operation',
    description:
      'Acknowledged / (acknowledged + failed + unknown), over the operations that started in the ' +
      'measured part of the run.',
  },
  'longest-outage': {
    unit: 's',
    shape: 'value',
    description: 'The longest time between two successes with an attempt between them.',
  },
  recovery: {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the beginning of a fault to the first success after it.',
  },
  'lock-wait': {
    unit: 's',
    shape: 'distribution',
    of: 'lock',
    description: 'Time from when a client wants a lock until it is told that it has it.',
  },
  'lock-hold': {
    unit: 's',
    shape: 'distribution',
    of: 'lock',
    description: 'Time for which a client believes to hold a lock.',
  },
  amplification: {
    unit: 'number',
    shape: 'value',
    of: 'call',
    description: 'Attempts that were sent for each call; 1 without retries and hedges.',
  },
  goodput: {
    unit: 'number',
    shape: 'value',
    of: 'call',
    description: 'Calls answered well, per second of the measured part.',
  },
  share: {
    unit: 'share',
    shape: 'value',
    label: 'instance',
    of: 'call',
    description: 'Share of the attempts that went to an instance.',
  },
  errors: {
    unit: '1',
    shape: 'value',
    label: 'error',
    of: 'call',
    description: 'Calls that failed, by the error of their last attempt.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
export type LoadMetric = keyof typeof LOAD_METRICS;
