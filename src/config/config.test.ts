import { describe, expect, test } from 'vitest';
import { changed, EXAMPLE, everyOption, exampleText, refusal } from '../../test/example-config.ts';
import { loadConfig, parseConfig } from './config.ts';
import { siteOf } from './site.ts';

describe('the annotated example', () => {
  test('is a valid configuration that begins with its own name', async () => {
    expect(exampleText.split('\n')[0]).toBe('# storagebot.yaml');
    const config = await loadConfig(EXAMPLE);
    expect(config.approval.expiresAfterMs).toBe(1_800_000);
    expect(config.state).toEqual({ directory: '/var/lib/storagebot', keepRunsMs: 90 * 86_400_000 });
    expect(config.ssh.read.key).toEqual({ from: 'file', path: '/run/secrets/storagebot/ssh-read' });
    expect(config.kubernetes.read).toEqual({ kubeconfig: '/etc/storagebot/kubeconfig', context: 'storagebot-read' });
  });

  test('is still valid with every optional setting switched on', () => {
    const config = parseConfig(everyOption);
    expect(config.hosts['truenas']?.change?.key).toEqual({
      from: 'vault',
      path: 'secret/data/platform',
      key: 'truenas_ssh_private_key',
    });
    expect(config.nodes.addresses['k8s-node4']).toEqual({ address: '10.0.20.104', port: 2222 });
    expect(config.vault).toMatchObject({ timeoutMs: 5000, auth: { kubernetes: { role: 'storagebot' } } });
  });

  test('shows every setting that exists', () => {
    for (const setting of [
      'passphrase',
      'warnBefore',
      'askers',
      'differentGroups',
      'channels',
      'exportsScript',
      'zfsBaseline',
      'mountOptions',
      'nfsDomain',
      'jump',
      'appRole',
      'token:',
      'ca:',
      'sudo',
      'connectTimeout',
      'fingerprint',
      'tokenId',
    ]) {
      expect(everyOption).toContain(setting);
    }
  });

  test('becomes the site that runbooks see', () => {
    expect(siteOf(parseConfig(exampleText))).toEqual({
      nas: {
        host: { name: 'truenas', sudo: false },
        nfsAddresses: ['10.0.10.15'],
        roots: ['/mnt/main', '/mnt/ssd'],
        clientNetwork: '10.0.20.0/24',
      },
      hypervisor: {
        host: { name: 'pve', sudo: false },
        nasVmid: 9000,
        nodeVmids: { 'k8s-master': 200, 'k8s-node1': 201, 'k8s-node2': 202, 'k8s-node3': 203, 'k8s-node4': 204 },
        dataDisk: 'sdc',
      },
      nasNeighbour: { address: '10.0.10.10', port: 22 },
      nodeSudo: true,
    });
  });
});

test.each<[string | undefined, 0 | string | undefined, number]>([
  [undefined, undefined, 300_000],
  ['1h', '10m', 600_000],
  ['1h', 0, 0],
  ['6m', undefined, 180_000],
  ['1ms', undefined, 0],
])(
  'of an offer that stands for %s with warnBefore: %s, people are warned %i ms before its end',
  (expiresAfter, warnBefore, ms) => {
    const text = changed((file) => {
      file.approval = {
        ...(expiresAfter === undefined ? {} : { expiresAfter }),
        ...(warnBefore === undefined ? {} : { warnBefore }),
      };
    });
    expect(parseConfig(text).approval.warnBeforeMs).toBe(ms);
  },
);

test('who may ask is everybody where it is left out, and nobody where the list is empty', () => {
  const askersOf = (read: { askers?: string[] }) =>
    parseConfig(
      changed((file) => {
        file.approval.tiers!.read = read;
      }),
    ).approval.tiers.read.askers;
  expect(askersOf({})).toBeUndefined();
  expect(askersOf({ askers: [] })).toEqual([]);
  expect(askersOf({ askers: ['S0EXAMPLE01'] })).toEqual(['S0EXAMPLE01']);
});

test('root commands go through sudo as soon as one of the two identities is not root', () => {
  const site = siteOf(
    parseConfig(
      changed((file) => {
        file.hosts['truenas']!.read = { user: 'storagebot-read' };
      }),
    ),
  );
  expect(site.nas.host).toEqual({ name: 'truenas', sudo: true });
});

test('the address of Slack ends with a slash, whichever way it is written', () => {
  const text = changed((file) => {
    file.slack.apiUrl = 'https://slack.example.net/api';
  });
  expect(parseConfig(text).slack?.apiUrl).toBe('https://slack.example.net/api/');
});

test('what is left out is closed or local: everybody may ask, nobody approves, the web server listens to the machine itself', () => {
  const config = parseConfig(
    changed((file) => {
      for (const key of ['slack', 'alerts', 'approval', 'http', 'nodes'] as const) Reflect.deleteProperty(file, key);
    }),
  );
  const closed = { approvers: [], count: 1, selfApproval: false, differentGroups: false };
  const tiers = { read: {}, normal: closed, high: closed, destructive: { ...closed, count: 2 } };
  expect(config.approval).toEqual({ expiresAfterMs: 1_800_000, warnBeforeMs: 300_000, tiers });
  expect(config.http).toEqual({ address: '127.0.0.1', port: 8080 });
  expect(config.nodes).toEqual({ sudo: true, port: 22, hostKeys: {}, addresses: {} });
});

test('everything that is wrong is told at once, in the order of the file, each with its line', () => {
  const text = exampleText
    .replace('expiresAfter: 30m', 'expiresAfter: soon')
    .replace('address: 192.168.1.127', 'address: "?"')
    .replace('host: truenas', 'host: truenass');
  const lineOf = (word: string) => text.split('\n').findIndex((line) => line.includes(word)) + 1;
  expect(refusal(text).problems.map(({ line, path }) => [line, path.join('.')])).toEqual([
    [lineOf('soon'), 'approval.expiresAfter'],
    [lineOf('"?"'), 'hosts.pve.address'],
    [lineOf('truenass'), 'site.nas.host'],
  ]);
});

test.each([
  'xoxb-1234-canary',
  '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary',
  'env:not a name canary',
  'file:canary',
  'vault:canary',
  'canary',
])('a literal secret is refused, with the reason and without repeating it: %j', (secret) => {
  const { message } = refusal(
    changed((file) => {
      file.slack.botToken = secret;
    }),
  );
  expect(message).toContain(
    'slack.botToken must be a reference to a secret, not the secret: this file is copied, committed and pasted.',
  );
  expect(message).not.toContain('canary');
});

test('a file that is not YAML is refused with the line, and without quoting what may be a secret', () => {
  const { message, problems } = refusal('slack:\n  botToken: env:X\n  appToken: "canary\n bad');
  expect(problems[0]?.line).toBeGreaterThanOrEqual(3);
  expect(message).toContain('is not YAML here');
  expect(message).not.toContain('canary');
  expect(refusal('a: 1\na: 2').message).toContain('line 2: the file is not YAML here: Map keys must be unique');
});

test.each(['', '[]', 'text', '# nothing'])('a file without settings is refused: %j', (text) => {
  expect(refusal(text).problems.length).toBeGreaterThan(0);
});

test('a file that cannot be read is a problem of the configuration that names the file', async () => {
  await expect(loadConfig('/nonexistent/storagebot.yaml')).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('/nonexistent/storagebot.yaml'),
  });
});

test('what a run saw is kept for 90 days unless the configuration says otherwise', () => {
  const keepRuns = (keep: object) =>
    parseConfig(changed((file) => Object.assign(file, { state: { directory: '/srv', ...keep } }))).state;
  expect(keepRuns({})).toEqual({ directory: '/srv', keepRunsMs: 90 * 86_400_000 });
  expect(keepRuns({ keepRuns: '365d' })).toEqual({ directory: '/srv', keepRunsMs: 365 * 86_400_000 });
});
