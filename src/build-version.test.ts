import { expect, test } from 'vitest';
import { buildVersion } from './build-version.ts';

test('a build is named by its release and the code that runs, the same each time', async () => {
  const version = await buildVersion();
  expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  expect(await buildVersion()).toBe(version);
});
