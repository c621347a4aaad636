/** Loading small scenarios in tests. */
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import type { Loaded } from '../../scenarios/load.ts';

/** A scenario that uses every part of the language. */
export const FULL = `# everything at once
name: full
description: Everything this version has.
start: formed
warmup: 10s
duration: 2m
settle: 20s
cluster:
  consul: "1.21.4"
  raft: { pre_vote: true, max_append_entries: 32, commit_timeout: 40ms }
  datacenters: { dc1: { servers: 5, zones: [a, b, c] } }
  agent: { performance: { raft_multiplier: 1 } }
  cpu: { message: 10us }
  hosts:
    s2: { consul: "1.20.2" }
    s4..s5: { agent: { performance: { raft_multiplier: 5 } }, raft: { max_append_entries: 1 }, cpu: 50% }
network:
  zone: { latency: { median: 250us, p99: 1ms } }
  lan:  { latency: { median: 500us, p99: 2ms }, loss: 0.01% }
  tcp:  { retransmit: 200ms, retransmit_max: 2m, syn: 1s }
  links: [ { between: [s1, zone:b], latency: 80ms }, { from: s1, to: clients, loss: 2% } ]
disks:  { all: { fsync: { median: 1ms, p99: 9ms } }, s3: { fsync: 20ms } }
clocks: { all: { offset: -50ms..50ms, drift: -50ppm..50ppm }, s3: { drift: 2000ppm } }
load:
  kv:   { kind: kv, clients: 2, rate: 100/s, keys: 50, mix: { put: 30%, get: 70% }, timeout: 1s }
  slow: { kind: kv, think: exp 10ms, consistency: stale }
faults:
  - { at: 20s, for: 10s, crash: leader, how: power }
  - { every: 20s..40s, for: 1s..5s, partition: { isolate: random }, only: [raft], transport: tcp }
  - { when: { elected: 2 }, after: 50ms, for: 3s, pause: leader, kind: stop, times: 3 }
  - { when: { voted: s3 }, crash: s3, how: kill, at_write: 2, for: 20ms }
  - deploy:
      - { at: 30s, restart: servers, one_by_one: true, wait: voted }
      - { skew: s1, drift: 3000ppm, for: 20s }
      - { after: 2s, slow: [s2, leader], disk: 4x, for: 1s }
  - { at: 50s, restart: { hosts: s1..s2, one_by_one: true, wait: 5s } }
  - { at: 50s, loss: 5%, between: [s1, followers], direction: in, for: 4s, only: rpc }
  - { at: 51s, partition: { zone: b }, for: 4s }
  - { at: 52s, delay: 5ms..10ms, from: s1, for: 4s }
  - { at: 60s, skew: s2, jump: -3s }
  - { every: 10s, since: 61s, until: 90s, disk: random:2, stall: true, for: 1s }
  - { at: 99s, heal: true }
  - swarm: { intensity: 0.5 }
invariants: { without: [raft.vote-once], raft.one-leader: { within: 15s } }
thresholds:
  kv.availability: ">99%"
  kv.latency: [p99<250ms, max<=2s]
  raft.failover: { "max<5s": { abort: true } }
  network.messages{raft.append}: "<1M"
  fault.effect{1}: ">0"
expect: { violation: raft.election-safety, known: raft#1 }
plant: [B4]
fix: [B5]
known_issues: allow
initial: { s5: { down: true }, kv: { config/app: v0 } }
limits: { events: 50M, wall: 60s, memory: 1GiB }
`;

/** Loads text that must be right. */
export function load(text: string, overrides: readonly string[] = []): Loaded {
  const result = loadScenario(text, { file: 'test.yaml', overrides });
  if (result.ok) return result;
  throw new Error(result.issues.map((issue) => formatIssue(issue)).join('\n'));
}

/** Problems of text that must be wrong, each as `line:column message` or `--set:1:12 message`. */
export function problems(text: string, overrides: readonly string[] = []): string[] {
  const result = loadScenario(text, { file: 'test.yaml', overrides });
  if (result.ok) throw new Error('the scenario is right');
  return result.issues.map((issue) => formatIssue(issue).replace('test.yaml:', ''));
}

/** Problems of one line of a scenario that is otherwise right; positions count in that line. */
export function problemsOf(line: string): string[] {
  const rest = line.startsWith('duration:') ? '' : '\nduration: 60s';
  return problems(`${line}${rest}\n`).map((text) => text.replace(/^1:/, ''));
}

/** Problems of one fault; columns count from its beginning. */
export function faultProblems(fault: string, more = ''): string[] {
  return problems(`duration: 60s\n${more}faults:\n- ${fault}\n`).map((text) =>
    text.replace(/^\d+:(\d+)/, (_, column) => String(Number(column) - 2)),
  );
}
