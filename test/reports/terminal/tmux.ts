/** One window of a tmux server of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../../bin/lictor.mjs', import.meta.url));

const PATIENCE_MILLIS = 25_000;
const LOOK_MILLIS = 60;

export function tmuxIsThere(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

export interface TmuxOptions {
  readonly width: number;
  readonly height: number;
  readonly folder: string;
  /** Before the shell, such as `NO_COLOR=1`. */
  readonly environment: string;
}

/** Of the status line of a screen; -1 while there is none. */
export function eventOn(screen: string): number {
  const found = /s {2}#(\d+) {2}(?:x\d+|1\/\d+|max)/.exec(screen);
  return found === null ? -1 : Number(found[1]);
}

export class Tmux {
  readonly folder: string;
  private readonly server = `lictor-${randomBytes(6).toString('hex')}`;

  constructor({ width, height, folder, environment }: TmuxOptions) {
    this.folder = folder;
    const size = ['-x', String(width), '-y', String(height)];
    const shell = `env -u CI LANG=C.UTF-8 ${environment} PS1='$ ' sh`;
    this.call('-f', '/dev/null', 'new-session', '-d', ...size, '-c', folder, shell);
  }

  private call(...words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.server, ...words], { encoding: 'utf8' });
  }

  /** Each word is a key, or text that is typed. */
  type(...words: readonly string[]): void {
    for (const word of words) this.call('send-keys', word === ';' ? '\\;' : word);
  }

  capture(colours = false): string {
    return this.call('capture-pane', '-p', ...(colours ? ['-e'] : []));
  }

  resize(width: number, height: number): void {
    this.call('resize-window', '-x', String(width), '-y', String(height));
  }

  /** The program that the shell runs. */
  program(): number {
    const shell = this.call('list-panes', '-F', '#{pane_pid}').trim();
    return Number(execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).trim().split('\n')[0]);
  }

  /** The screen, once it is as it should be. */
  async until(fits: (screen: string) => boolean): Promise<string> {
    const end = performance.now() + PATIENCE_MILLIS;
    for (;;) {
      const screen = this.capture();
      if (fits(screen)) return screen;
      if (performance.now() > end) throw new Error(`The screen stays as it is:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
    }
  }

  async shows(pattern: RegExp): Promise<string> {
    return await this.until((screen) => pattern.test(screen));
  }

  close(): void {
    spawnSync('tmux', ['-L', this.server, 'kill-server']);
  }
}
