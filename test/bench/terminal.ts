/**
 * How long the terminal takes to answer a key: from the moment at which it is pressed to the frame
 * that shows it, on a screen of 160 by 50. Ink, its layout and everything else is part of it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openTerminal } from '../../reports/terminal/open.ts';
import type { Controller } from '../../reports/terminal/controller.ts';
import { createTheme } from '../../reports/terminal/theme.ts';
import type { Watched } from '../../sim/run/watch/watched.ts';
import { Keyboard, Screen, watch } from '../reports/terminal/kit.ts';
import type { Answered, Bench } from './harness.ts';

const WIDTH = 160;
const HEIGHT = 50;
/** Keys that are pressed before any is counted: code gets warm. */
const WARM_UP_KEYS = 30;

function scenario(name: string, overrides: string[]): Watched {
  const file = fileURLToPath(new URL(`../../scenarios/basic/${name}.yaml`, import.meta.url));
  return watch(readFileSync(file, 'utf8'), 1, ['limits.events=1000000000', ...overrides]);
}

/** A terminal of which one can ask how long a key took. */
class Station {
  readonly screen = new Screen(WIDTH, HEIGHT);
  private readonly keyboard = new Keyboard();
  private readonly done: Promise<void>;
  private handled = false;
  private answer: (() => void) | null = null;

  constructor(watched: Watched, prepare: (controller: Controller) => void) {
    const write = this.screen.write.bind(this.screen);
    this.screen.write = (text: string, ...rest: readonly unknown[]) => {
      this.screen.written = '';
      const whole = write(text, ...rest);
      if (this.handled && text.length > 20) this.answer?.();
      return whole;
    };
    this.done = openTerminal({
      watched,
      theme: createTheme({ colour: true, unicode: true }),
      file: 'x.yaml',
      save: () => {},
      stdin: this.keyboard as never,
      stdout: this.screen as never,
      now: () => performance.now() / 1000,
      stop: () => Promise.resolve(),
      lines: false,
      prepare: (controller) => {
        const press = controller.press.bind(controller);
        controller.press = (key) => {
          press(key);
          this.handled = true;
        };
        prepare(controller);
      },
    });
  }

  /** Until the frame; the key is pressed `afterMillis` from now, ready or not. */
  async press(key: string, afterMillis: number): Promise<Answered> {
    const pressed = performance.now() + afterMillis;
    await new Promise((resolve) => setTimeout(resolve, afterMillis));
    const cpu = process.threadCpuUsage();
    this.handled = false;
    const drawn = new Promise<void>((resolve) => (this.answer = resolve));
    this.keyboard.type(key);
    await drawn;
    this.answer = null;
    const { user, system } = process.threadCpuUsage(cpu);
    return { millis: performance.now() - pressed, cpuMillis: (user + system) / 1000 };
  }

  async close(): Promise<void> {
    this.keyboard.type('q');
    await this.done;
  }
}

/** Keys that choose the host above and below, while the run goes as fast as it can. */
async function keyAtFullSpeed(watched: Watched, view: string, keys: number): Promise<Answered[]> {
  const station = new Station(watched, (controller) => {
    for (const key of [view, '*', 'space']) controller.press(key);
  });
  const answers: Answered[] = [];
  for (let i = 0; i < WARM_UP_KEYS + keys; i++) {
    // Never in step with the frames.
    const took = await station.press(i % 6 < 3 ? 'j' : 'k', 20 + ((i * 37) % 53));
    if (i >= WARM_UP_KEYS) answers.push(took);
  }
  await station.close();
  return answers;
}

/** Steps back, some of them the first after the run has come a long way forward. */
async function stepBack(watched: Watched, event: number, keys: number): Promise<Answered[]> {
  while (watched.session.event < event) watched.advance(Infinity, event - watched.session.event);
  const station = new Station(watched, (controller) => controller.press('space'));
  const answers: Answered[] = [];
  for (let i = 0; answers.length < keys; i++) {
    if (i % 5 === 0) watched.advance(Infinity, 500 + ((i * 911) % 4000));
    const took = await station.press(',', 40);
    if (i >= WARM_UP_KEYS) answers.push(took);
  }
  await station.close();
  return answers;
}

const AGENTS = ['cluster.datacenters.dc1.agents=1000', 'faults=[]', 'duration=10h'];
const KEYS = 200;

export const bench: Bench = {
  name: 'terminal',
  title: 'from a key to its frame, 160x50',
  cases: [
    {
      name: 'key-at-full-speed',
      params: { agents: 1000, view: 'overview' },
      latency: () => keyAtFullSpeed(scenario('agent-crash', AGENTS), '1', KEYS),
    },
    {
      name: 'key-at-full-speed',
      params: { agents: 1000, view: 'members' },
      latency: () => keyAtFullSpeed(scenario('agent-crash', AGENTS), '4', KEYS),
    },
    {
      name: 'step-back',
      params: { servers: 3, event: 500_000 },
      latency: () => {
        const load = ['load.kv.rate=150/s', 'duration=2h'];
        return stepBack(scenario('steady-state', load), 500_000, KEYS);
      },
    },
    {
      name: 'step-back',
      params: { agents: 1000, event: 500_000 },
      latency: () => stepBack(scenario('agent-crash', AGENTS), 500_000, KEYS),
    },
  ],
};
