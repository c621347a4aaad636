import { describe, expect, test } from 'vitest';
import { fixedHosts, parseSelector, resolveSelector } from '../../scenarios/selectors.ts';
import type { HostTable } from '../../scenarios/selectors.ts';

const TABLE: HostTable = {
  datacenters: [
    {
      name: 'dc1',
      servers: ['s1', 's2', 's3', 's4', 's5'],
      agents: ['a1', 'a2', 'a3', 'a4'],
      zones: ['a', 'b'],
    },
  ],
  servers: ['s1', 's2', 's3', 's4', 's5'],
  agents: ['a1', 'a2', 'a3', 'a4'],
  clients: ['kv#1', 'kv#2', 'kv#3'],
  services: new Map([['web', ['web-1', 'web-2', 'web-3']]]),
  placedOn: new Map([['web-3', 'a4']]),
  zones: new Map([
    ['a', ['s1', 's3', 's5']],
    ['b', ['s2', 's4']],
  ]),
};

function resolve(raw: unknown): unknown {
  const syntax = parseSelector(raw);
  if (!syntax.ok) return syntax.reason;
  const { selector, problems } = resolveSelector(syntax.value, TABLE);
  return problems.length > 0 ? problems : selector;
}

describe('fixed selectors become lists of hosts', () => {
  test.each([
    ['s2', ['s2']],
    ['s2..s4', ['s2', 's3', 's4']],
    ['s2..4', ['s2', 's3', 's4']],
    ['kv#1..kv#2', ['kv#1', 'kv#2']],
    ['servers', TABLE.servers],
    ['all', [...TABLE.servers, ...TABLE.agents]],
    ['agents', TABLE.agents],
    ['a2..a4', ['a2', 'a3', 'a4']],
    ['clients', TABLE.clients],
    ['zone:b', ['s2', 's4']],
    ['service:web', ['web-1', 'web-2', 'web-3']],
    ['instances', ['web-1', 'web-2', 'web-3']],
    ['web-2..web-3', ['web-2', 'web-3']],
    ['host-of:web-2', ['web-2']],
    ['host-of:web-3', ['a4']],
    [
      ['s1', 'zone:b', 's1..s2'],
      ['s1', 's2', 's4'],
    ],
  ])('%s', (raw, hosts) => {
    expect(resolve(raw)).toMatchObject({ kind: 'hosts', hosts });
  });
});

describe('the others stay open until the fault begins', () => {
  test.each([
    ['leader', { kind: 'leader', text: 'leader' }],
    ['followers', { kind: 'followers', text: 'followers' }],
    ['voters', { kind: 'voters', text: 'voters' }],
    ['minority', { kind: 'minority', text: 'minority' }],
    ['majority', { kind: 'majority', text: 'majority' }],
    ['random', { kind: 'random', text: 'random', count: 1 }],
    ['random:2', { kind: 'random', text: 'random:2', count: 2 }],
    ['random:20%', { kind: 'random-share', text: 'random:20%', share: 0.2 }],
    [
      ['s1', 'leader', 's2'],
      {
        kind: 'union',
        text: 's1, leader, s2',
        parts: [
          { kind: 'hosts', text: 's1, s2', hosts: ['s1', 's2'] },
          { kind: 'leader', text: 'leader' },
        ],
      },
    ],
  ])('%s', (raw, selector) => {
    expect(resolve(raw)).toEqual(selector);
  });
});

describe('nobody is refused', () => {
  test.each([
    ['s9', ['unknown host "s9"; the servers are s1..s5']],
    ['s4..s7', ['unknown host "s6"; the servers are s1..s5']],
    ['s1..s999999', ['unknown host "s6"; the servers are s1..s5']],
    ['leeder', ['unknown host "leeder", did you mean "leader"?']],
    ['kv#4', ['unknown host "kv#4", did you mean "kv#1"?']],
    ['a9', ['unknown host "a9"; the agents are a1..a4']],
    ['zone:c', ['unknown zone "c"; expected a or b']],
    ['random:6', ['"random:6" is more than the 5 servers there are']],
    [
      ['s8', 's9'],
      ['unknown host "s8"; the servers are s1..s5', 'unknown host "s9"; the servers are s1..s5'],
    ],
    ['s3..s1', '"s3..s1" runs backwards; write s1..s3'],
    ['s1..kv#3', '"s1..kv#3" is no range of hosts; write s1..s3, or s1.dc2..s3.dc2'],
    ['s1.dc2..s3.dc3', '"s1.dc2..s3.dc3" is no range of hosts; write s1..s3, or s1.dc2..s3.dc2'],
    ['s1, s2', '"s1, s2" is a list; write [s1, s2]'],
    ['dc:dc2', ['unknown datacenter "dc2"; there is dc1']],
    ['dc:', 'name a datacenter, as dc:dc2'],
    ['leader(dc2)', ['unknown datacenter "dc2"; there is dc1']],
    ['leader()', '"leader()" names no datacenter; write leader(dc2)'],
    ['s1.dc2', ['unknown host "s1.dc2"; unknown datacenter "dc2"; there is dc1']],
    ['service:', 'name a service, as service:web'],
    ['service:wed', ['unknown service "wed", did you mean "web"?']],
    ['host-of:web-4', ['unknown host "web-4", did you mean "web-1"?']],
    ['random:0', '"random:0" has no count; write random, random:2 or random:20%'],
    ['random:0%', 'random:0% is nobody; write at least random:1%'],
    ['zone:', 'name a zone, as zone:b'],
    ['', 'the name of a host is empty'],
    ['s 1', '"s 1" is no host; write s1, s1..s3, leader or [s1, s4]'],
    [[], 'the list names no host; write at least one'],
    [['s1', ['s2']], 'a list of hosts holds words, not lists'],
    [7, 'expected hosts such as s1, s1..s3, leader or [s1, s4], got "7"'],
    [{}, 'expected hosts such as s1, s1..s3, leader or [s1, s4], got a map'],
  ])('%j', (raw, reason) => {
    expect(resolve(raw)).toEqual(reason);
  });
});

describe('of one datacenter among several', () => {
  const two: HostTable = {
    ...TABLE,
    datacenters: [
      ...TABLE.datacenters,
      { name: 'dc2', servers: ['s1.dc2', 's2.dc2', 's3.dc2'], agents: [], zones: [] },
    ],
    servers: [...TABLE.servers, 's1.dc2', 's2.dc2', 's3.dc2'],
    services: new Map([['web', ['web-1', 'web-1.dc2']]]),
  };
  const resolveIn = (raw: unknown): unknown => {
    const syntax = parseSelector(raw);
    if (!syntax.ok) return syntax.reason;
    const { selector, problems } = resolveSelector(syntax.value, two);
    return problems.length > 0 ? problems : selector;
  };
  const hosts = (text: string, names: readonly string[]) => ({ kind: 'hosts', text, hosts: names });

  test.each([
    ['s2.dc2', hosts('s2.dc2', ['s2.dc2'])],
    ['s1.dc2..s2.dc2', hosts('s1.dc2..s2.dc2', ['s1.dc2', 's2.dc2'])],
    ['servers(dc2)', hosts('servers(dc2)', ['s1.dc2', 's2.dc2', 's3.dc2'])],
    ['servers', hosts('servers', two.servers)],
    ['dc:dc2', hosts('dc:dc2', ['s1.dc2', 's2.dc2', 's3.dc2', 'web-1.dc2'])],
    ['leader', { kind: 'leader', text: 'leader' }],
    ['leader(dc1)', { kind: 'leader', text: 'leader(dc1)' }],
    ['leader(dc2)', { kind: 'leader', text: 'leader(dc2)', datacenter: 'dc2' }],
    ['random:2(dc2)', { kind: 'random', text: 'random:2(dc2)', count: 2, datacenter: 'dc2' }],
    ['random:4(dc2)', ['"random:4(dc2)" is more than the 3 servers there are']],
    ['s4.dc2', ['unknown host "s4.dc2"; the servers are s1.dc2..s3.dc2']],
    ['agents(dc2)', ['"agents(dc2)" is nobody: the datacenter has none']],
    ['leader(dc3)', ['unknown datacenter "dc3"; there is dc1 and dc2']],
    ['s3.dc2..s1.dc2', '"s3.dc2..s1.dc2" runs backwards; write s1.dc2..s3.dc2'],
  ])('%s', (raw, selector) => {
    expect(resolveIn(raw)).toEqual(selector);
  });
});

test('only fixed selectors have hosts before the run', () => {
  const fixed = fixedHosts({ kind: 'hosts', text: 's1', hosts: ['s1'] });
  expect(fixed).toEqual({ ok: true, value: ['s1'] });
  expect(fixedHosts({ kind: 'leader', text: 'leader' }).ok).toBe(false);
});
