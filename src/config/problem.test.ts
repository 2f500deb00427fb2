import { expect, test } from 'vitest';
import { changed, refusal, type Written } from '../../test/example-config.ts';

const cases: readonly (readonly [string, (file: Written) => void, string])[] = [
  [
    'a host key of another form',
    (file) => {
      file.hosts['truenas']!.hostKeys = ['MD5:aa:bb'];
    },
    'hosts.truenas.hostKeys[0] must be SHA256: and 43 characters, as ssh-keygen -lf prints it; for example SHA256:p2QAMX',
  ],
  [
    'no host key at all',
    (file) => {
      file.hosts['truenas']!.hostKeys = [];
    },
    'hosts.truenas.hostKeys must name at least one host key: without it, anything that answers at that address would be trusted; for example ["SHA256:',
  ],
  [
    'a node with no host key',
    (file) => {
      file.nodes.hostKeys = { 'k8s-node1': [] };
    },
    'nodes.hostKeys.k8s-node1 must name at least one host key',
  ],
  [
    'a missing setting',
    (file) => {
      Reflect.deleteProperty(file.site.nas, 'clientNetwork');
    },
    'site.nas.clientNetwork is missing; for example 10.0.20.0/24',
  ],
  [
    'an empty setting',
    (file) => {
      Object.assign(file.state, { directory: null });
    },
    'state.directory is empty; for example /var/lib/storagebot',
  ],
  [
    'a list where a word belongs',
    (file) => {
      Object.assign(file.state, { directory: ['/a'] });
    },
    'state.directory must be a string',
  ],
  [
    'a relative directory',
    (file) => {
      file.state.directory = 'state';
    },
    'state.directory must be an absolute path; for example /var/lib/storagebot',
  ],
  [
    'runs that are kept for less than a day',
    (file) => {
      file.state.keepRuns = '12h';
    },
    'state.keepRuns must be at least 1d: what a run has seen is needed to show it and to take it back; for example 90d',
  ],
  [
    'one identity to look and to change',
    (file) => {
      file.ssh.change = file.ssh.read;
    },
    'ssh.change must be another identity than read',
  ],
  [
    'one service account to look and to change',
    (file) => {
      file.kubernetes = { read: { inCluster: true }, change: { inCluster: true } };
    },
    'kubernetes.change must be another identity than read: what only looks must not be able to change anything',
  ],
  [
    'two ways into the cluster',
    (file) => {
      Object.assign(file.kubernetes.read, { inCluster: true });
    },
    'kubernetes.read must have either kubeconfig (and context) or inCluster: true; for example {"kubeconfig"',
  ],
  [
    'a port that is none',
    (file) => {
      file.http.port = 70_000;
    },
    'http.port must be a port number from 1 to 65535; for example 8080',
  ],
  [
    'an address that is none',
    (file) => {
      file.hosts['pve']!.address = 'not an address';
    },
    'hosts.pve.address must be an IP address or a DNS name; for example 10.0.10.15',
  ],
  [
    'a network without its length',
    (file) => {
      file.site.nas.clientNetwork = '10.0.20.0';
    },
    'site.nas.clientNetwork must be a network in CIDR form; for example 10.0.20.0/24',
  ],
  [
    'no address of the NAS',
    (file) => {
      Object.assign(file.site.nas, { nfsAddresses: [] });
    },
    'site.nas.nfsAddresses',
  ],
  [
    'plain HTTP to Vault',
    (file) => {
      file.vault.address = 'http://vault.example.net:8200';
    },
    'vault.address must be https: a token goes there; for example https://vault.example.net:8200',
  ],
  [
    'plain HTTP to Slack',
    (file) => {
      file.slack.apiUrl = 'http://slack.com/api/';
    },
    'slack.apiUrl must be https: a token goes there',
  ],
  [
    'an address of Vault that is none',
    (file) => {
      file.vault.address = 'vault';
    },
    'vault.address must be an https:// address; for example https://vault.example.net:8200',
  ],
  [
    'a password in an address',
    (file) => {
      file.vault.address = 'https://user:canary@vault.example.net';
    },
    'vault.address must have no user and password in it',
  ],
  [
    'two ways into Vault',
    (file) => {
      file.vault.auth.token = 'env:VAULT_TOKEN';
    },
    'vault.auth must have exactly one of kubernetes, token and appRole',
  ],
  [
    'the token for Vault in Vault',
    (file) => {
      file.vault.auth = { token: 'vault:secret/data/x#token' };
    },
    'vault.auth.token cannot be kept in Vault: it is what opens Vault',
  ],
  [
    'a name of a machine with spaces',
    (file) => {
      file.hosts['my nas'] = file.hosts['pve']!;
    },
    'hosts.my nas is not a name that can stand here: it must be a DNS name',
  ],
  [
    'a machine that is not known',
    (file) => {
      file.site.nas.host = 'truenass';
    },
    'site.nas.host names a machine that is not under hosts (did you mean truenas?)',
  ],
  [
    'a jump through an unknown machine',
    (file) => {
      file.nodes.jump = 'elsewhere';
    },
    'nodes.jump names a machine that is not under hosts (known: truenas, pve, bastion, devvm)',
  ],
  [
    'machines that are reached through each other',
    (file) => {
      file.hosts['pve']!.jump = 'bastion';
      file.hosts['bastion']!.jump = 'pve';
    },
    'hosts.pve.jump leads back to this host: nobody could ever log in',
  ],
  [
    'a secret in Vault, and no Vault',
    (file) => {
      Reflect.deleteProperty(file, 'vault');
    },
    'hosts.truenas.read.key is kept in Vault, and the file does not say how to reach it: add vault',
  ],
  [
    'an unknown section',
    (file) => {
      Object.assign(file, { kubernets: {} });
    },
    'kubernets is not a setting (did you mean kubernetes?)',
  ],
  [
    'a setting that does not exist',
    (file) => {
      Object.assign(file.state, { postgres: 'x' });
    },
    'state.postgres is not a setting; known here: directory',
  ],
];

test.each(cases)('%s is named with its path, its line, what is wrong and a right one', (_name, change, says) => {
  const { problems, message } = refusal(changed(change));
  expect(message).toContain(says);
  expect(problems.filter(({ line }) => line === undefined)).toEqual([]);
});
