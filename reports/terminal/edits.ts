/** Breaking things by hand: menus, questions, and what becomes of the future that is known. */
import { faultText, groupsText, isLasting, oneWayText } from './breaking.ts';
import { duration, moment } from './format.ts';
import { BREAK_KEYS } from './keys.ts';
import type { BreakAction } from './keys.ts';
import type { Player } from './player.ts';
import { LASTS } from './state.ts';
import type { Ui } from './state.ts';
import type { Watched } from '../../sim/run/watch/watched.ts';
import type { ProcessRow } from '../../sim/run/watch/sights.ts';

/** How late a message is that is held back. */
const HELD_MICROS = 1_000_000;
const LASTS_KEY = 'L';

export class Edits {
  private readonly watched: Watched;
  private readonly player: Player;
  private readonly ui: Ui;

  constructor(watched: Watched, player: Player, ui: Ui) {
    this.watched = watched;
    this.player = player;
    this.ui = ui;
  }

  private tell(text: string, style: 'good' | 'bad' | 'plain'): void {
    this.ui.notice = { text, style };
  }

  private processes(): ProcessRow[] {
    return this.watched.sights.processes();
  }

  /** The host that the selected process lives on. */
  private get host(): string {
    return this.processes()[this.ui.selected]?.host ?? '';
  }

  openMenu(): void {
    this.player.stop();
    const options = (Object.keys(BREAK_KEYS) as BreakAction[]).map((action) => ({
      key: BREAK_KEYS[action].key,
      text: BREAK_KEYS[action].help,
    }));
    const [lasts] = LASTS[this.ui.lasts]!;
    this.ui.dialog = {
      kind: 'choice',
      title: `Break ${this.host}, ${lasts} (${LASTS_KEY} changes that)`,
      options,
      accept: (key) => this.onMenu(key),
    };
  }

  private onMenu(key: string): void {
    if (key === LASTS_KEY) {
      this.ui.lasts = (this.ui.lasts + 1) % LASTS.length;
      return this.openMenu();
    }
    const action = (Object.keys(BREAK_KEYS) as BreakAction[]).find(
      (one) => BREAK_KEYS[one].key === key,
    );
    if (action === undefined) return;
    const text = faultText(action, this.host);
    if (text !== null) return this.inject(this.withDuration(text, isLasting(action)));
    if (action === 'groups') return this.askSides();
    if (action === 'oneway')
      return this.askTarget(`Lose what ${this.host} sends to`, true, (to) => {
        this.inject(this.withDuration(oneWayText(this.host, to), true));
      });
    const held = action === 'hold' ? HELD_MICROS : null;
    this.askTarget(`The next message from ${this.host} to`, false, ([to]) => {
      this.onNextMessage(to!, held);
    });
  }

  private withDuration(text: string, lasting: boolean): string {
    const micros = LASTS[this.ui.lasts]![1];
    return micros === null || !lasting ? text : `${text}, for: ${micros / 1_000_000}s`;
  }

  /** Letters for the other hosts; the first ones where there are many. */
  private askTarget(title: string, several: boolean, accept: (hosts: string[]) => void): void {
    const { host } = this;
    const others = hostsOf(this.processes()).filter((one) => one !== host);
    const options = others.slice(0, 26).map((name, at) => ({ key: letterOf(at), text: name }));
    if (several) options.push({ key: '*', text: 'all of them' });
    this.ui.dialog = {
      kind: 'choice',
      title,
      options,
      accept: (key) => {
        const chosen = options.find((option) => option.key === key);
        if (chosen !== undefined) accept(key === '*' ? others : [chosen.text]);
      },
    };
  }

  /** Keys put hosts on the side of the selected one; enter cuts. */
  private askSides(side: readonly string[] = [this.host]): void {
    const hosts = hostsOf(this.processes());
    const options = hosts.slice(0, 26).map((name, at) => ({
      key: letterOf(at),
      text: `${side.includes(name) ? '[x]' : '[ ]'} ${name}`,
    }));
    options.push({ key: 'enter', text: 'cut them off from the others' });
    this.ui.dialog = {
      kind: 'choice',
      title: `Who is on the side of ${this.host}?`,
      options,
      accept: (key) => {
        const at = options.findIndex((option) => option.key === key);
        if (at < 0) return this.askSides(side);
        if (key !== 'enter') {
          const name = hosts[at]!;
          const without = side.filter((one) => one !== name);
          return this.askSides(without.length < side.length ? without : [...side, name]);
        }
        const others = hosts.filter((one) => !side.includes(one));
        if (side.length === 0 || others.length === 0) return this.askSides(side);
        this.inject(this.withDuration(groupsText(side, others), true));
      },
    };
  }

  askCommand(): void {
    this.player.stop();
    const last = this.ui.dialog?.kind === 'prompt' ? this.ui.dialog.text : '';
    this.ui.dialog = {
      kind: 'prompt',
      label: 'fault:',
      text: last,
      accept: (text) => {
        if (text.trim() !== '') this.inject(text);
      },
    };
  }

  heal(): void {
    this.player.stop();
    this.inject('heal: true');
  }

  /** Asks first where a known future would be lost. */
  private inject(text: string): void {
    const typed = this.allowed() ? this.watched.parse(text) : null;
    if (typed === null) return;
    if (!typed.ok) return this.tell(typed.message, 'bad');
    const { action, lastsMicros } = typed.fault;
    this.afterAsking(() => {
      const edit = this.watched.inject(action, lastsMicros, Math.floor(this.player.shownMicros));
      const lasts = lastsMicros === null ? '' : ` for ${duration(lastsMicros)}`;
      this.tell(`${edit.fault.label}${lasts}, from here on; u takes it back, s saves`, 'good');
    });
  }

  private onNextMessage(to: string, lateMicros: number | null): void {
    if (!this.allowed()) return;
    const from = this.host;
    this.afterAsking(() => {
      const lasts = this.watched.touchNext(
        { from, to, lateMicros },
        Math.floor(this.player.shownMicros),
      );
      const what = lateMicros === null ? 'is lost' : `comes ${duration(lateMicros)} late`;
      if (lasts === null) this.tell(`No message from ${from} to ${to} follows.`, 'bad');
      else
        this.tell(`The next message from ${from} to ${to} ${what}, in ${duration(lasts)}`, 'good');
      this.player.arrive();
    });
  }

  private allowed(): boolean {
    const { refusal } = this.watched;
    if (refusal !== null) this.tell(refusal, 'bad');
    return refusal === null;
  }

  private afterAsking(act: () => void): void {
    const { watched, ui } = this;
    if (!watched.inPast) return act();
    const known = watched.landmarks.knownTo;
    ui.dialog = {
      kind: 'choice',
      title:
        `You are in the past: what is known up to event #${known} will not happen. ` +
        'It can be compared with later.',
      options: [
        { key: 'y', text: 'yes, make another future from here' },
        { key: 'n', text: 'no, leave everything as it was' },
      ],
      accept: (key) => {
        if (key === 'y') act();
        else this.tell('Nothing was changed.', 'plain');
      },
    };
  }

  undo(): void {
    this.player.stop();
    const last = this.watched.session.edits.at(-1);
    if (last === undefined) return this.tell('There is no edit to take back.', 'plain');
    this.watched.undo();
    this.player.arrive();
    this.tell(`Taken back: ${last.fault.label}, at ${moment(this.player.shownMicros)}`, 'good');
  }
}

/** Every host once, in the order of the processes. */
function hostsOf(processes: readonly ProcessRow[]): string[] {
  return [...new Set(processes.map(({ host }) => host))];
}

function letterOf(at: number): string {
  return String.fromCharCode(97 + at);
}
