/** Text that has no place in the repository: folders of one machine, hosts of package registries. */
import type { SourceFile } from './sources.ts';

// Put together from pieces, so that this file does not contain what it looks for.
const FOLDERS = ['work', 'tmp', 'root', 'home'].map((name) => `/${name}/`);
const HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['pypi', 'org'],
  ['crates', 'io'],
  ['proxy', 'golang', 'org'],
].map((labels) => labels.join('.'));

/** Places that mention a folder of this machine or the host of a registry. */
export function forbiddenWords(file: SourceFile): string[] {
  const found: string[] = [];
  file.text.split('\n').forEach((line, index) => {
    for (const folder of FOLDERS) {
      const at = line.indexOf(folder);
      // A path of the machine starts there; `docs/work/x` and `https://host/home/` do not.
      if (at >= 0 && !/[\w.\-*}~]/.test(line[at - 1] ?? ' ')) {
        found.push(`${file.path}:${index + 1} a folder of one machine: ${folder}`);
      }
    }
    for (const host of HOSTS) {
      if (line.includes(host)) found.push(`${file.path}:${index + 1} a registry: ${host}`);
    }
  });
  return found;
}
