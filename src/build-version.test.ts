import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { buildVersion } from './build-version.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('a build is named by its release and the code that runs, the same each time', async () => {
  const version = await buildVersion();
  expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  expect(await buildVersion()).toBe(version);
});

test('another code is another build, also in a directory with a blank in its name', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'storagebot build '));
  await mkdir(join(copy, 'src'));
  for (const file of ['package.json', 'package-lock.json', 'src/build-version.ts']) await cp(join(root, file), join(copy, file));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const { buildVersion: ofCopy }: { buildVersion: typeof buildVersion } = await import(
    pathToFileURL(join(copy, 'src/build-version.ts')).href
  );
  const before = await ofCopy();
  await writeFile(join(copy, 'src/more.ts'), 'export const more = 1;\n');
  expect(await ofCopy()).not.toBe(before);
  await rm(copy, { recursive: true });
});
