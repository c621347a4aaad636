/**
 * The terminal as Ink draws it, on screens that a test makes: what ink-testing-library does, but in
 * any size, since that library has one only.
 */
import { render } from 'ink';
import { createElement } from 'react';
import { afterEach, describe, expect, test } from 'vitest';
import { App } from '../../../reports/terminal/app.ts';
import type { ScreenAsks } from '../../../reports/terminal/app.ts';
import { Controller } from '../../../reports/terminal/controller.ts';
import { Loop } from '../../../reports/terminal/loop.ts';
import { openTerminal } from '../../../reports/terminal/open.ts';
import { Pacing } from '../../../reports/terminal/pacing.ts';
import { createTheme } from '../../../reports/terminal/theme.ts';
import { unpainted } from '../../../reports/paint.ts';
import { Keyboard, SMALL, Screen, watch } from './kit.ts';

const now = (): number => performance.now() / 1000;
const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

interface Shown {
  readonly keyboard: Keyboard;
  readonly screen: Screen;
  readonly controller: Controller;
  frame(): string;
}

function show(columns: number, rows: number, colour: boolean): Shown {
  const screen = new Screen(columns, rows);
  const keyboard = new Keyboard();
  const theme = createTheme({ colour, unicode: true });
  const watched = watch(SMALL);
  const controller = new Controller({ watched, theme, file: 'x.yaml', save: () => {} });
  let frames: string[] = [];
  screen.write = (text: string, ...rest: readonly unknown[]) => {
    if (text.includes('lictor')) frames = [text];
    for (const one of rest) if (typeof one === 'function') (one as () => void)();
    return true;
  };
  let draw = (): void => {};
  const props = {
    controller,
    theme,
    onKeys: (keys: readonly string[]) => {
      keys.forEach((key) => controller.press(key));
      while (controller.player.goal !== null) controller.turn(now, 1);
      draw();
    },
    onMount: (asks: ScreenAsks) => {
      draw = asks.draw;
      return () => {};
    },
    onResize: () => {},
  };
  const instance = render(createElement(App, props), {
    stdout: screen as never,
    stdin: keyboard as never,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  open.push(() => instance.unmount());
  return { screen, keyboard, controller, frame: () => frames.at(-1) ?? '' };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('frames', () => {
  test.each([
    [80, 24, true],
    [80, 24, false],
    [120, 40, true],
    [120, 40, false],
    [40, 12, true],
    [40, 12, false],
  ])('of %i by %i, colours %s', async (columns, rows, colour) => {
    const shown = show(columns, rows, colour);
    await settle();
    for (const keys of ['g12s\r', '2', '3', '6', '7', '8', '9', 'w', '1', '?', '\u001b']) {
      for (const key of keys) {
        shown.keyboard.type(key);
        await settle();
      }
      const lines = shown.frame().split('\n');
      expect(lines.length).toBeLessThanOrEqual(rows + 1);
      for (const line of lines) expect(unpainted(line).length).toBeLessThanOrEqual(columns);
      expect(shown.frame()).toContain(colour ? '\u001b[' : 'lictor');
      expect(/\[(\d+;)?9\dm/.test(shown.frame())).toBe(colour);
    }
    const text = unpainted(shown.frame());
    expect(text).toContain('12.000000s');
    expect(text).toMatch(/s\d +down/);
    expect(text).toContain('#');
  });

  test('follow the size of the window', async () => {
    const shown = show(120, 40, false);
    await settle();
    shown.screen.resize(50, 15);
    await settle();
    const lines = unpainted(shown.frame()).split('\n');
    expect(lines.length).toBeLessThanOrEqual(16);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(50);
    expect(lines[0]).toContain('no violation');
  });

  test('keys that come in one piece are all pressed', async () => {
    const shown = show(80, 24, false);
    await settle();
    shown.keyboard.type('..........,');
    await settle();
    expect(unpainted(shown.frame())).toContain('#9 ');
  });
});

describe('the terminal', () => {
  const ENTER = '\u001b[?1049h';
  const LEAVE = '\u001b[?1049l';
  const SHOW_CURSOR = '\u001b[?25h';

  function start(
    lines = false,
    prepare: (controller: Controller) => void = () => {},
    stop = () => Promise.resolve(),
  ) {
    const screen = new Screen(80, 24);
    const keyboard = new Keyboard();
    const done = openTerminal({
      watched: watch(SMALL),
      theme: createTheme({ colour: false, unicode: true }),
      file: 'x.yaml',
      save: () => {},
      stdin: keyboard as never,
      stdout: screen as never,
      now,
      stop,
      lines,
      prepare,
    });
    return { screen, keyboard, done };
  }

  test('is given back when the user leaves', async () => {
    const { screen, keyboard, done } = start();
    await settle();
    expect(screen.written).toContain(ENTER);
    expect(keyboard.raw).toBe(true);
    keyboard.type('q');
    await done;
    expect(screen.written.lastIndexOf(LEAVE)).toBeGreaterThan(screen.written.lastIndexOf(ENTER));
    expect(screen.written.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(0);
    expect(keyboard.raw).toBe(false);
  });

  test.each([false, true])(
    'is given to the shell by Ctrl-Z, and taken again (lines: %s)',
    async (lines) => {
      let goOn = (): void => {};
      let raw: boolean | null = null;
      const stop = (): Promise<void> => {
        raw = keyboard.raw;
        return new Promise((resolve) => (goOn = resolve));
      };
      const { screen, keyboard, done } = start(lines, () => {}, stop);
      await settle();
      keyboard.type('\u001a');
      await settle();
      expect(raw).toBe(false);
      const before = screen.written.length;
      if (!lines)
        expect(screen.written.lastIndexOf(LEAVE)).toBeGreaterThan(
          screen.written.lastIndexOf(ENTER),
        );
      goOn();
      await settle();
      expect(keyboard.raw).toBe(true);
      if (!lines) expect(unpainted(screen.written.slice(before))).toContain('paused');
      keyboard.type('q');
      await done;
    },
  );

  test.each([
    [
      'while time passes',
      (controller: Controller) => {
        controller.press('space');
        controller.turn = () => {
          throw new Error('broken on purpose');
        };
      },
    ],
    [
      'while it draws',
      (controller: Controller) => {
        const { frame } = controller;
        let drawn = 0;
        controller.frame = (width, height) => {
          if (drawn++ > 1) throw new Error('broken on purpose');
          return frame.call(controller, width, height);
        };
        controller.press('space');
      },
    ],
  ])('is given back after a crash %s, which is told', async (_, prepare) => {
    const { screen, keyboard, done } = start(false, prepare);
    await expect(done).rejects.toThrow('broken on purpose');
    expect(screen.written.lastIndexOf(LEAVE)).toBeGreaterThan(screen.written.lastIndexOf(ENTER));
    expect(keyboard.raw).toBe(false);
  });

  test('in lines says what happens, once', async () => {
    const { screen, keyboard, done } = start(true);
    await settle();
    for (const key of ['n', '.', '3', 'b', 'c', '?', 'q']) {
      keyboard.type(key);
      for (let i = 0; i < 3; i++) await settle();
    }
    keyboard.type('q');
    await done;
    const text = unpainted(screen.written);
    expect(text).toContain('Watching small, seed 1');
    expect(text).toMatch(/Event \d+ at 10\.000000s: begin crash leader/);
    expect(text).toContain('View: log.');
    expect(text).toContain('c: crash: the process is killed');
    expect(text).toContain('one event forward');
    expect(text).not.toContain(ENTER);
    expect(text.match(/begin crash leader/g)!.length).toBeLessThanOrEqual(3);
  });
});

describe('frames a second', () => {
  test('are thirty at most, and a key need not wait while time passes', () => {
    let clock = 0;
    const pacing = new Pacing(() => clock);
    const drawn: number[] = [];
    for (; clock < 2; clock += 0.001) {
      if (pacing.wait(false) > 0) continue;
      pacing.drawn();
      drawn.push(clock);
    }
    expect(drawn.length).toBeLessThanOrEqual(41);
    expect(drawn.length).toBeGreaterThanOrEqual(38);
    expect(pacing.wait(true)).toBe(0);
    let keys = 0;
    for (const end = clock + 1; clock < end; clock += 0.001) {
      if (pacing.wait(true) > 0) continue;
      pacing.drawn();
      keys++;
    }
    expect(keys).toBeLessThanOrEqual(32);
  });

  test('of a run as fast as it goes: keys are answered between them', async () => {
    const watched = watch(SMALL.replace('40s', '4h'));
    const theme = createTheme({ colour: false, unicode: true });
    const controller = new Controller({ watched, theme, file: 'x.yaml', save: () => {} });
    let draws = 0;
    const loop = new Loop({
      controller,
      now,
      draw: () => {
        draws++;
        controller.frame(80, 24);
      },
      onQuit: () => {},
      onSuspend: () => {},
      onError: (error) => {
        throw error;
      },
    });
    loop.start();
    loop.onKeys(['*', 'space']);
    const begin = now();
    await new Promise((resolve) => setTimeout(resolve, 400));
    loop.onKeys(['space']);
    const seconds = now() - begin;
    loop.stop();
    expect(controller.player.running).toBe(false);
    expect(watched.moment.event).toBeGreaterThan(500);
    expect(draws).toBeLessThanOrEqual(3 + 30 * seconds);
    expect(draws).toBeGreaterThan(1);
  });
});
