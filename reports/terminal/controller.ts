/**
 * The interactive terminal without a terminal: keys come in, time passes, frames come out. The shell
 * around it (`app.ts`) only connects it with a real one.
 */
import type { Watched } from '../../sim/run/watch/watched.ts';
import { Edits } from './edits.ts';
import { frameOf } from './frame.ts';
import { actionOf } from './keys.ts';
import type { Action, Key } from './keys.ts';
import type { Line } from './line.ts';
import { moment } from './format.ts';
import { Player, REAL_TIME, SPEEDS } from './player.ts';
import { createUi } from './state.ts';
import type { Stage, Ui, ViewName } from './state.ts';
import type { Theme } from './theme.ts';
import { VIEWS, availableViews } from './views/registry.ts';
import { eventRows } from './views/events.ts';

export interface ControllerOptions {
  readonly watched: Watched;
  readonly theme: Theme;
  /** Where a saved run goes by default. */
  readonly file: string;
  /** Writes a file; throws an error whose message is fit to be shown. */
  readonly save: (file: string, text: string) => void;
}

/** What can be selected. */
const LISTED: readonly string[] = ['server', 'agent', 'instance'];
/** Events that the other future gains on this one in a turn. */
const CATCH_UP_EVENTS = 2_000;

export class Controller {
  readonly ui: Ui = createUi();
  readonly player: Player;
  /** The user wants to leave. */
  quitting = false;
  /** The user wants the shell for a while. */
  suspending = false;
  private readonly watched: Watched;
  private readonly options: ControllerOptions;
  private readonly edits: Edits;
  private size = { width: 80, height: 24 };

  constructor(options: ControllerOptions) {
    this.options = options;
    this.watched = options.watched;
    this.player = new Player(options.watched);
    this.edits = new Edits(options.watched, this.player, this.ui);
    this.player.arrive();
  }

  /** Whether the next turn should come at once. */
  get eager(): boolean {
    return this.player.eager || this.catchesUp;
  }

  /** Whether time passes. */
  get busy(): boolean {
    return this.player.busy || this.catchesUp;
  }

  private get catchesUp(): boolean {
    const { ui, watched, player } = this;
    return ui.view === 'compare' && watched.otherIsBehind(player.shownMicros);
  }

  turn(now: () => number, budget: number): void {
    this.player.turn(now, budget);
    if (this.ui.view === 'compare') {
      this.watched.catchUp(this.player.shownMicros, CATCH_UP_EVENTS);
    }
  }

  frame(width: number, height: number): Line[] {
    this.size = { width, height };
    return frameOf(this.stage());
  }

  stage(): Stage {
    const { watched, player, ui, options } = this;
    const processes = watched.sights.processes();
    return { watched, player, ui, theme: options.theme, processes, ...this.size };
  }

  press(key: Key): void {
    const { ui } = this;
    if (key === 'ctrl-c') {
      this.quitting = true;
      return;
    }
    if (key === 'ctrl-z') {
      this.player.stop();
      this.suspending = true;
      return;
    }
    if (ui.awaits !== null) return this.onLetter(key);
    if (ui.dialog?.kind === 'prompt') return this.onPromptKey(key);
    if (ui.dialog?.kind === 'choice') return this.onChoiceKey(key);
    const action = actionOf(key);
    if (ui.dialog?.kind === 'help' && !this.isForHelp(action)) {
      ui.dialog = null;
      ui.scroll = 0;
      if (action === 'help' || action === 'cancel' || action === 'quit') return;
    }
    if (action === undefined) return;
    ui.notice = null;
    this.act(action);
  }

  private isForHelp(action: Action | undefined): boolean {
    return ['up', 'down', 'pageUp', 'pageDown'].includes(action ?? '');
  }

  private onLetter(key: Key): void {
    const { ui, watched } = this;
    const awaited = ui.awaits;
    ui.awaits = null;
    if (key.length !== 1) return;
    if (awaited === 'mark') {
      ui.marks.set(key, watched.session.event);
      this.tell(`Marked as ${key}: event #${watched.session.event}; ' ${key} comes back`);
      return;
    }
    const event = ui.marks.get(key);
    if (event === undefined) this.tell(`There is no mark ${key}.`);
    else this.player.go({ kind: 'event', event });
  }

  private onPromptKey(key: Key): void {
    const { dialog } = this.ui;
    if (dialog?.kind !== 'prompt') return;
    if (key === 'escape') this.ui.dialog = null;
    else if (key === 'enter') {
      this.ui.dialog = null;
      dialog.accept(dialog.text);
    } else if (key === 'backspace') dialog.text = dialog.text.slice(0, -1);
    else if (key === 'space') dialog.text += ' ';
    else if (key.length === 1 && dialog.text.length < 200) dialog.text += key;
  }

  private onChoiceKey(key: Key): void {
    const { dialog } = this.ui;
    if (dialog?.kind !== 'choice') return;
    this.ui.dialog = null;
    if (key !== 'escape') dialog.accept(key);
  }

  private tell(text: string, style: 'good' | 'bad' | 'plain' = 'plain'): void {
    this.ui.notice = { text, style };
  }

  private act(action: Action): void {
    const { ui, player, edits } = this;
    const view = (Object.keys(VIEWS) as ViewName[]).find((name) => VIEWS[name].action === action);
    if (view !== undefined) return this.show(view);
    if (this.maybeMoveInTime(action)) return;
    switch (action) {
      case 'nextView':
        return this.turnViews(1);
      case 'previousView':
        return this.turnViews(-1);
      case 'up':
        return this.select(-1);
      case 'down':
        return this.select(1);
      case 'pageUp':
        return this.scroll(-1);
      case 'pageDown':
        return this.scroll(1);
      case 'filter':
        return this.ask('filter:', ui.filter, (text) => {
          ui.filter = text.trim();
          ui.cursor = ui.scroll = 0;
        });
      case 'detail':
        ui.detail = ((ui.detail + 1) % 3) as Ui['detail'];
        return;
      case 'breakMenu':
        return edits.openMenu();
      case 'command':
        return edits.askCommand();
      case 'heal':
        return edits.heal();
      case 'undo':
        return edits.undo();
      case 'save':
        player.stop();
        return this.ask('save as:', this.options.file, (file) => this.save(file.trim()));
      case 'help':
        ui.dialog = { kind: 'help' };
        ui.scroll = 0;
        return;
      case 'cancel':
        ui.filter = '';
        ui.cursor = ui.scroll = 0;
        ui.asked = null;
        return;
      case 'quit':
        this.quitting = true;
    }
  }

  private maybeMoveInTime(action: Action): boolean {
    const { player, watched, ui } = this;
    const { moment: here } = watched;
    switch (action) {
      case 'run':
        player.toggle();
        break;
      case 'forward':
        if (!player.stepForward()) this.tell('This is the end of the run.');
        break;
      case 'back':
        player.stepBack();
        break;
      case 'next':
        player.go({ kind: 'landmark', after: here.event });
        break;
      case 'previous':
        if (!player.goToPrevious()) player.go({ kind: 'event', event: 0 });
        break;
      case 'faster':
        player.setSpeed(player.speed + 1);
        break;
      case 'slower':
        player.setSpeed(player.speed - 1);
        break;
      case 'fastest':
        player.setSpeed(SPEEDS[player.speed] === Infinity ? REAL_TIME : SPEEDS.length - 1);
        break;
      case 'first':
        player.go({ kind: 'event', event: 0 });
        break;
      case 'last':
        player.go({ kind: 'time', micros: here.endMicros });
        break;
      case 'go':
        this.ask('go to (12.5s, #4711, 50%):', '', (text) => this.goTo(text.trim()));
        break;
      case 'mark':
        ui.awaits = 'mark';
        break;
      case 'jump':
        ui.awaits = 'jump';
        break;
      default:
        return false;
    }
    if (action !== 'run') ui.cursor = 0;
    return true;
  }

  /**
   * Goes where the command line says, before anything is shown; false where it makes no sense. At a
   * violation the first screen says how it came about.
   */
  begin(place: string | null, now: () => number): boolean {
    const { player, ui, watched } = this;
    if (place === null) {
      player.toggle();
      return true;
    }
    if (place === 'violation') {
      player.go({ kind: 'violation', after: -1 });
      ui.view = 'why';
    } else this.goTo(place);
    while (player.goal !== null) this.turn(now, 1);
    if (place === 'violation' && watched.moment.violations.length === 0) {
      this.tell('Nothing was violated until the end of the run.');
      ui.view = 'overview';
    }
    return ui.notice?.style !== 'bad';
  }

  private goTo(text: string): void {
    const { watched, player, ui } = this;
    const { endMicros } = watched.moment;
    const marked = ui.marks.get(text);
    const [, sign, digits, unit] = /^(#?)(\d+(?:\.\d+)?)\s*(us|ms|s|m|%)?$/.exec(text) ?? [];
    if (marked !== undefined) player.go({ kind: 'event', event: marked });
    else if (digits === undefined) {
      if (text !== '') this.tell(`Cannot go to "${text}": say 12.5s, #4711, 50% or a mark.`, 'bad');
    } else if (sign === '#') player.go({ kind: 'event', event: Math.floor(Number(digits)) });
    else {
      const unitMicros = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, '%': endMicros / 100 };
      const micros = Number(digits) * unitMicros[(unit ?? 's') as keyof typeof unitMicros];
      player.go({ kind: 'time', micros: Math.min(Math.round(micros), endMicros) });
    }
  }

  private ask(label: string, text: string, accept: (text: string) => void): void {
    this.ui.dialog = { kind: 'prompt', label, text, accept };
  }

  private save(file: string): void {
    if (file === '') return;
    const name = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/i, '');
    const place = /\.ya?ml$/i.test(file) ? file : `${file}.yaml`;
    try {
      this.options.save(place, this.watched.saved(name, place));
      const { seed } = this.watched.session;
      this.tell(`Saved. The same again: lictor run ${place} --seed ${seed}`, 'good');
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error), 'bad');
    }
  }

  private show(view: ViewName): void {
    const { ui } = this;
    if (!VIEWS[view].available(this.stage())) {
      const none = view === 'compare' ? 'Nothing was edited yet.' : 'This scenario has none of it.';
      return this.tell(`There is no view "${view}": ${none}`);
    }
    // Enter on a line of the list of events goes there; in a list of hosts it inspects the host.
    if (view === 'inspect' && ui.view === 'events' && ui.cursor > 0) return this.goToLine();
    ui.asked = null;
    if (view === 'why' && ui.view === 'events' && ui.cursor > 0)
      ui.asked = this.lineEvent() ?? null;
    else if (view === 'why' && ui.view === 'why') ui.asked = this.watched.session.event;
    ui.view = view;
    ui.scroll = 0;
    ui.cursor = 0;
  }

  private lineEvent(): number | undefined {
    const rows = eventRows(this.stage(), this.ui.cursor + 1);
    return rows[rows.length - 1 - this.ui.cursor]?.event;
  }

  private goToLine(): void {
    const event = this.lineEvent();
    if (event === undefined) return;
    this.ui.cursor = 0;
    this.player.go({ kind: 'event', event });
    this.tell(`Went to event #${event}, ${moment(this.player.shownMicros)}.`);
  }

  private turnViews(by: 1 | -1): void {
    const names = availableViews(this.stage());
    const at = names.indexOf(this.ui.view);
    this.show(names[(at + by + names.length) % names.length]!);
  }

  /** The line above or below where lines are chosen, else the host. */
  private select(by: 1 | -1): void {
    const { ui } = this;
    if (ui.dialog?.kind === 'help' || ui.view === 'why') return this.scrollBy(by);
    if (ui.view === 'events') {
      ui.cursor = Math.max(0, ui.cursor - by);
      return;
    }
    const processes = this.watched.sights.processes();
    const listed = processes.filter(({ kind }) => LISTED.includes(kind));
    const choice = listed.length > 0 ? listed : processes;
    const at = choice.findIndex(({ index }) => index === ui.selected);
    const next = choice[Math.max(0, Math.min(choice.length - 1, at + by))];
    ui.selected = next?.index ?? 0;
    if (ui.view === 'inspect') ui.scroll = 0;
  }

  private scroll(pages: 1 | -1): void {
    const page = Math.max(1, this.size.height - 8);
    const { view } = this.ui;
    if (view === 'events' && this.ui.dialog === null) {
      this.ui.cursor = Math.max(0, this.ui.cursor - pages * page);
      return;
    }
    // What is newest last is scrolled towards the past.
    const fromEnd = view === 'messages' || view === 'operations' || view === 'log';
    this.scrollBy(fromEnd && this.ui.dialog === null ? -pages * page : pages * page);
  }

  private scrollBy(lines: number): void {
    this.ui.scroll = Math.max(0, Math.min(100_000, this.ui.scroll + lines));
  }
}
