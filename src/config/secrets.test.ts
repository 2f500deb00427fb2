import { expect, test } from 'vitest';
import { createSecrets, type SecretSources, systemSources } from './secrets.ts';

const sources: SecretSources = {
  env: { TOKEN: ' from-env\n', EMPTY: ' ' },
  readFile: async () => '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
  vault: async (path, key) => `${path} ${key}`,
};

test('a secret is read where its reference says', async () => {
  const { resolve } = createSecrets(sources);
  expect(await resolve({ from: 'env', name: 'TOKEN' })).toBe('from-env');
  expect(await resolve({ from: 'file', path: '/key' })).toBe('-----BEGIN KEY-----\nabc\n-----END KEY-----');
  expect(await resolve({ from: 'vault', path: 'secret/data/platform', key: 'k' })).toBe('secret/data/platform k');
});

test('every value that was handed out is known, so that it can be kept out of the log', async () => {
  const secrets = createSecrets(sources);
  await secrets.resolve({ from: 'env', name: 'TOKEN' });
  secrets.learn('learned');
  expect(secrets.known()).toEqual(['from-env', 'learned']);
});

test.each([
  [{ from: 'env', name: 'MISSING' }, 'The secret env:MISSING cannot be used: the environment variable is not set.'],
  [{ from: 'env', name: 'EMPTY' }, 'The secret env:EMPTY cannot be used: it is empty.'],
  [{ from: 'file', path: '/nonexistent/key' }, 'The secret file:/nonexistent/key cannot be used: ENOENT'],
  [
    { from: 'vault', path: 'secret/data/x', key: 'k' },
    'The secret vault:secret/data/x#k cannot be used: the configuration has no vault section.',
  ],
] as const)('a secret that cannot be read is named by its reference: %j', async (ref, says) => {
  const { resolve } = createSecrets({ env: { EMPTY: ' ' }, readFile: systemSources().readFile });
  await expect(resolve(ref)).rejects.toMatchObject({ code: 'SECRET', message: expect.stringContaining(says) });
});
