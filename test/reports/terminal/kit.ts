/** Watched runs, and terminals that only exist in a test. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatIssue, loadScenario } from '../../../scenarios/load.ts';
import { Controller } from '../../../reports/terminal/controller.ts';
import type { Key } from '../../../reports/terminal/keys.ts';
import { textOf } from '../../../reports/terminal/line.ts';
import { createTheme } from '../../../reports/terminal/theme.ts';
import { Watched } from '../../../sim/run/watch/watched.ts';

const LIBRARY = new URL('../../../scenarios/', import.meta.url);

export const SMALL = `
name: small
duration: 40s
settle: 10s
cluster:
  datacenters: { dc1: { servers: 3 } }
  agent: { performance: { raft_multiplier: 1 } }
load: { kv: { kind: kv, clients: 2, rate: 10/s, keys: 5 } }
faults: [ { at: 10s, for: 5s, crash: leader, how: kill } ]
known_issues: fix
`;

/** A shop that asks for payments; one of its instances is down for a while. */
export const SHOP = `
name: shop
duration: 60s
settle: 10s
cluster: { datacenters: { dc1: { servers: 1 } }, raft: { alone: true } }
services:
  shop:
    instances: 4
    workers: 4
    service_time: exp 5ms
    calls: [{ service: payment, timeout: 300ms, balance: p2c }]
  payment: { instances: 3, workers: 4, service_time: { median: 3ms, p99: 20ms } }
load:
  buy:
    kind: call
    service: shop
    clients: 10
    rate: 300/s
    balance: least-request
    timeout: 1s
    deadline: 3s
    retry: { attempts: 3, backoff: full-jitter 25ms..250ms, budget: 20% }
    outliers: { max_ejection_percent: 25% }
faults: [ { at: 10s, for: 15s, crash: shop-1 } ]
known_issues: fix
`;

export function watch(text: string, seed = 1, overrides: string[] = []): Watched {
  const loaded = loadScenario(text, { file: 'test.yaml', overrides });
  if (!loaded.ok) throw new Error(loaded.issues.map((issue) => formatIssue(issue)).join('\n'));
  const { scenario, config } = loaded;
  return new Watched({ scenario, config, seed });
}

/** A scenario of the library by its path there, such as `basic/leader-crash`. */
export function watchBundled(name: string, seed = 1, overrides: string[] = []): Watched {
  const file = fileURLToPath(new URL(`${name}.yaml`, LIBRARY));
  return watch(readFileSync(file, 'utf8'), seed, overrides);
}

export class Desk {
  readonly watched: Watched;
  readonly controller: Controller;
  /** What was saved, by the name of its file. */
  readonly saved = new Map<string, string>();
  /** Seconds. */
  private clock = 0;

  constructor(watched: Watched, unicode = true) {
    this.watched = watched;
    this.controller = new Controller({
      watched,
      theme: createTheme({ colour: false, unicode }),
      file: 'edited.yaml',
      save: (file, text) => void this.saved.set(file, text),
    });
  }

  /** Keys one after the other, and whatever a goal takes; running goes on only in `play`. */
  press(...keys: readonly Key[]): void {
    for (const key of keys) {
      this.controller.press(key);
      for (let turns = 0; this.controller.player.goal !== null && turns < 10_000; turns++) {
        this.controller.turn(() => this.tick(), 0.01);
      }
    }
  }

  type(text: string): void {
    for (const character of text) this.press(character === ' ' ? 'space' : character);
  }

  /** Time passes: a turn every 20 ms. */
  play(seconds: number): void {
    for (const end = this.clock + seconds; this.clock < end; this.clock += 0.02) {
      const now = this.clock;
      this.controller.turn(() => now, 1);
    }
  }

  private tick(): number {
    return (this.clock += 0.0001);
  }

  screen(width = 80, height = 24): string {
    return this.controller.frame(width, height).map(textOf).join('\n');
  }
}

/** What Ink needs of a keyboard. */
export class Keyboard extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  private waiting: string | null = null;

  type(data: string): void {
    this.waiting = data;
    this.emit('readable');
    this.emit('data', data);
  }

  read(): string | null {
    const data = this.waiting;
    this.waiting = null;
    return data;
  }

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  setEncoding(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
}

/** A screen that keeps everything that was written to it. */
export class Screen extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  written = '';

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, ...rest: readonly unknown[]): boolean {
    this.written += text;
    for (const one of rest) if (typeof one === 'function') (one as () => void)();
    return true;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}
