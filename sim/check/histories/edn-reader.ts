/**
 * Reads EDN, Clojure's notation for data, as far as histories use it. Keywords, symbols and
 * characters become texts, lists and sets become lists, maps become Maps, tags are dropped.
 */

export type EdnValue = null | boolean | number | string | readonly EdnValue[] | EdnMap;
export type EdnMap = ReadonlyMap<string, EdnValue>;

/** Lists within lists within lists; more is not a history. */
const DEPTH_MAX = 64;

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const DELIMITERS = new Set('[](){}"; \t\r\n,');
const SPACE = new Set(' \t\r\n,');
const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  space: ' ',
  tab: '\t',
  return: '\r',
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** An error with its place, thrown inside the reader only. */
export class EdnError extends Error {}

export class EdnReader {
  readonly #text: string;
  #at: number;
  #line: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
    this.#line = 1;
  }

  /** Line of what comes next. */
  get line(): number {
    return this.#line;
  }

  /** Skips spaces and comments; the next character, or empty at the end. */
  peek(): string {
    const text = this.#text;
    for (;;) {
      const character = text[this.#at];
      if (character === undefined) return '';
      if (character === ';') this.#skipLine();
      else if (SPACE.has(character)) this.#advance();
      else return character;
    }
  }

  /** Takes one character. */
  take(): string {
    const character = this.#text[this.#at] ?? '';
    this.#advance();
    return character;
  }

  /** Goes to the first line after this one that starts with a map. */
  recover(): void {
    while (this.#at < this.#text.length) {
      this.#skipLine();
      const start = /^[ \t,]*(?=#?[\w.]*\s*\{)/.exec(this.#text.slice(this.#at, this.#at + 200));
      if (start !== null) return;
    }
  }

  /** Reads one value. */
  read(depth = 0): EdnValue {
    if (depth > DEPTH_MAX) throw new EdnError(`lists are nested deeper than ${DEPTH_MAX}`);
    const character = this.peek();
    switch (character) {
      case '':
        throw new EdnError('the file ends within a value');
      case '"':
        return this.#string();
      case '[':
      case '(':
        return this.#list(CLOSING[character]!, depth);
      case '{':
        return this.#map(depth);
      case '#':
        return this.#dispatch(depth);
      case '^':
        this.#advance();
        this.read(depth + 1);
        return this.read(depth + 1);
      case '\\':
        return this.#character();
      case ']':
      case ')':
      case '}':
        throw new EdnError(`unexpected "${character}"`);
      default:
        return atom(this.#token());
    }
  }

  #dispatch(depth: number): EdnValue {
    this.#advance();
    const next = this.#text[this.#at];
    if (next === '{') return this.#list('}', depth);
    if (next === '_') {
      this.#advance();
      this.read(depth + 1);
      return this.read(depth + 1);
    }
    this.#token();
    return this.read(depth + 1);
  }

  #list(closing: string, depth: number): EdnValue[] {
    const values: EdnValue[] = [];
    const line = this.#line;
    this.#advance();
    while (this.#discard(depth) !== closing) {
      if (this.peek() === '') throw new EdnError(`the list that starts in line ${line} never ends`);
      values.push(this.read(depth + 1));
    }
    this.#advance();
    return values;
  }

  /** Skips what is marked to be ignored, which may stand before the end of a list. */
  #discard(depth: number): string {
    while (this.peek() === '#' && this.#text[this.#at + 1] === '_') {
      this.#at += 2;
      this.read(depth + 1);
    }
    return this.peek();
  }

  #map(depth: number): EdnMap {
    const values = this.#list('}', depth);
    if (values.length % 2 !== 0) throw new EdnError('a map has a key without a value');
    const map = new Map<string, EdnValue>();
    for (let i = 0; i < values.length; i += 2) {
      const key = values[i]!;
      map.set(typeof key === 'object' ? JSON.stringify(key) : `${key}`, values[i + 1]!);
    }
    return map;
  }

  #string(): string {
    this.#advance();
    let result = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new EdnError('a text never ends');
      this.#advance();
      if (character === '"') return result;
      if (character !== '\\') {
        result += character;
        continue;
      }
      const escape = this.take();
      if (escape === 'u') {
        const code = this.#text.slice(this.#at, this.#at + 4);
        if (!/^[\da-fA-F]{4}$/.test(code)) throw new EdnError('\\u needs four hexadecimal digits');
        this.#at += 4;
        result += String.fromCharCode(Number.parseInt(code, 16));
      } else {
        const plain = ESCAPES[escape];
        if (plain === undefined) throw new EdnError(`unknown escape "\\${escape}"`);
        result += plain;
      }
    }
  }

  #character(): string {
    this.#advance();
    const first = this.take();
    const rest = DELIMITERS.has(this.#text[this.#at] ?? ' ') ? '' : this.#token();
    return NAMED_CHARACTERS[first + rest] ?? first + rest;
  }

  #token(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !DELIMITERS.has(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    if (end < 0) {
      this.#at = this.#text.length;
      return;
    }
    this.#at = end + 1;
    this.#line++;
  }

  #advance(): void {
    if (this.#text[this.#at] === '\n') this.#line++;
    this.#at++;
  }
}

function atom(token: string): EdnValue {
  if (token === 'nil') return null;
  if (token === 'true') return true;
  if (token === 'false') return false;
  if (token.startsWith(':')) return token.slice(1);
  if (/^[+-]?\d/.test(token)) {
    const number = Number(token.replace(/[NM]$/, ''));
    // Ratios and numbers too large to be exact stay texts: they only need to be told apart.
    const exact = !Number.isNaN(number) && (Number.isSafeInteger(number) || token.includes('.'));
    return exact ? number : token;
  }
  return token;
}
