/**
 * Opens the interactive terminal and comes back when the user has left it. The screen is the
 * terminal's alternate one, which is given back however this ends.
 */
import { render } from 'ink';
import { createElement } from 'react';
import { App } from './app.ts';
import type { ScreenAsks } from './app.ts';
import { Controller } from './controller.ts';
import type { ControllerOptions } from './controller.ts';
import { Loop } from './loop.ts';
import { Reader } from './reader.ts';

export interface OpenOptions extends ControllerOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Seconds of wall time. */
  readonly now: () => number;
  /** Stops the program as the shell's Ctrl-Z does, until it is told to go on. */
  readonly stop: () => Promise<void>;
  /** Lines that a screen reader can speak, instead of a picture. */
  readonly lines: boolean;
  /** Does what the command line asks for before the first frame. */
  readonly prepare: (controller: Controller) => void;
}

/** Frames are paced by `Loop`; Ink draws what it is given at once. */
const INK_FPS = 1000;

export async function openTerminal(options: OpenOptions): Promise<void> {
  const controller = new Controller(options);
  options.prepare(controller);
  await (options.lines ? openLines(controller, options) : openScreen(controller, options));
}

async function openScreen(controller: Controller, options: OpenOptions): Promise<void> {
  const { stdin, stdout, now, theme, stop } = options;
  let failure: { readonly error: unknown } | null = null;
  let asks: ScreenAsks | null = null;
  let leave = (): void => {};
  const onError = (error: unknown): void => {
    failure = { error };
    leave();
  };
  const loop = new Loop({
    controller,
    now,
    draw: () => asks?.draw(),
    onQuit: () => leave(),
    onSuspend: () => void asks?.suspend(stop).then(() => loop.redraw(), onError),
    onError: (error) => onError(error),
  });
  const screen = render(
    createElement(App, {
      controller,
      theme,
      onKeys: (keys) => loop.onKeys(keys),
      onMount: (given) => {
        asks = given;
        loop.start();
        return () => loop.stop();
      },
      onResize: () => loop.redraw(),
    }),
    {
      stdin,
      stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      alternateScreen: true,
      incrementalRendering: true,
      interactive: true,
      maxFps: INK_FPS,
    },
  );
  leave = () => screen.unmount();
  try {
    await screen.waitUntilExit();
  } finally {
    loop.stop();
  }
  rethrow(failure);
}

async function openLines(controller: Controller, options: OpenOptions): Promise<void> {
  const reader = new Reader(controller, options);
  const failure = await reader.run();
  rethrow(failure);
}

function rethrow(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
