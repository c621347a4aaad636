/** Every problem has a place, says what is wrong and what would be right; all come together. */
import { describe, expect, test } from 'vitest';
import { formatIssue, ISSUES_MAX, nearest, suggest } from '../../scenarios/errors.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { problems, problemsOf } from './support.ts';

test('a wrong key, a wrong unit and an unknown host are reported together', () => {
  const text = [
    'duration: 60',
    'cluster: { datacenters: { dc1: { servers: 3 } } }',
    'faults:',
    '  - { at: 10s, fo: 5s, partition: { isolate: leader } }',
    '  - at: 20s',
    '    for: 5s',
    '    crash: s7',
  ].join('\n');
  expect(problems(text)).toEqual([
    '1:11 "60" has no unit; write 60s or 60ms',
    '4:16 unknown field "fo", did you mean "for"?',
    '7:12 unknown host "s7"; the servers are s1..s3',
  ]);
});

test.each([
  ['clustre: {}', '1 unknown field "clustre", did you mean "cluster"?'],
  ['zzz: {}', /^1 unknown field "zzz"; expected name, description, start, /],
  ['servcies: {}', '1 unknown field "servcies", did you mean "services"?'],
  [
    'sweep: { network.lan.loss: 0%..2% }',
    '28 "0%..2%" is no range; write values such as [1, 2, 5] or "0%..4% step 1%"',
  ],
  ['repeat: 0', '9 "0" is outside 1..100000'],
  ['duration: -5s', '11 "-5s" is negative'],
  ['duration: .nan', '11 expected a duration such as 5s, 250us or 1h30m, got "NaN"'],
  ['duration: .inf', '11 expected a duration such as 5s, 250us or 1h30m, got "Infinity"'],
  ['duration: 0s', '11 "0s" must be at least 1us'],
  ['settle:', '8 expected a duration such as 5s, 250us or 1h30m, got nothing'],
  ['start: clod', '8 unknown word "clod", did you mean "cold"?'],
  ['start: bootstrap\ninitial: { kv: { a: b } }', /has no keys; write start: formed/],
  ['start: bootstrap\ninitial: { s1: { log: [1] } }', /has empty disks/],
  ['start: bootstrap\ncluster: { raft: { variant: paper } }', /the Raft paper has no bootstrap/],
  ['warmup: 60s', '9 "60s" is not before the end of the run; duration is 1m'],
  ['name: ../etc', '7 expected a name of letters, digits, dots and dashes, got "../etc"'],
  ['name: 7', '7 expected text, got 7; write it in quotes: "7"'],
  ['cluster: 3', '10 expected a map with fields such as consul, got "3"'],
  ['cluster: { consul: 1.20 }', /^20 a release is text, or 1.20 would become 1.2/],
  ['cluster: { consul: "1.3" }', '20 unknown Consul release "1.3"; known are 1.16.0 to 1.21.4'],
  ['cluster: { servers: 5 }', /^12 cannot use "servers": write datacenters/],
  ['cluster: { raft: { heartbeat: 75ms } }', /^20 hashicorp\/raft derives it from agent/],
  ['cluster: { raft: { variant: papr } }', '29 unknown word "papr", did you mean "paper"?'],
  [
    'cluster: { raft: { variant: paper, commit_timeout: 1s } }',
    /^36 only hashicorp\/raft has it; remove it, or variant: paper/,
  ],
  ['cluster: { consul: "1.20", raft: { variant: paper } }', /^12 only hashicorp\/raft has it/],
  [
    'cluster: { raft: { variant: paper }, hosts: { s2: { agent: {} } } }',
    /^53 only hashicorp\/raft has it/,
  ],
  [
    'cluster: { raft: { variant: paper, election_timeout: 3ms..2ms } }',
    /runs backwards; write 2ms..3ms/,
  ],
  ['cluster: { hosts: { s2: { raft: { variant: paper } } } }', /all servers run one variant/],
  ['plant: [B2]\ncluster: { raft: { variant: paper } }', /these are bugs of hashicorp\/raft/],
  ['cluster: { raft: { max_append_entries: 2000 } }', '40 "2000" is outside 1..1024'],
  [
    'cluster: { raft: { alone: true }, agent: { gossip_lan: {} } }',
    /^56 acts on the gossip pool; write agents under/,
  ],
  ['cluster: { membership: {} }', /^12 cannot use "membership": servers gossip as Consul does/],
  [
    'cluster: { raft: { alone: true }, lifeguard: paper }',
    /^46 acts on the gossip pool; write agents under/,
  ],
  ['cluster: { agent: { gossip_wan: {} } }', /^33 acts on the WAN pool; write a second datacenter/],
  ['cluster: { datacenters: { dc1: { agents: 0 } } }', '42 "0" is outside 1..10000'],
  ['plant: [G3]\ncluster: { raft: { alone: true } }', /^9 acts on the gossip pool; write agents/],
  [
    'cluster: { datacenters: { dc1: { agents: 2 } }, hosts: { a1: { cpu: 50% } } }',
    '58 "a1" is a client agent, not a server',
  ],
  ['services: { web: { service_time: 1ms, instances: { dc2: 2 } } }', /unknown datacenter "dc2"/],
  ['services: { web: { service_time: 1ms, instances: {} } }', /names no datacenter/],
  ['cluster: { datacenters: { dc9: {} } }', /^27 unknown field "dc9"/],
  [
    'load: { far: { kind: kv, rate: 1/s, datacenter: dc2 } }',
    /unknown datacenter "dc2"; there is dc1/,
  ],
  [
    'cluster: { datacenters: { dc2: {} } }\nfaults: [{ at: 1s, remove: [s1, s1.dc2] }]',
    /names servers of several datacenters/,
  ],
  ['cluster: { datacenters: { dc1: { servers: 10 } } }', '43 "10" is outside 1..9'],
  ['cluster: { datacenters: { dc1: { zones: [a, b, a] } } }', '48 names zone "a" twice'],
  ['cluster: { hosts: { s9: { cpu: 50% } } }', '21 unknown host "s9"; the servers are s1..s3'],
  ['cluster: { hosts: { leader: { cpu: 50% } } }', /^21 "leader" is only known while the run/],
  ['cluster: { raft: { pre_vote: false }, consul: "1.20.2" }', /^30 Consul 1.20.2 cannot switch/],
  [
    'cluster: { raft: { pre_vote: true }, consul: "1.19" }',
    /^30 Consul 1.19.2 has raft 1.5.0 without/,
  ],
  ['network: { lan: { loss: 2 } }', '25 "2" needs a percent sign; write 2%'],
  ['network: { lan: { bandwidth: 1 } }', /^30 "1" has no unit; write 1Mbit\/s/],
  ['network: { tcp: { ideal: true, syn: 1s } }', '32 unknown field "syn"; expected ideal'],
  ['network: { links: [{ between: [s1] }] }', '31 expected two selectors, as [A, B], got a list'],
  ['network: { links: [{ loss: 1% }] }', '20 needs "between"'],
  ['network: { links: [{ between: [s1, s2], from: s3 }] }', /^20 has both between and from\/to/],
  ['disks: { s1: { backend: rocksdb } }', /^25 .*boltdb or wal/],
  ['disks: { kv#1: {} }', /^10 unknown host "kv#1"/],
  ['clocks: { s1: { drift: 5 } }', '24 expected a clock drift such as 50ppm, got "5"'],
  ['invariants: { with: [x] }', '15 cannot use "with": this version has no invariants of your own'],
  [
    'invariants: { without: [raft.one-leadr] }',
    /^25 unknown word .* did you mean "raft.one-leader"\?/,
  ],
  ['invariants: { raft.vote-once: {} }', /^15 cannot use "raft.vote-once": it holds always/],
  ['expect: { violation: raft.vote-onec }', /^22 unknown word .* did you mean "raft.vote-once"\?/],
  ['expect: { violation: raft.vote-once, anomaly: raft.vote-once }', /^38 has both violation and/],
  ['plant: [B5]', '9 B5 is a bug of the real program and on by default; see fix:'],
  ['plant: [G8]', /^9 acts on the WAN pool; write a second datacenter/],
  ['plant: [G9]', /^9 this version has no model of G9; it has B2, B3, B4, /],
  ['plant: [B77]', /^9 unknown bug "B77"; expected B2, B3, B4, /],
  ['fix: [B4]', '7 B4 is not in the real program; it is only on when planted'],
  ['fix: everything', '6 unknown word "everything"; expected all'],
  ['initial: { s1: { log: [2, 1] } }', '27 the terms of a log never fall'],
  ['initial: { s1: { log: [2], term: 1 } }', '34 is less than the term of the last entry, 2'],
  ['initial: { s1..s2: { down: true } }', /^10 leaves 1 of 3 servers up, no majority/],
  [
    'initial: { s1: { log: [1, 2, 3] }, s2: { log: [1, 1, 3] } }',
    /^54 agrees with the log of s1 here/,
  ],
  ['limits: { events: 1.5 }', '19 "1.5" is not a whole number'],
  ['limits: { memory: 3 }', '19 "3" has no unit; write 3MiB'],
  ['load: { kv: { kind: kv } }', '13 needs rate: 100/s (open loop) or think: 10ms (closed loop)'],
  ['load: { kv: { kind: kv, rate: 1/s, think: 1ms } }', /^13 has both rate and think/],
  [
    'load: { kv: { kind: lock, rate: 1/s } }',
    '27 cannot use "rate": a client of locks does one thing after the other; write think: 1s',
  ],
  ['load: { kv: { rate: 1/s } }', '9 needs "kind"'],
  ['load: { kv: { kind: kv, rate: 1/s, mix: { put: 50% } } }', /^41 adds up to 50%/],
  ['load: { raft: { kind: kv, rate: 1/s } }', /^9 a load cannot be named "raft"/],
  ['load: { K V: { kind: kv, rate: 1/s } }', /^9 "K V" is no name of a load/],
  [
    'load: { kv: { kind: kv, rate: 1/s, via: agents } }',
    /^41 "agents": each client has one of its own; write agent/,
  ],
])('%s', (line, expected) => {
  const found = problemsOf(line);
  expect(found).toHaveLength(1);
  if (typeof expected === 'string') expect(found[0]).toBe(expected);
  else expect(found[0]).toMatch(expected);
});

test('hosts are not checked against zones that cannot be read', () => {
  const line = 'cluster: { datacenters: { dc1: { zones: [a, { b: 1 }] } } }';
  const found = problems(`${line}\nduration: 9s\nclocks: { zone:b: { drift: 1ppm } }\n`);
  expect(found).toEqual(['1:45 expected a zone name such as a, got a map']);
});

test('a problem of a value that was not written is placed at what is above it', () => {
  const text = 'duration: 9s\ninitial:\n  s1: { log: [1, 2, 3] }\n  s2..s3: { log: [1, 1, 3] }\n';
  expect(problems(text)).toEqual([expect.stringMatching(/^2:1 agrees with the log of s1 here/)]);
});

test('a missing duration is reported at the file', () => {
  expect(problems('name: x\n')).toEqual(['1:1 needs "duration"']);
});

test('a missing field is reported at the key of its map', () => {
  expect(problems('duration: 9s\nload:\n  kv:\n    rate: 1/s\n')).toEqual(['3:3 needs "kind"']);
});

describe('formatting', () => {
  test('shows the line with a caret', () => {
    const result = loadScenario('duration: 60\n', { file: 'a.yaml' });
    if (result.ok) throw new Error('unexpected');
    expect(formatIssue(result.issues[0]!, { caret: true })).toBe(
      'a.yaml:1:11 "60" has no unit; write 60s or 60ms\n    duration: 60\n              ^',
    );
  });

  test('keeps the caret below the place in long lines', () => {
    const result = loadScenario(`duration: ${' '.repeat(200)}60\n`, { file: 'a.yaml' });
    if (result.ok) throw new Error('unexpected');
    const [, source, caret] = formatIssue(result.issues[0]!, { caret: true }).split('\n');
    expect(source!.slice(caret!.indexOf('^'))).toBe('60');
  });

  test('cuts a flood of problems and counts the rest', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `unknown${index}: 1`);
    const found = problems(lines.join('\n'));
    expect(found).toHaveLength(ISSUES_MAX);
    expect(found.at(-1)).toMatch(/and 302 more problems$/);
  });
});

describe('suggestions', () => {
  test.each([
    ['fo', 'for'],
    ['partiton', 'partition'],
    ['leeder', 'leader'],
    ['sevrers', 'servers'],
    ['FOLLOWERS', 'followers'],
    ['dur', 'duration'],
  ])('%s -> %s', (word, wanted) => {
    const words = ['for', 'partition', 'leader', 'servers', 'followers', 'duration'];
    expect(nearest(word, words)).toBe(wanted);
  });

  test('are not made up', () => {
    expect(nearest('xyzzy', ['for', 'partition'])).toBeUndefined();
    expect(suggest('xyzzy', ['for', 'at'])).toBe('; expected for or at');
  });
});
