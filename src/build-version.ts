import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Package = z.object({ version: z.string() });

/** The released version and a digest of the code that runs: an approval under other code is void. */
export async function buildVersion(): Promise<string> {
  const root = new URL('..', import.meta.url);
  const { version } = Package.parse(JSON.parse(await readFile(new URL('package.json', root), 'utf8')));
  const paths: string[] = [];
  for await (const path of glob(['{src,runbooks,handlers}/**/*.{ts,js}', 'package-lock.json'], { cwd: fileURLToPath(root) }))
    paths.push(path);
  const hash = createHash('sha256');
  for (const path of paths.filter((name) => !name.includes('.test.')).toSorted()) {
    hash
      .update(`${path}\0`)
      .update(await readFile(new URL(path, root)))
      .update('\0');
  }
  return `${version}+${hash.digest('hex').slice(0, 12)}`;
}
