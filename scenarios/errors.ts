/** What is wrong with a scenario, where, and what to do; and how that is written. */

/** One problem. `line` and `column` count from 1; columns count UTF-16 units. */
export interface Issue {
  /** The file as it was named, or `--set` with the number of the override: `--set:1`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the value in the language, such as `faults[0].for`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, and what would be right: one line without a full stop. */
  readonly message: string;
  /** The source line, for a caret below it; empty where it would not help. */
  readonly source?: string;
}

/** More problems than this are counted, not listed: nobody reads on, and memory has an end. */
export const ISSUES_MAX = 200;

/**
 * `file:line:column message`; for an override `--set:1:12 message`, since it is always one line.
 * With `caret`, two more lines show the source and point at the column.
 */
export function formatIssue(issue: Issue, options: { caret?: boolean } = {}): string {
  const place = issue.file.startsWith('--')
    ? `${issue.file}:${issue.column}`
    : `${issue.file}:${issue.line}:${issue.column}`;
  const first = `${place} ${issue.message}`;
  if (!options.caret || !issue.source) return first;
  const begin = Math.max(0, issue.column - 61);
  const shown = issue.source.slice(begin, begin + 100);
  return `${first}\n    ${shown}\n    ${' '.repeat(issue.column - 1 - begin)}^`;
}

/** Total order of problems: as one reads, overrides after the file. */
export function compareIssues(left: Issue, right: Issue): number {
  const sameKind = Number(left.file.startsWith('--')) - Number(right.file.startsWith('--'));
  if (sameKind !== 0) return sameKind;
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  if (left.line !== right.line) return left.line - right.line;
  if (left.column !== right.column) return left.column - right.column;
  return left.message < right.message ? -1 : left.message > right.message ? 1 : 0;
}

/** Sorted, without repetitions, cut at `ISSUES_MAX` with a line that says so. */
export function tidyIssues(issues: readonly Issue[]): Issue[] {
  const sorted = issues.toSorted(compareIssues);
  const distinct = sorted.filter((issue, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareIssues(before, issue) !== 0;
  });
  if (distinct.length <= ISSUES_MAX) return distinct;
  const last = distinct[ISSUES_MAX - 1]!;
  const more = distinct.length - ISSUES_MAX + 1;
  return [...distinct.slice(0, ISSUES_MAX - 1), { ...last, message: `and ${more} more problems` }];
}

/** The candidate that `word` was most likely meant to be, or undefined if none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().slice(0, 64);
  const allowed = wanted.length < 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? prefixMatch(wanted, candidates);
}

function prefixMatch(wanted: string, candidates: Iterable<string>): string | undefined {
  if (wanted.length < 3) return undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (other.startsWith(wanted) || (other.length > 3 && wanted.startsWith(other))) {
      return candidate;
    }
  }
  return undefined;
}

/** Optimal string alignment distance (a swap of neighbours costs 1), given up at `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let older: number[] = [];
  let old = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        old[column]! + 1,
        current[column - 1]! + 1,
        old[column - 1]! + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, older[column - 2]! + 1);
      current.push(cost);
    }
    older = old;
    old = current;
  }
  return Math.min(old[right.length]!, limit);
}

/** `, did you mean "x"?` or, where nothing is near, `; expected a, b or c`, cut when long. */
export function suggest(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  if (near !== undefined) return `, did you mean "${near}"?`;
  if (candidates.length === 0) return '';
  return `; expected ${listWords(candidates)}`;
}

/** `a, b or c`; after twelve words the rest is counted. */
export function listWords(words: readonly string[], conjunction = 'or'): string {
  if (words.length > 12) return `${words.slice(0, 11).join(', ')} or ${words.length - 11} more`;
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
