/**
 * Metrics in the text format of OpenMetrics 1.0, one sample per run. What Consul itself measures has
 * Consul's name, so that its dashboards find it; everything else is `lictor_<metric>`.
 */
import type { MetricSummary } from '../../sim/core/metrics.ts';
import type { Plan } from '../../sim/explore/plan.ts';
import type { JobRecord } from '../../sim/explore/record.ts';

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'summary';
  readonly unit: 'seconds' | 'bytes' | '';
  readonly help: string;
  /** What a figure is multiplied by. */
  readonly scale: number;
}

/** Consul's telemetry: counters of events, and the time of a commit in milliseconds. */
const CONSUL: Readonly<Record<string, Omit<Family, 'help' | 'unit'>>> = {
  'raft.elections': { name: 'consul_raft_state_candidate', type: 'counter', scale: 1 },
  'raft.leader-changes': { name: 'consul_raft_state_leader', type: 'counter', scale: 1 },
  'raft.commit-latency': { name: 'consul_raft_commitTime', type: 'summary', scale: 1000 },
};

const QUANTILES = { p50: '0.5', p90: '0.9', p99: '0.99', p999: '0.999' } as const;

export function toOpenMetrics(records: readonly JobRecord[], plan: Plan): string {
  const families = new Map<string, { readonly family: Family; readonly lines: string[] }>();
  for (const record of records) {
    if (record.kind !== 'run') continue;
    const setting = plan.sources[record.source]!.overrides.join(' ');
    const run = { scenario: record.scenario, seed: String(record.seed) };
    const labels = setting === '' ? run : { ...run, setting };
    for (const [metric, summary] of Object.entries(record.result.metrics)) {
      const { family, own } = familyOf(metric, summary);
      const found = families.get(family.name) ?? { family, lines: [] };
      families.set(family.name, found);
      found.lines.push(...samples(family, summary, { ...own, ...labels }));
    }
  }
  const names = [...families.keys()].sort();
  return [...names.map((name) => described(families.get(name)!)), '# EOF\n'].join('');
}

function described(found: { readonly family: Family; readonly lines: readonly string[] }): string {
  const { name, type, unit, help } = found.family;
  const head = [`# TYPE ${name} ${type}`];
  if (unit !== '') head.push(`# UNIT ${name} ${unit}`);
  return [...head, `# HELP ${name} ${help}`, ...found.lines, ''].join('\n');
}

type Labels = Readonly<Record<string, string>>;

/** `kv.latency` -> `lictor_load_latency_seconds{load="kv"}`, `network.bytes{raft}` with its class. */
function familyOf(metric: string, { unit, value }: MetricSummary) {
  const [, full, part] = /^([^{]+)(?:\{(.*)\})?$/.exec(metric)! as unknown as [
    string,
    string,
    string?,
  ];
  const cluster = /^(raft|network|fault|gossip|check|watch)\./.test(full);
  const load = cluster ? undefined : full.slice(0, full.lastIndexOf('.'));
  const own: Record<string, string> = {};
  if (load !== undefined) own['load'] = load;
  if (part !== undefined) own[full.startsWith('fault.') ? 'fault' : 'class'] = part;
  const consul = CONSUL[full];
  if (consul !== undefined) {
    const family: Family = { ...consul, unit: '', help: `${full} of lictor, by Consul's name.` };
    return { family, own };
  }
  const word = ({ s: 'seconds', By: 'bytes', '1': '' } as const)[unit];
  const base = load === undefined ? full : `load.${full.slice(load.length + 1)}`;
  const suffix = word === '' || base.endsWith(word) ? '' : `_${word}`;
  const name = `lictor_${base.replaceAll(/[^a-zA-Z0-9]/g, '_')}${suffix}`;
  const type = value === undefined ? 'summary' : 'gauge';
  return {
    family: { name, type, unit: word, help: `${base} of lictor.`, scale: 1 } as Family,
    own,
  };
}

function samples({ name, type, scale }: Family, summary: MetricSummary, labels: Labels): string[] {
  const line = (suffix: string, value: number, extra: Labels = {}): string =>
    `${name}${suffix}${labelText({ ...labels, ...extra })} ${number(value)}`;
  if (summary.value !== undefined) {
    return [line(type === 'counter' ? '_total' : '', summary.value * scale)];
  }
  const lines = Object.entries(QUANTILES).flatMap(([figure, quantile]) => {
    const value = summary[figure as keyof typeof QUANTILES];
    return value === undefined ? [] : [line('', value * scale, { quantile })];
  });
  const { count = 0, mean = 0 } = summary;
  return [...lines, line('_count', count), line('_sum', count * mean * scale)];
}

function labelText(labels: Labels): string {
  const escaped = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(15)));
}
