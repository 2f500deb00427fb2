import { expect, test } from 'vitest';
import { changed, exampleText } from '../../test/example-config.ts';
import { parseConfig } from '../config/config.ts';
import { createSecrets } from '../config/secrets.ts';
import { readLogins } from './logins.ts';

/** Every secret is its own reference, so that a test can tell which one was used. */
const secrets = () =>
  createSecrets({
    env: { SSH_READ_PASSPHRASE: 'passphrase' },
    readFile: async (path) => path,
    vault: async (path, key) => `${path}#${key}`,
  });

test('a host uses the identities of the whole site, with its own user', async () => {
  const { hosts } = await readLogins(parseConfig(exampleText), secrets());
  expect(hosts.get('truenas')).toEqual({
    address: '10.0.10.15',
    port: 22,
    hostKeys: ['SHA256:EXAMPLEtruenasEXAMPLEtruenasEXAMPLEtruenas1'],
    read: { user: 'root', privateKey: '/run/secrets/storagebot/ssh-read' },
    change: { user: 'root', privateKey: '/run/secrets/storagebot/ssh-change' },
  });
});

test('a host may have keys of its own, to which the usual passphrase does not belong', async () => {
  const text = changed(({ ssh, hosts }) => {
    ssh.read.passphrase = 'file:/usual-passphrase';
    hosts['truenas'] = {
      ...hosts['pve']!,
      read: { user: 'reader', key: 'file:/own' },
      change: { passphrase: 'file:/other-passphrase' },
    };
  });
  const { hosts } = await readLogins(parseConfig(text), secrets());
  expect(hosts.get('truenas')?.read).toEqual({ user: 'reader', privateKey: '/own' });
  expect(hosts.get('truenas')?.change).toEqual({
    user: 'root',
    privateKey: '/run/secrets/storagebot/ssh-change',
    passphrase: '/other-passphrase',
  });
  expect(hosts.get('pve')?.read).toEqual({
    user: 'root',
    privateKey: '/run/secrets/storagebot/ssh-read',
    passphrase: '/usual-passphrase',
  });
});

test('nodes share one login, and have their own host keys and addresses', async () => {
  const { nodes } = await readLogins(parseConfig(changed(() => undefined)), secrets());
  expect(nodes).toMatchObject({ port: 22, jump: 'bastion', read: { user: 'wizard' }, change: { user: 'wizard' } });
  expect(nodes.hostKeys.get('k8s-node1')).toEqual(['SHA256:EXAMPLEnode1EXAMPLEnode1EXAMPLEnode1EXAMPLE']);
  expect(nodes.addresses.get('k8s-node4')).toEqual({ address: '10.0.20.104', port: 2222 });
});

test('every key that cannot be read is named, not the first only', async () => {
  const text = changed(({ hosts }) => {
    hosts['truenas']!.read = { key: 'env:MISSING_ONE' };
    hosts['pve']!.change = { key: 'env:MISSING_TWO' };
  });
  await expect(readLogins(parseConfig(text), secrets())).rejects.toMatchObject({
    code: 'SECRETS_UNUSABLE',
    message: expect.stringMatching(/env:MISSING_ONE.*not set\.\n.*env:MISSING_TWO.*not set\./),
  });
});
