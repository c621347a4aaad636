/**
 * Every key, in one table: the program looks its keys up here, and help and documentation are made
 * of it. Names are those of lazygit and k9s where they have one.
 */

/** `space`, `left`, `ctrl-c`, or the character itself. */
export type Key = string;

export const KEY_GROUPS = {
  time: 'Time',
  views: 'Views',
  look: 'Looking',
  break: 'Breaking things',
  program: 'Program',
} as const;
export type KeyGroup = keyof typeof KEY_GROUPS;

export interface KeySpec {
  readonly keys: readonly Key[];
  readonly group: KeyGroup;
  /** What it does, after "key:". */
  readonly help: string;
  /** One or two words for the line at the bottom; left out: not shown there. */
  readonly hint?: string;
}

export const KEYS = {
  run: { keys: ['space'], group: 'time', help: 'run, or pause', hint: 'run' },
  forward: { keys: ['.', 'right'], group: 'time', help: 'one event forward', hint: 'step' },
  back: { keys: [',', 'left'], group: 'time', help: 'one event back', hint: 'back' },
  next: {
    keys: ['n'],
    group: 'time',
    help: 'to the next change of role, fault, violation or member',
    hint: 'next',
  },
  previous: { keys: ['N', 'p'], group: 'time', help: 'to the previous one' },
  faster: { keys: ['+', '='], group: 'time', help: 'faster, up to as fast as it goes' },
  slower: { keys: ['-'], group: 'time', help: 'slower, down to a thousandth' },
  fastest: { keys: ['*'], group: 'time', help: 'as fast as it goes, or back to real time' },
  go: {
    keys: ['g'],
    group: 'time',
    help: 'go to a time (12.5s), an event (#4711), a share (50%) or a mark',
    hint: 'go',
  },
  first: { keys: ['<', 'home'], group: 'time', help: 'to the beginning' },
  last: { keys: ['>', 'end'], group: 'time', help: 'to the end of the run' },
  mark: { keys: ['m'], group: 'time', help: 'mark this moment with the next letter' },
  jump: { keys: ["'"], group: 'time', help: 'go to the mark with the next letter' },
  overview: { keys: ['1'], group: 'views', help: 'overview: servers, reachability, faults' },
  messages: { keys: ['2'], group: 'views', help: 'messages in time and space' },
  log: { keys: ['3'], group: 'views', help: 'the Raft logs side by side' },
  members: { keys: ['4'], group: 'views', help: 'membership: who believes what of whom' },
  services: { keys: ['5'], group: 'views', help: 'services: instances, shares, latencies' },
  operations: { keys: ['6'], group: 'views', help: 'what clients asked, and what they were told' },
  lanes: { keys: ['7'], group: 'views', help: 'what each goroutine waits for' },
  events: { keys: ['8'], group: 'views', help: 'what happened, line by line' },
  inspect: {
    keys: ['9', 'i', 'enter'],
    group: 'views',
    help: 'the selected host, and what the last event changed',
  },
  why: {
    keys: ['w'],
    group: 'views',
    help: 'why: causes, or the story of a violation',
    hint: 'why',
  },
  compare: { keys: ['0', 'c'], group: 'views', help: 'this future beside the one before the edit' },
  nextView: { keys: ['tab', ']'], group: 'views', help: 'next view' },
  previousView: { keys: ['shift-tab', '['], group: 'views', help: 'previous view' },
  up: { keys: ['up', 'k'], group: 'look', help: 'select the host or line above' },
  down: { keys: ['down', 'j'], group: 'look', help: 'select the host or line below' },
  pageUp: { keys: ['pageup', 'ctrl-u'], group: 'look', help: 'scroll up' },
  pageDown: { keys: ['pagedown', 'ctrl-d'], group: 'look', help: 'scroll down' },
  filter: { keys: ['/'], group: 'look', help: 'show only lines that contain a text' },
  detail: { keys: ['d'], group: 'look', help: 'more or less detail' },
  breakMenu: {
    keys: ['b'],
    group: 'break',
    help: 'break the selected host: crash, pause, cut, slow, ...',
    hint: 'break',
  },
  command: {
    keys: [':'],
    group: 'break',
    help: 'a fault in the words of a scenario: crash: s1, how: power, for: 5s',
  },
  heal: { keys: ['H'], group: 'break', help: 'heal everything' },
  undo: { keys: ['u'], group: 'break', help: 'take the last edit back' },
  save: {
    keys: ['s'],
    group: 'break',
    help: 'save the run with its edits as a scenario',
    hint: 'save',
  },
  help: { keys: ['?'], group: 'program', help: 'these keys', hint: 'help' },
  cancel: { keys: ['escape'], group: 'program', help: 'close what is open, forget the filter' },
  suspend: { keys: ['ctrl-z'], group: 'program', help: 'to the shell; its fg comes back' },
  quit: { keys: ['q', 'ctrl-c'], group: 'program', help: 'quit', hint: 'quit' },
} as const satisfies Readonly<Record<string, KeySpec>>;

export type Action = keyof typeof KEYS;

const ACTIONS = new Map<Key, Action>(
  Object.entries(KEYS).flatMap(([action, { keys }]) =>
    keys.map((key) => [key, action as Action] as const),
  ),
);

export function actionOf(key: Key): Action | undefined {
  return ACTIONS.get(key);
}

/** What can be done to the selected host; letters of the menu that `b` opens. */
export const BREAK_KEYS = {
  crash: { key: 'c', help: 'crash: the process is killed' },
  power: { key: 'p', help: 'power: the host loses power, and what was not synced' },
  restart: { key: 'r', help: 'restart, also of one that is down' },
  pause: { key: 's', help: 'stop the process, as SIGSTOP or a long GC do' },
  suspend: { key: 'v', help: 'suspend the machine, as a virtual one' },
  isolate: { key: 'i', help: 'partition: cut it off from everybody' },
  groups: { key: 'g', help: 'partition: choose who is on its side' },
  oneway: { key: 'o', help: 'one way: what it sends is lost, to whom you choose' },
  slow: { key: 'l', help: 'slow: its links take ten times as long' },
  slowDisk: { key: 'f', help: 'slow: its disk takes twenty times as long' },
  stall: { key: 'd', help: 'disk: nothing is written any more' },
  drift: { key: 'k', help: 'skew: its clock runs 10 % fast' },
  jump: { key: 'j', help: 'skew: its wall clock jumps by a minute' },
  drop: { key: 'x', help: 'drop the next message that it sends, to whom you choose' },
  hold: { key: 'h', help: 'hold that message back for a second' },
  transfer: { key: 't', help: 'ask the leader to hand over to it' },
} as const;
export type BreakAction = keyof typeof BREAK_KEYS;

/** How keys are written for people. */
export function keyText(key: Key): string {
  const names: Readonly<Record<string, string>> = {
    left: 'Left',
    right: 'Right',
    up: 'Up',
    down: 'Down',
    space: 'Space',
    escape: 'Esc',
    enter: 'Enter',
    tab: 'Tab',
    'shift-tab': 'Shift-Tab',
    home: 'Home',
    end: 'End',
    pageup: 'PgUp',
    pagedown: 'PgDn',
    'ctrl-c': 'Ctrl-C',
    'ctrl-z': 'Ctrl-Z',
    'ctrl-u': 'Ctrl-U',
    'ctrl-d': 'Ctrl-D',
  };
  return names[key] ?? key;
}
