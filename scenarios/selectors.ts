/**
 * Who a fault is aimed at: `s1`, `s1..s3`, `servers`, `zone:b`, `dc:dc2`, `leader`, `leader(dc2)`,
 * `random:2`, or a list.
 * Text becomes syntax without knowing the cluster; with its hosts, syntax becomes a selector.
 */
import { datacenterOf } from './datacenters.ts';
import { listWords, suggest } from './errors.ts';
import type { Parsed } from './units.ts';
import { parsed, parsePercent, quoteRaw, refused } from './units.ts';

/**
 * Who is meant, once the hosts are known. `hosts` is fixed; the others are looked up when the fault
 * begins, among the servers of one datacenter: `followers` are voters that do not lead, `minority` and `majority` a
 * random set of the largest size below half and the smallest above, `random` one server, `count`
 * servers or a share of them (rounded, at least one). `text` is as written, for messages.
 */
export type Selector =
  | { readonly kind: 'hosts'; readonly text: string; readonly hosts: readonly string[] }
  | ({ readonly kind: DynamicRole; readonly text: string } & OfDatacenter)
  | ({ readonly kind: 'random'; readonly text: string; readonly count: number } & OfDatacenter)
  | ({
      readonly kind: 'random-share';
      readonly text: string;
      readonly share: number;
    } & OfDatacenter)
  | { readonly kind: 'union'; readonly text: string; readonly parts: readonly Selector[] };

/** Whose servers are meant; left out, those of the first datacenter. */
export interface OfDatacenter {
  readonly datacenter?: string;
}

export type DynamicRole = 'leader' | 'followers' | 'voters' | 'minority' | 'majority';

/** One word of a selector, before the hosts are known. */
export type SelectorPart =
  | { readonly kind: 'name'; readonly text: string }
  | {
      readonly kind: 'range';
      readonly text: string;
      readonly prefix: string;
      readonly first: number;
      readonly last: number;
      /** `.dc2`, or nothing. */
      readonly suffix: string;
    }
  | {
      readonly kind: 'group';
      readonly text: string;
      readonly group: (typeof GROUPS)[number];
      /** Left out: of all datacenters. */
      readonly datacenter?: string;
    }
  | { readonly kind: 'datacenter'; readonly text: string; readonly datacenter: string }
  | { readonly kind: 'zone'; readonly text: string; readonly zone: string }
  | { readonly kind: 'service'; readonly text: string; readonly service: string }
  | { readonly kind: 'host-of'; readonly text: string; readonly name: string }
  | ({ readonly kind: 'role'; readonly text: string; readonly role: DynamicRole } & OfDatacenter)
  | ({ readonly kind: 'random'; readonly text: string; readonly count: number } & OfDatacenter)
  | ({
      readonly kind: 'random-share';
      readonly text: string;
      readonly share: number;
    } & OfDatacenter);

export interface SelectorSyntax {
  readonly text: string;
  readonly parts: readonly SelectorPart[];
}

/** One datacenter: the names of its hosts and zones. */
export interface DatacenterTable {
  readonly name: string;
  readonly servers: readonly string[];
  readonly agents: readonly string[];
  readonly zones: readonly string[];
}

/** The hosts a selector may name. `all` is the cluster's; load clients are only in `clients`. */
export interface HostTable {
  readonly datacenters: readonly DatacenterTable[];
  /** Of all datacenters. */
  readonly servers: readonly string[];
  readonly agents: readonly string[];
  readonly clients: readonly string[];
  /** Instances of each service: each a host of its own, or a process on that of an agent. */
  readonly services: ReadonlyMap<string, readonly string[]>;
  /** Agent whose host an instance is on, of those that share one. */
  readonly placedOn: ReadonlyMap<string, string>;
  /** Zone names with their servers, agents and instances; empty where the datacenter has none. */
  readonly zones: ReadonlyMap<string, readonly string[]>;
}

const GROUPS = ['servers', 'agents', 'all', 'clients', 'instances'] as const;
const ROLES = ['leader', 'followers', 'voters', 'minority', 'majority'] as const;
const WORDS: readonly string[] = [...GROUPS, ...ROLES, 'random'];
const PARTS_MAX = 64;

/** A word or a list of words -> syntax. */
export function parseSelector(raw: unknown): Parsed<SelectorSyntax> {
  if (Array.isArray(raw)) return parseList(raw);
  if (typeof raw !== 'string') {
    return refused(`expected hosts such as s1, s1..s3, leader or [s1, s4], got ${quoteRaw(raw)}`);
  }
  const part = parsePart(raw.trim());
  return part.ok ? parsed({ text: part.value.text, parts: [part.value] }) : part;
}

function parseList(raw: readonly unknown[]): Parsed<SelectorSyntax> {
  if (raw.length === 0) return refused('the list names no host; write at least one');
  if (raw.length > PARTS_MAX) return refused(`the list is longer than ${PARTS_MAX}; use a range`);
  const parts: SelectorPart[] = [];
  for (const word of raw) {
    const one = typeof word === 'string' ? parsePart(word.trim()) : parseSelector(word);
    if (!one.ok) return one;
    if ('parts' in one.value) return refused('a list of hosts holds words, not lists');
    parts.push(one.value);
  }
  return parsed({ text: parts.map(({ text }) => text).join(', '), parts });
}

function parsePart(text: string): Parsed<SelectorPart> {
  if (text === '') return refused('the name of a host is empty');
  if (text.includes(',')) {
    return refused(`${quoteRaw(text)} is a list; write [${text}]`);
  }
  const inner = /^([a-z:%0-9]+)\(([a-z0-9-]*)\)$/i.exec(text);
  if (inner !== null) return parseOfDatacenter(text, inner[1]!, inner[2]!);
  const word = parseWord(text);
  if (word !== undefined) return word;
  if (text.startsWith('dc:')) {
    const datacenter = text.slice('dc:'.length);
    return datacenter === ''
      ? refused('name a datacenter, as dc:dc2')
      : parsed({ kind: 'datacenter', text, datacenter });
  }
  if (text.startsWith('zone:')) {
    const zone = text.slice('zone:'.length);
    return zone === '' ? refused('name a zone, as zone:b') : parsed({ kind: 'zone', text, zone });
  }
  if (text.startsWith('service:')) {
    const service = text.slice('service:'.length);
    if (service === '') return refused('name a service, as service:web');
    return parsed({ kind: 'service', text, service });
  }
  if (text.startsWith('host-of:')) return parseHostOf(text);
  if (text.includes('..')) return parseHostRange(text);
  if (/^[a-z][a-z0-9-]*(#\d+|\.[a-z][a-z0-9]*)?$/i.test(text))
    return parsed({ kind: 'name', text });
  return refused(`${quoteRaw(text)} is no host; write s1, s1..s3, leader or [s1, s4]`);
}

function parseHostOf(text: string): Parsed<SelectorPart> {
  const name = text.slice('host-of:'.length);
  const part = parsePart(name);
  if (!part.ok) return part;
  if (part.value.kind !== 'name') {
    return refused(`${quoteRaw(text)} needs one instance; write host-of:web-3`);
  }
  return parsed({ kind: 'host-of', text, name });
}

function isOneOf<T extends string>(text: string, words: readonly T[]): text is T {
  return (words as readonly string[]).includes(text);
}

/** Words for many hosts, or for whoever has a role. */
function parseWord(text: string): Parsed<SelectorPart> | undefined {
  if (isOneOf(text, GROUPS)) return parsed({ kind: 'group', text, group: text });
  if (isOneOf(text, ROLES)) return parsed({ kind: 'role', text, role: text });
  if (text === 'random') return parsed({ kind: 'random', text, count: 1 });
  return text.startsWith('random:') ? parseRandom(text) : undefined;
}

/** `leader(dc2)`: the same of one datacenter. */
function parseOfDatacenter(text: string, word: string, datacenter: string): Parsed<SelectorPart> {
  const part = parseWord(word);
  const known = part === undefined || (part.ok && isClients(part.value));
  if (known) {
    return refused(
      `${quoteRaw(text)} is nobody; write leader(dc2), followers(dc2), voters(dc2), servers(dc2), ` +
        'agents(dc2), minority(dc2), majority(dc2) or random:2(dc2)',
    );
  }
  if (datacenter === '')
    return refused(`${quoteRaw(text)} names no datacenter; write ${word}(dc2)`);
  return part.ok ? parsed({ ...part.value, text, datacenter } as SelectorPart) : part;
}

function isClients(part: SelectorPart): boolean {
  return part.kind === 'group' && (part.group === 'clients' || part.group === 'instances');
}

function parseRandom(text: string): Parsed<SelectorPart> {
  const amount = text.slice('random:'.length);
  if (amount.endsWith('%')) {
    const share = parsePercent(amount);
    if (!share.ok) return share;
    if (share.value === 0) return refused('random:0% is nobody; write at least random:1%');
    return parsed({ kind: 'random-share', text, share: share.value });
  }
  if (!/^[1-9]\d{0,4}$/.test(amount)) {
    return refused(`${quoteRaw(text)} has no count; write random, random:2 or random:20%`);
  }
  return parsed({ kind: 'random', text, count: Number(amount) });
}

function parseHostRange(text: string): Parsed<SelectorPart> {
  const match =
    /^([a-z][a-z0-9-]*#|[a-z][a-z-]*)(\d{1,6})(\.[a-z][a-z0-9]*)?\.\.([a-z][a-z0-9-]*#|[a-z][a-z-]*)?(\d{1,6})(\.[a-z][a-z0-9]*)?$/i.exec(
      text,
    );
  const [, head = '', from, suffix = '', prefix2 = head, until, suffix2 = suffix] = match ?? [];
  if (!match || prefix2 !== head || suffix2 !== suffix) {
    return refused(`${quoteRaw(text)} is no range of hosts; write s1..s3, or s1.dc2..s3.dc2`);
  }
  const [first, last] = [Number(from), Number(until)];
  if (first > last) {
    const forwards = `${head}${last}${suffix}..${head}${first}${suffix}`;
    return refused(`${quoteRaw(text)} runs backwards; write ${forwards}`);
  }
  return parsed({ kind: 'range', text, prefix: head, first, last, suffix });
}

export interface ResolvedSelector {
  readonly selector: Selector;
  /** What is wrong, one sentence for every word that means nobody. */
  readonly problems: readonly string[];
}

/** Syntax -> selector for a cluster with these hosts. */
export function resolveSelector(syntax: SelectorSyntax, table: HostTable): ResolvedSelector {
  const problems: string[] = [];
  const resolved = syntax.parts.map((part) => resolvePart(part, table, problems));
  const fixed = resolved.flatMap((part) => (part.kind === 'hosts' ? part.hosts : []));
  const hosts = [...new Set(fixed)];
  const moving = resolved.filter((part) => part.kind !== 'hosts');
  const { text } = syntax;
  if (moving.length === 0) return { selector: { kind: 'hosts', text, hosts }, problems };
  if (resolved.length === 1) return { selector: moving[0]!, problems };
  const named: Selector[] =
    hosts.length > 0 ? [{ kind: 'hosts', text: hosts.join(', '), hosts }] : [];
  return { selector: { kind: 'union', text, parts: [...named, ...moving] }, problems };
}

function resolvePart(part: SelectorPart, table: HostTable, problems: string[]): Selector {
  const { text } = part;
  switch (part.kind) {
    case 'role':
      return { kind: part.role, text, ...ofDatacenter(part, table, problems) };
    case 'random': {
      const servers = serversOf(part, table).length;
      if (part.count > servers) {
        problems.push(`${quoteRaw(text)} is more than the ${servers} servers there are`);
      }
      return { kind: 'random', text, count: part.count, ...ofDatacenter(part, table, problems) };
    }
    case 'random-share': {
      const datacenter = ofDatacenter(part, table, problems);
      return { kind: 'random-share', text, share: part.share, ...datacenter };
    }
    case 'group':
      return { kind: 'hosts', text, hosts: groupHosts(part, table, problems) };
    case 'datacenter':
      return { kind: 'hosts', text, hosts: datacenterHosts(part.datacenter, table, problems) };
    case 'service':
      return { kind: 'hosts', text, hosts: serviceHosts(part.service, table, problems) };
    case 'zone':
      return { kind: 'hosts', text, hosts: zoneHosts(part.zone, table, problems) };
    case 'name':
      if (!isHost(text, table)) problems.push(unknownHost(text, table));
      return { kind: 'hosts', text, hosts: [text] };
    case 'host-of': {
      // An instance that shares no host has one of its own, which has its name.
      if (!isHost(part.name, table)) problems.push(unknownHost(part.name, table));
      return { kind: 'hosts', text, hosts: [table.placedOn.get(part.name) ?? part.name] };
    }
    case 'range':
      return { kind: 'hosts', text, hosts: rangeHosts(part, table, problems) };
    default:
      return part satisfies never;
  }
}

/** As selectors carry it: the first datacenter goes without saying. */
function ofDatacenter(
  { datacenter }: { readonly datacenter?: string },
  table: HostTable,
  problems: string[],
): { readonly datacenter?: string } {
  if (datacenter === undefined) return {};
  if (!isDatacenter(datacenter, table)) problems.push(unknownDatacenter(datacenter, table));
  return datacenter === table.datacenters[0]?.name ? {} : { datacenter };
}

function isDatacenter(name: string, { datacenters }: HostTable): boolean {
  return datacenters.some((one) => one.name === name);
}

/** What is wrong with the name of a datacenter that there is not. */
export function unknownDatacenter(name: string, { datacenters }: HostTable): string {
  const known = datacenters.map((one) => one.name);
  return `unknown datacenter "${name}"; there is ${listWords(known, 'and')}`;
}

function serversOf(
  { datacenter }: { readonly datacenter?: string },
  { datacenters }: HostTable,
): readonly string[] {
  const wanted = datacenter ?? datacenters[0]?.name;
  return datacenters.find(({ name }) => name === wanted)?.servers ?? [];
}

function groupHosts(
  { group, datacenter, text }: SelectorPart & { kind: 'group' },
  table: HostTable,
  problems: string[],
): readonly string[] {
  if (datacenter !== undefined && !isDatacenter(datacenter, table)) {
    problems.push(unknownDatacenter(datacenter, table));
    return [];
  }
  const within = (names: readonly string[]): readonly string[] =>
    datacenter === undefined ? names : names.filter((name) => datacenterOf(name) === datacenter);
  const nobody = (hosts: readonly string[], reason: string): readonly string[] => {
    if (hosts.length === 0) problems.push(`"${text}" is nobody: ${reason}`);
    return hosts;
  };
  switch (group) {
    case 'servers':
      return within(table.servers);
    case 'agents':
      return nobody(within(table.agents), 'the datacenter has none');
    case 'all':
      return [...within(table.servers), ...within(table.agents)];
    case 'clients':
      return nobody(table.clients, 'the scenario has no load');
    case 'instances':
      return nobody(instancesOf(table), 'the scenario has no services');
    default:
      return group satisfies never;
  }
}

/** Servers, agents and instances, as in a zone. */
function datacenterHosts(
  datacenter: string,
  table: HostTable,
  problems: string[],
): readonly string[] {
  if (!isDatacenter(datacenter, table)) problems.push(unknownDatacenter(datacenter, table));
  const { servers, agents } = table;
  return [...servers, ...agents, ...instancesOf(table)].filter(
    (name) => datacenterOf(name) === datacenter,
  );
}

export function instancesOf({ services }: HostTable): string[] {
  return [...services.values()].flat();
}

function isHost(name: string, table: HostTable): boolean {
  const { servers, agents, clients } = table;
  if (servers.includes(name) || agents.includes(name) || clients.includes(name)) return true;
  const service = name.slice(0, name.lastIndexOf('-'));
  return table.services.get(service)?.includes(name) === true;
}

function serviceHosts(
  service: string,
  { services }: HostTable,
  problems: string[],
): readonly string[] {
  const hosts = services.get(service);
  if (hosts === undefined) problems.push(unknownService(service, services));
  return hosts ?? [];
}

/** What is wrong with the name of a service that there is not. */
export function unknownService(name: string, services: HostTable['services']): string {
  const known = [...services.keys()];
  const hint = known.length === 0 ? '; the scenario has none' : suggest(name, known);
  return `unknown service "${name}"${hint}`;
}

function zoneHosts(zone: string, table: HostTable, problems: string[]): readonly string[] {
  const hosts = table.zones.get(zone);
  if (hosts === undefined) {
    const names = [...table.zones.keys()];
    const hint = names.length > 0 ? suggest(zone, names) : '; the datacenter has no zones';
    problems.push(`unknown zone "${zone}"${hint}`);
  } else if (hosts.length === 0) problems.push(`zone "${zone}" holds no server`);
  return hosts ?? [];
}

function rangeHosts(
  part: SelectorPart & { kind: 'range' },
  table: HostTable,
  problems: string[],
): string[] {
  const all = [...table.servers, ...table.agents, ...table.clients, ...instancesOf(table)];
  const hosts = all.filter((name) => {
    if (!name.startsWith(part.prefix) || !name.endsWith(part.suffix)) return false;
    const number = Number(name.slice(part.prefix.length, name.length - part.suffix.length));
    return number >= part.first && number <= part.last;
  });
  if (hosts.length !== part.last - part.first + 1) {
    const missing = hosts.length === 0 ? part.first : part.first + hosts.length;
    problems.push(unknownHost(`${part.prefix}${missing}${part.suffix}`, table));
  }
  return hosts;
}

function unknownHost(name: string, table: HostTable): string {
  const { clients } = table;
  const of = (names: readonly string[]): readonly string[] =>
    names.filter((one) => datacenterOf(one) === datacenterOf(name));
  if (name.includes('.') && !isDatacenter(datacenterOf(name), table)) {
    return `unknown host "${name}"; ${unknownDatacenter(datacenterOf(name), table)}`;
  }
  const [servers, agents] = [of(table.servers), of(table.agents)];
  if (/^a\d+(\.|$)/.test(name)) {
    const have = agents.length === 0 ? 'the datacenter has no agents' : rangeOf('agents', agents);
    return `unknown host "${name}"; ${have}`;
  }
  const near = suggest(name, [...servers, ...clients, ...instancesOf(table), ...WORDS]);
  const known = /^s\d+(\.|$)/.test(name) ? `; ${rangeOf('servers', servers)}` : near;
  return `unknown host "${name}"${known}`;
}

function rangeOf(what: string, names: readonly string[]): string {
  const list = names.length > 1 ? `${names[0]}..${names.at(-1)}` : (names[0] ?? 'nobody');
  return `the ${what} are ${list}`;
}

/** The hosts of a selector that is used before the run begins, or why it cannot be. */
export function fixedHosts(selector: Selector): Parsed<readonly string[]> {
  if (selector.kind === 'hosts') return parsed(selector.hosts);
  return refused(
    `"${selector.text}" is only known while the run goes on; name hosts, a zone, servers or clients`,
  );
}
