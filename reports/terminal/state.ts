/** What a screen remembers beside the run: which view, what is selected, what is being asked. */
import type { ProcessRow } from '../../sim/run/watch/sights.ts';
import type { Watched } from '../../sim/run/watch/watched.ts';
import type { Player } from './player.ts';
import type { Theme } from './theme.ts';

export type ViewName =
  | 'overview'
  | 'messages'
  | 'log'
  | 'members'
  | 'services'
  | 'operations'
  | 'lanes'
  | 'events'
  | 'inspect'
  | 'why'
  | 'compare';

/** A question at the bottom of the screen, answered by typing. */
export interface Prompt {
  readonly kind: 'prompt';
  readonly label: string;
  text: string;
  readonly accept: (text: string) => void;
}

/** A question that one key answers. */
export interface Choice {
  readonly kind: 'choice';
  readonly title: string;
  readonly options: readonly { readonly key: string; readonly text: string }[];
  readonly accept: (key: string) => void;
}

export interface Help {
  readonly kind: 'help';
}

export type Dialog = Prompt | Choice | Help;

export interface Notice {
  readonly text: string;
  readonly style: 'good' | 'bad' | 'plain';
}

export interface Ui {
  view: ViewName;
  /** Index of the selected process. */
  selected: number;
  /** Lines by which the view is scrolled back or down. */
  scroll: number;
  /** Line that is selected in the list of events, counted from the last one. */
  cursor: number;
  filter: string;
  /** 0: what a reader follows the story by, 1: notes of every message, 2: every event. */
  detail: 0 | 1 | 2;
  dialog: Dialog | null;
  notice: Notice | null;
  /** Event that the view of causes begins with; null: the last one. */
  asked: number | null;
  readonly marks: Map<string, number>;
  /** Which of `LASTS` an edit lasts. */
  lasts: number;
  /** The last key was one that waits for a letter. */
  awaits: 'mark' | 'jump' | null;
}

export function createUi(): Ui {
  return {
    view: 'overview',
    selected: 0,
    scroll: 0,
    cursor: 0,
    filter: '',
    detail: 0,
    dialog: null,
    notice: null,
    asked: null,
    marks: new Map(),
    lasts: 0,
    awaits: null,
  };
}

/** For how long an edit lasts, microseconds; null: until healed. */
export const LASTS: readonly (readonly [text: string, micros: number | null])[] = [
  ['until healed', null],
  ['for 1s', 1_000_000],
  ['for 5s', 5_000_000],
  ['for 20s', 20_000_000],
  ['for 60s', 60_000_000],
];

/** What a view is given. */
export interface Stage {
  readonly watched: Watched;
  readonly player: Player;
  readonly ui: Ui;
  readonly theme: Theme;
  readonly processes: readonly ProcessRow[];
  readonly width: number;
  readonly height: number;
}
