/**
 * `node test/reports/terminal/capture.ts`: types the keys that the guide's chapter on the terminal
 * tells of into a real one, and puts the screens that it captures into the chapter.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN, Tmux, eventOn } from './tmux.ts';

const PAGE = fileURLToPath(new URL('../../../docs/guide/9-watch.md', import.meta.url));

class Chapter {
  private text = readFileSync(PAGE, 'utf8');

  /** Replaces the block behind `<!-- screen: name -->`. */
  put(name: string, screen: string): void {
    const marker = `<!-- screen: ${name} -->`;
    const begin = this.text.indexOf(marker);
    if (begin < 0) throw new Error(`The chapter has no place for the screen "${name}".`);
    const from = this.text.indexOf('```text\n', begin) + '```text\n'.length;
    const to = this.text.indexOf('\n```', from - 1);
    const lines = screen.split('\n').map((line) => line.trimEnd());
    this.text = `${this.text.slice(0, from)}${lines.join('\n').trimEnd()}${this.text.slice(to)}`;
  }

  save(): void {
    writeFileSync(PAGE, this.text);
  }
}

const chapter = new Chapter();
const folder = mkdtempSync(join(tmpdir(), 'lictor-'));

async function inTerminal(
  width: number,
  height: number,
  words: string,
  act: (terminal: Tmux) => Promise<void>,
): Promise<void> {
  const terminal = new Tmux({ width, height, folder, environment: '' });
  try {
    terminal.type(`"${process.execPath}" "${BIN}" watch ${words}`, 'Enter');
    await act(terminal);
  } finally {
    terminal.close();
  }
}

await inTerminal(80, 24, 'leader-crash', async (terminal) => {
  await terminal.shows(/ running /);
  terminal.type('Space', 'n');
  chapter.put('crash', await terminal.shows(/paused +20\.000000s/));
  let screen = terminal.capture();
  while (!/ leader +true/.test(screen)) {
    const before = eventOn(screen);
    terminal.type('n');
    screen = await terminal.until((one) => / paused /.test(one) && eventOn(one) > before);
  }
  const elected = eventOn(screen);
  terminal.type('2');
  chapter.put('messages', await terminal.shows(/Messages/));
  terminal.type('1', '9', 'Left');
  await terminal.until((one) => eventOn(one) === elected - 1);
  terminal.type('Right', 'Down');
  await terminal.until((one) => eventOn(one) === elected && /^>?s2/m.test(one));
  chapter.put('inspect', terminal.capture());
  terminal.type('1', 'g', '1', '5', 's', 'Enter');
  await terminal.shows(/paused +15\.000000s/);
  terminal.type('Up', 'b');
  chapter.put('menu', await terminal.shows(/Break s1/));
  terminal.type('i');
  await terminal.shows(/will not happen/);
  terminal.type('y');
  await terminal.shows(/partition isolate s1/);
  terminal.type('g', '4', '0', 's', 'Enter');
  await terminal.shows(/paused +40\.000000s/);
  terminal.type('0');
  chapter.put(
    'compare',
    await terminal.until((one) => /Without it/.test(one) && !/behind/.test(one)),
  );
});

await inTerminal(80, 24, "voter-crash --set 'plant=[B4]' --at violation", async (terminal) => {
  chapter.put('violation', await terminal.shows(/How it came about/));
});

await inTerminal(160, 50, 'agent-crash --at 16s', async (terminal) => {
  chapter.put('agents', await terminal.shows(/paused +16\.000000s/));
});

await inTerminal(80, 24, 'agent-crash --at 16s', async (terminal) => {
  await terminal.shows(/paused +16\.000000s/);
  terminal.type('4');
  chapter.put('members', await terminal.shows(/As s1 sees them/));
});

await inTerminal(120, 24, 'services --at 16s', async (terminal) => {
  await terminal.shows(/paused +16\.000000s/);
  terminal.type('5');
  chapter.put('services', await terminal.shows(/Instances/));
});

chapter.save();
rmSync(folder, { recursive: true, force: true });
