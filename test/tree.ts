import { readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders that git ignores. */
const ignored = new Set(['.git', '.toolchain', 'node_modules', 'dist', '.state']);

/** Every file of the project, as sorted paths from the root with forward slashes. */
export function projectFiles(): string[] {
  return filesBelow(root)
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort();
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() && !entry.name.endsWith('.log') ? [path] : [];
  });
}
