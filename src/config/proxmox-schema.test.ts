import { describe, expect, test } from 'vitest';
import { changed, refusal, type Written } from '../../test/example-config.ts';
import { parseConfig } from './config.ts';
import { siteOf } from './site.ts';

type Api = NonNullable<NonNullable<Written['site']['hypervisor']>['api']>;

function withApi(change: (api: Api) => void): string {
  return changed((file) => {
    const { api } = file.site.hypervisor ?? {};
    if (api === undefined) throw new Error('the example has one');
    change(api);
  });
}

const FINGERPRINT = Array.from({ length: 32 }, () => 'aB').join(':');

describe('the API of Proxmox', () => {
  test('is trusted by an authority or by a fingerprint', () => {
    expect(parseConfig(withApi(() => undefined)).site.hypervisor?.api?.trust).toEqual({ ca: '/etc/storagebot/pve-root-ca.pem' });
    const pinned = withApi((api) => {
      delete api.ca;
      api.fingerprint = FINGERPRINT;
    });
    expect(parseConfig(pinned).site.hypervisor?.api?.trust).toEqual({ fingerprint: FINGERPRINT });
  });

  test('is known to runbooks by its own name and the name of the token that changes things, and no secret', () => {
    const { api } = siteOf(parseConfig(withApi(() => undefined))).hypervisor ?? {};
    expect(api).toEqual({ node: 'pve', changesAs: 'storagebot@pve!change' });
  });

  test.each<[string, (api: Api) => void, string]>([
    ['neither authority nor fingerprint', (api) => delete api.ca, 'must have either ca or fingerprint'],
    ['both', (api) => (api.fingerprint = FINGERPRINT), 'must have either ca or fingerprint'],
    ['a fingerprint of SHA-1', (api) => (api.fingerprint = 'AB:CD'), 'must be the SHA-256 of the certificate'],
    ['plain HTTP', (api) => (api.url = 'http://127.0.0.1:8006'), 'must be an https:// address'],
    ['a password in its address', (api) => (api.url = 'https://root:canary@pve:8006'), 'must have no user and password in it'],
    ['a path', (api) => (api.url = 'https://pve:8006/api2/json'), 'must be the address and the port'],
    ['one token for both', (api) => (api.change.tokenId = api.read.tokenId), 'must be another token than read'],
    ['a user instead of a token', (api) => (api.read.tokenId = 'root@pam'), 'must be the name of an API token'],
    ['a secret written down', (api) => (api.read.secret = 'canary'), 'must be a reference to a secret'],
    ['a node that could be a path', (api) => (api.node = 'pve/qemu'), 'must be the name of a node of Proxmox'],
  ])('with %s is refused', (_what, change, says) => {
    const { message } = refusal(withApi(change));
    expect(message).toContain(says);
    expect(message).not.toContain('canary');
  });
});

test.each(['cluster', 'proxmox', 'prometheus', 'alertmanager'])(
  'no machine may be called %s, because lines of commands begin with it for something else',
  (name) => {
    const hosts = changed((file) => {
      file.hosts[name] = { address: '10.0.0.1', hostKeys: ['SHA256:EXAMPLEtruenasEXAMPLEtruenasEXAMPLEtruenas1'] };
    });
    const nodes = changed((file) => {
      file.nodes.hostKeys = { [name]: ['SHA256:EXAMPLEtruenasEXAMPLEtruenasEXAMPLEtruenas1'] };
    });
    for (const text of [hosts, nodes]) expect(refusal(text).message).toContain('cannot be the name of a machine here');
  },
);
