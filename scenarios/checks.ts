/**
 * Checks between the parts of a scenario: hosts that selectors name, times within the run, metrics
 * of thresholds, rules between fields. They look at what was written, so they also run, and are
 * reported, where other parts are wrong.
 */
import { suggest } from './errors.ts';
import { countFaults, loadNames, readHosts } from './hosts.ts';
import type { Broken, Role } from './schema/kit.ts';
import { isPlainMap } from './schema/kit.ts';
import type { Visit } from './schema/walk.ts';
import { visit } from './schema/walk.ts';
import { scenarioSchema } from './schema.ts';
import type { HostTable, SelectorSyntax } from './selectors.ts';
import {
  fixedHosts,
  instancesOf,
  parseSelector,
  resolveSelector,
  unknownDatacenter,
  unknownService,
} from './selectors.ts';
import type { MetricContext } from './thresholds.ts';
import { findMetric, parseThresholds, resolveThreshold } from './thresholds.ts';
import { formatDuration, parseDuration, quoteRaw } from './units.ts';
import { RESERVED_LOAD_NAMES } from './vocabulary.ts';

interface Context {
  readonly hosts: HostTable | undefined;
  readonly durationMicros: number | undefined;
  readonly metrics: MetricContext;
}

/** Every broken rule of a raw scenario. */
export function checkScenario(raw: unknown): Broken[] {
  const duration = isPlainMap(raw) ? parseDuration(raw['duration']) : undefined;
  const context: Context = {
    hosts: readHosts(raw),
    durationMicros: duration?.ok ? duration.value : undefined,
    metrics: {
      loads: loadNames(raw),
      kinds: { call: loadNames(raw, 'call'), lock: loadNames(raw, 'lock') },
      faults: countFaults(raw),
    },
  };
  const broken: Broken[] = [];
  visit(scenarioSchema, raw, (one) => {
    const { role, keyRole, rules } = one.view.info;
    if (role && !one.defaulted) broken.push(...checkValue(role, one, context));
    if (keyRole && isPlainMap(one.raw)) {
      for (const key of Object.keys(one.raw)) {
        if (Object.hasOwn(one.view.fields, key)) continue;
        const problems = checkName(keyRole, key, context);
        for (const message of problems)
          broken.push({ path: [...one.path, key], message, at: 'key' });
      }
    }
    for (const rule of rules?.(one.raw) ?? []) {
      broken.push({ ...rule, path: [...one.path, ...rule.path] });
    }
  });
  return broken;
}

function checkValue(role: Role, { path, raw }: Visit, context: Context): Broken[] {
  switch (role) {
    case 'time':
      return checkTime(raw, String(path.at(-1)), context).map((message) => ({ path, message }));
    case 'threshold':
      return checkThreshold(raw, String(path.at(-1)), context).map((message) => ({
        path,
        message,
      }));
    default:
      return checkName(role, raw, context).map((message) => ({ path, message }));
  }
}

function checkTime(raw: unknown, key: string, { durationMicros }: Context): string[] {
  const time = parseDuration(raw);
  if (!time.ok || durationMicros === undefined) return [];
  const late = key === 'until' ? time.value > durationMicros : time.value >= durationMicros;
  if (!late) return [];
  const end = formatDuration(durationMicros);
  return [`${quoteRaw(raw)} is not before the end of the run; duration is ${end}`];
}

function checkThreshold(raw: unknown, metric: string, { metrics }: Context): string[] {
  const expressions = parseThresholds(raw);
  // An unknown metric is reported at its name.
  if (!expressions.ok || !findMetric(metric, metrics).ok) return [];
  return expressions.value.flatMap((expression) => {
    const resolved = resolveThreshold(metric, expression, metrics);
    return resolved.ok ? [] : [resolved.reason];
  });
}

/** Names of hosts, loads and metrics, as keys or values. */
function checkName(role: Role, raw: unknown, context: Context): string[] {
  if (role === 'load') return checkLoadName(String(raw));
  if (role === 'service') return checkService(raw, context.hosts);
  if (role === 'zone') return checkZone(raw, context.hosts);
  if (role === 'datacenter') return checkDatacenter(raw, context.hosts);
  if (role === 'metric') {
    const metric = findMetric(String(raw), context.metrics);
    return metric.ok ? [] : [metric.reason];
  }
  return checkSelector(role, raw, context.hosts);
}

function checkService(raw: unknown, hosts: HostTable | undefined): string[] {
  if (!hosts || typeof raw !== 'string' || hosts.services.has(raw)) return [];
  return [unknownService(raw, hosts.services)];
}

function checkZone(raw: unknown, hosts: HostTable | undefined): string[] {
  const zones = [...(hosts?.zones.keys() ?? [])];
  if (!hosts || typeof raw !== 'string' || zones.includes(raw)) return [];
  const hint = zones.length > 0 ? suggest(raw, zones) : '; the datacenter has no zones';
  return [`unknown zone "${raw}"${hint}`];
}

function checkDatacenter(raw: unknown, hosts: HostTable | undefined): string[] {
  if (!hosts || typeof raw !== 'string') return [];
  if (hosts.datacenters.some(({ name }) => name === raw)) return [];
  return [unknownDatacenter(raw, hosts)];
}

function checkSelector(role: Role, raw: unknown, hosts: HostTable | undefined): string[] {
  const syntax = parseSelector(raw);
  // The schema says the same of a value, and repetitions are dropped; of a key only this does.
  if (!syntax.ok) return [syntax.reason];
  if (!hosts) return [];
  const { selector, problems } = resolveSelector(syntax.value, hosts);
  if (problems.length > 0 || role === 'selector') return [...problems];
  if (role === 'watched') {
    const watchable = syntax.value.parts.every(
      (part) =>
        !['random', 'random-share'].includes(part.kind) &&
        !(part.kind === 'role' && /^m.*ority$/.test(part.role)),
    );
    return watchable
      ? []
      : [`"${selector.text}" cannot be watched for; name hosts, leader or followers`];
  }
  const fixed = fixedHosts(selector);
  if (!fixed.ok) return [fixed.reason];
  const instances = instancesOf(hosts);
  if (role === 'instance') {
    const other = fixed.value.find((name) => !instances.includes(name));
    return other === undefined ? [] : [`"${other}" is no instance of a service`];
  }
  if (role === 'host') return ownHosts(fixed.value, hosts);
  if (role === 'agent') return checkAgents(syntax.value, fixed.value, hosts);
  const client = fixed.value.find((name) => hosts.clients.includes(name));
  if (role !== 'server') return [];
  const instance = fixed.value.find((name) => instances.includes(name));
  if (instance !== undefined) return [`"${instance}" is an instance of a service, not a server`];
  if (client !== undefined) return [`"${client}" is a load client, not a server`];
  const agent = fixed.value.find((name) => hosts.agents.includes(name));
  return agent === undefined ? [] : [`"${agent}" is a client agent, not a server`];
}

/** What is said of a host is said of its own name; `all` and groups may hold whoever shares one. */
function ownHosts(names: readonly string[], { placedOn }: HostTable): string[] {
  const [first] = names;
  if (first === undefined || names.some((name) => !placedOn.has(name))) return [];
  return [`"${first}" has no host of its own; write ${placedOn.get(first)}`];
}

/** A zone or group may hold others, which are left out; a name may not. */
function checkAgents(
  { parts }: SelectorSyntax,
  names: readonly string[],
  { agents, placedOn }: HostTable,
): string[] {
  const known = new Set(agents);
  const grouped = parts.some(({ kind }) => kind === 'zone' || kind === 'group');
  const other = names.find((name) => !known.has(name) && !placedOn.has(name));
  if (other !== undefined && !grouped) return [`"${other}" is no client agent`];
  if (names.some((name) => known.has(name))) return [];
  return ['names no client agent; write cluster.datacenters.dc1.agents'];
}

function checkLoadName(name: string): string[] {
  if (RESERVED_LOAD_NAMES.includes(name)) {
    return [`a load cannot be named "${name}", like a group of metrics; choose another name`];
  }
  if (/^[a-z][a-z0-9-]{0,31}$/.test(name)) return [];
  return [`${quoteRaw(name)} is no name of a load; use up to 32 small letters, digits and dashes`];
}
