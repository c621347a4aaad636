/**
 * What is known of the place where a report is read: terminal or pipe, its size, colours, CI. The
 * only file that looks at NO_COLOR, FORCE_COLOR, TERM, LANG, CI and LICTOR_FORCE_TTY.
 */

export const COLOUR_MODES = ['auto', 'always', 'never'] as const;
export type ColourMode = (typeof COLOUR_MODES)[number];

export interface Environment {
  readonly tty: boolean;
  /** Characters in a line; 80 where nobody knows. */
  readonly columns: number;
  /** Lines on the screen; null in a pipe, which has no end. */
  readonly rows: number | null;
  readonly colour: boolean;
  readonly ci: boolean;
  /** The terminal shows more than ASCII. */
  readonly unicode: boolean;
  /** Lines that can be spoken are wanted, or the terminal cannot draw. */
  readonly spoken: boolean;
}

/** The part of a stream that tells what it is. */
export interface StreamFacts {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export type Variables = Readonly<Record<string, string | undefined>>;

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;
/** Narrower than this, tables stop making sense; lines are then left to the terminal to wrap. */
const COLUMNS_MIN = 40;

/** What holds for one stream. `mode` is `--color`. */
export function readEnvironment(
  variables: Variables,
  stream: StreamFacts,
  mode: ColourMode = 'auto',
): Environment {
  const forced = /^(\d{1,4})x(\d{1,4})$/.exec(variables.LICTOR_FORCE_TTY ?? '');
  const tty = forced !== null || stream.isTTY === true;
  const columns = forced ? Number(forced[1]) : stream.columns || COLUMNS_DEFAULT;
  const rows = forced ? Number(forced[2]) : stream.rows || ROWS_DEFAULT;
  return {
    tty,
    columns: tty ? Math.max(COLUMNS_MIN, columns) : COLUMNS_DEFAULT,
    rows: tty ? rows : null,
    colour: wantsColour(variables, tty, mode),
    ci: isSet(variables.CI) || isSet(variables.GITHUB_ACTIONS),
    unicode: wantsUnicode(variables),
    spoken: isSet(variables.INK_SCREEN_READER) || variables.TERM === 'dumb',
  };
}

/** `--color` first, then FORCE_COLOR, NO_COLOR and TERM, in the order in which Node asks them. */
function wantsColour(variables: Variables, tty: boolean, mode: ColourMode): boolean {
  if (mode !== 'auto') return mode === 'always';
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = variables;
  if (force !== undefined) return isSet(force);
  if (no !== undefined && no !== '') return false;
  return tty && terminal !== 'dumb';
}

/** The locale says; without one, only the Linux console is known to have few characters. */
function wantsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Variables): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '');
  if (locale !== undefined) return /utf-?8/i.test(locale);
  return TERM !== 'linux';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value !== 'false';
}
