/** Commands that documentation shows, read as a shell would. */

export interface Command {
  readonly page: string;
  readonly words: readonly string[];
  /** `# exit code 1` behind it; 0 where nothing is said. */
  readonly exitCode: number;
}

/** Lines of `sh` blocks that call lictor and nothing else. */
export function commandsIn(page: string, text: string): Command[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    block.split('\n').flatMap((line): Command[] => {
      if (!/^(npx )?lictor /.test(line)) return [];
      const exitCode = Number(/# exit code (\d+)/.exec(line)?.[1] ?? 0);
      const words = splitWords(line).slice(line.startsWith('npx') ? 2 : 1);
      return [{ page, words, exitCode }];
    }),
  );
}

/** Quotes are taken off, a comment ends the line. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const part = /\s*(?:#.*$|((?:'[^']*'|"[^"]*"|[^\s'"#]|(?<=\S)#)+))/y;
  for (let match = part.exec(line); match; match = part.exec(line)) {
    if (match[1] === undefined) break;
    words.push(match[1].replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return words;
}
