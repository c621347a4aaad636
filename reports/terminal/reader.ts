/**
 * The terminal for screen readers, and for terminals that can do nothing else: lines are printed, one
 * after the other, and never changed. The keys are the same.
 */
import { Text, render, useApp, useInput } from 'ink';
import { createElement, useEffect } from 'react';
import type { ReactElement } from 'react';
import type { Watched } from '../../sim/run/watch/watched.ts';
import type { ScreenAsks } from './app.ts';
import type { Controller } from './controller.ts';
import { moment, speedText } from './format.ts';
import { helpLines } from './help.ts';
import { keysOf } from './input.ts';
import { keyText } from './keys.ts';
import type { Key } from './keys.ts';
import { textOf } from './line.ts';
import { Loop } from './loop.ts';
import { SPEEDS } from './player.ts';
import { VIEWS } from './views/registry.ts';

const WIDTH = 100;
const HEIGHT = 40;
/** Lines that one turn may say. */
const LINES_MAX = 20;

export interface ReaderOptions {
  readonly watched: Watched;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly now: () => number;
  readonly stop: () => Promise<void>;
}

export class Reader {
  private readonly controller: Controller;
  private readonly options: ReaderOptions;
  /** What has been said: the last event, view, question and notice. */
  private said = { event: -1, view: '', selected: 0, dialog: '', notice: '', running: false };

  constructor(controller: Controller, options: ReaderOptions) {
    this.controller = controller;
    this.options = options;
  }

  /** Until the user leaves; what went wrong, if anything did. */
  async run(): Promise<{ readonly error: unknown } | null> {
    const { controller, options } = this;
    let failure: { readonly error: unknown } | null = null;
    let leave = (): void => {};
    let suspend: ScreenAsks['suspend'] = (during) => during();
    const onError = (error: unknown): void => {
      failure = { error };
      leave();
    };
    const loop = new Loop({
      controller,
      now: options.now,
      draw: () => this.say(),
      onQuit: () => leave(),
      onSuspend: () => void suspend(options.stop).then(() => loop.redraw(), onError),
      onError,
    });
    this.print([`Watching ${this.where()}. ? lists the keys, q quits.`]);
    const props: KeysProps = {
      onKeys: (keys) => loop.onKeys(keys),
      onMount: (given) => (suspend = given),
    };
    const listener = render(createElement(Keys, props), {
      stdin: options.stdin,
      stdout: options.stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: true,
      interactive: true,
    });
    leave = () => listener.unmount();
    loop.start();
    await listener.waitUntilExit();
    loop.stop();
    return failure;
  }

  private print(lines: readonly string[]): void {
    const text = lines.map((one) => one.trimEnd()).filter((one) => one !== '');
    if (text.length > 0) this.options.stdout.write(`${text.join('\n')}\n`);
  }

  private where(): string {
    const { scenario, seed, nowMicros, event } = this.options.watched.moment;
    return `${scenario}, seed ${seed}, at ${moment(nowMicros)}, event ${event}`;
  }

  /** Says what is new since it last spoke. */
  say(): void {
    const { ui, player } = this.controller;
    const lines = [...this.newEvents(), ...this.newView(), ...this.newDialog()];
    const notice = ui.notice?.text ?? '';
    if (notice !== this.said.notice) lines.push(notice);
    this.said.notice = notice;
    if (player.running !== this.said.running) {
      this.said.running = player.running;
      const speed = speedText(SPEEDS[player.speed]!);
      lines.push(player.running ? `Running at ${speed}.` : `Paused: ${this.where()}.`);
    }
    this.print(lines);
  }

  private newEvents(): string[] {
    const { watched } = this.options;
    const { event } = watched.session;
    const before = this.said.event;
    if (event === before || this.controller.player.goal !== null) return [];
    this.said.event = event;
    if (this.controller.player.running) {
      const notes = watched.sights.notes(LINES_MAX, 0).filter(({ event: at }) => at > before);
      return notes.map(
        (note) => `${moment(note.micros)} ${note.process} ${note.what} ${note.text}`,
      );
    }
    if (event === 0) return ['The beginning.'];
    const { micros, process, what, notes } = watched.happening(event);
    return [
      `Event ${event} at ${moment(micros)}: ${process === '-' ? '' : `${process}, `}${what}`,
      ...notes.map((note) => `  ${note.process} ${note.what} ${note.text}`),
      ...(watched.changes ?? []).map(
        ({ process: whose, machine, field, before: was, after: is }) =>
          `  ${whose} ${machine} ${field} was ${was ?? 'nothing'}, is ${is ?? 'nothing'}`,
      ),
    ].slice(0, LINES_MAX);
  }

  private newView(): string[] {
    const { ui } = this.controller;
    if (ui.view === this.said.view && ui.selected === this.said.selected) return [];
    this.said.view = ui.view;
    this.said.selected = ui.selected;
    const stage = { ...this.controller.stage(), width: WIDTH, height: HEIGHT };
    return [`View: ${ui.view}.`, ...VIEWS[ui.view].draw(stage).map(textOf)];
  }

  private newDialog(): string[] {
    const { dialog } = this.controller.ui;
    const name = dialog === null ? '' : dialog.kind === 'choice' ? dialog.title : dialog.kind;
    if (name === this.said.dialog) return [];
    this.said.dialog = name;
    if (dialog === null) return [];
    if (dialog.kind === 'help') return helpLines(WIDTH).map(textOf);
    if (dialog.kind === 'prompt') return [`${dialog.label} (type, then Enter)`];
    return [dialog.title, ...dialog.options.map(({ key, text }) => `  ${keyText(key)}: ${text}`)];
  }
}

interface KeysProps {
  readonly onKeys: (keys: readonly Key[]) => void;
  readonly onMount: (suspend: ScreenAsks['suspend']) => void;
}

function Keys({ onKeys, onMount }: KeysProps): ReactElement {
  const { suspendTerminal } = useApp();
  useEffect(() => onMount(suspendTerminal), [onMount, suspendTerminal]);
  useInput((input, key) => onKeys(keysOf(input, key)));
  return createElement(Text, null, '');
}
