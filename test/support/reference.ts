/**
 * Ties a test to the rules of the reference that it shows. `docs/fidelity.md` is put together from
 * these calls, so both arguments are plain string literals.
 */

/** What the calls look like in a source file: tag, then what the test shows. */
export interface Reference {
  readonly tag: string;
  readonly statement: string;
  readonly file: string;
}

/**
 * Name of a test that shows a rule, such as `raft 1.6 #3 · a follower that knows a leader refuses`.
 *
 * `tag` is the rule's name in `docs/fidelity/*.json`; `statement` says in our own words what is shown.
 */
export function ref(tag: string, statement: string): string {
  return `${tag} · ${statement}`;
}

const CALL = /\bref\(\s*'([^'\n]+)',\s*(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$\n]+)`)\s*,?\s*\)/g;

/** The calls of `ref` in one test file; throws where an argument is no literal. */
export function referencesIn(file: string, text: string): Reference[] {
  const found = [...text.matchAll(CALL)].map(([, tag, ...quoted]) => {
    return { tag: tag!, statement: quoted.find((one) => one !== undefined)!, file };
  });
  const calls = text.match(/\bref\(/g)?.length ?? 0;
  if (found.length !== calls) {
    throw new Error(`${file}: ref() takes two literals; ${calls - found.length} calls do not.`);
  }
  return found;
}
