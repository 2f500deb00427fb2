import { expect, test } from 'vitest';
import { changed, refusal, type Written } from '../../test/example-config.ts';

/** Terraform, and a cluster of PostgreSQL that a resource of this stack makes. */
function withStack({ site }: Written, stack: string, address = 'module.dbaas.null_resource.pg_cluster'): void {
  const postgres = {
    namespace: 'dbaas',
    cluster: 'pg-cluster',
    host: 'pg-cluster-rw.dbaas',
    image: 'docker.io/library/postgres:16.4-bullseye',
    secret: { name: 'pg-cluster-superuser', key: 'password' },
    backups: { claim: 'dbaas-postgresql-backup', path: '/mnt/main/postgresql-backup' },
    stack: { stack, address },
  };
  const stacks = { 'nfs.csi.k8s.io': 'stacks/nfs-csi' };
  const terraform = { host: 'devvm', directory: '/srv/infra', plans: '/var/lib/storagebot-plans', stacks };
  Object.assign(site, { terraform, databases: { postgres } });
}

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
    'a number without unit',
    (file) => {
      file.approval.expiresAfter = '30';
    },
    'approval.expiresAfter must be a whole number and its unit: ms, s, m, h or d; for example 30m',
  ],
  [
    'an approver by name',
    (file) => {
      file.approval.tiers!.normal!.approvers = ['@admin'];
    },
    'approval.tiers.normal.approvers[0] must be the id (not the name)',
  ],
  [
    'no approval needed',
    (file) => {
      file.approval.tiers!.normal!.count = 0;
    },
    'approval.tiers.normal.count must be at least 1: nothing runs without an approval; for example 1',
  ],
  [
    'self-approval of a high risk',
    (file) => {
      Object.assign(file.approval.tiers!.high!, { selfApproval: true });
    },
    'approval.tiers.high.selfApproval must be false here: who asks',
  ],
  [
    'self-approval of a destructive change',
    (file) => {
      Object.assign(file.approval.tiers!.destructive!, { selfApproval: true });
    },
    'approval.tiers.destructive.selfApproval must be false here: who asks',
  ],
  [
    'more approvals than approvers',
    (file) => {
      file.approval.tiers!.high!.count = 3;
    },
    'approval.tiers.high.approvers has fewer people than count: no step of this tier could ever be approved',
  ],
  [
    'fewer groups than approvals of different groups',
    (file) => {
      file.approval.tiers!.destructive!.approvers = ['S0EXAMPLE01', 'S0EXAMPLE01', 'U0EXAMPLE01', 'U0EXAMPLE02'];
    },
    'approval.tiers.destructive.approvers has fewer groups (S…) than count: with differentGroups each approval must come',
  ],
  [
    'a wish for different groups that is no yes or no',
    (file) => {
      Object.assign(file.approval.tiers!.normal!, { differentGroups: 'maybe' });
    },
    'approval.tiers.normal.differentGroups must be true or false; for example false',
  ],
  [
    'an asker by name',
    (file) => {
      file.approval.tiers!.read!.askers = ['U0EXAMPLE01', 'operator'];
    },
    'approval.tiers.read.askers[1] must be the id (not the name) of a Slack user (U…) or user group (S…), or cli: and a local user; for example U012AB3CDEF',
  ],
  [
    'approvers of reading',
    (file) => {
      Object.assign(file.approval.tiers!.read!, { approvers: [] });
    },
    'approval.tiers.read.approvers is not a setting; known here: askers',
  ],
  [
    'a tier that does not exist',
    (file) => {
      Object.assign(file.approval.tiers!, { hihg: {} });
    },
    'approval.tiers.hihg is not a setting (did you mean high?)',
  ],
  [
    'a warning without a unit',
    (file) => {
      file.approval.warnBefore = '5';
    },
    'approval.warnBefore must be a whole number and its unit: ms, s, m, h or d; or 0 for no warning; for example 5m',
  ],
  [
    'a warning at the beginning of the offer',
    (file) => {
      Object.assign(file.approval, { expiresAfter: '5m', warnBefore: '5m' });
    },
    'approval.warnBefore must be shorter than expiresAfter: the warning comes while the offer still stands; for example 5m',
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
    'a cluster that is made by a resource which nobody can apply',
    (file) => {
      withStack(file, 'stacks/dbaas');
      Reflect.deleteProperty(file.site, 'terraform');
    },
    'site.databases.postgres.stack is planned and applied by nobody: set site.terraform',
  ],
  [
    'a cluster that is made by the stack of a driver',
    (file) => withStack(file, 'stacks/nfs-csi'),
    'site.databases.postgres.stack.stack is the stack of a driver too: their saved plans would take the place of each other',
  ],
  [
    'a resource with more than its address',
    (file) => withStack(file, 'stacks/dbaas', 'module.dbaas -destroy'),
    'site.databases.postgres.stack.address must be the address of one resource; for example module.dbaas.null_resource.pg_cluster',
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
    'a setting with a slip of the pen',
    (file) => {
      Object.assign(file.approval, { expireAfter: '5m' });
    },
    'approval.expireAfter is not a setting (did you mean expiresAfter?)',
  ],
  [
    'a setting that does not exist',
    (file) => {
      Object.assign(file.state, { postgres: 'x' });
    },
    'state.postgres is not a setting; known here: directory',
  ],
  [
    'an unknown section',
    (file) => {
      Object.assign(file, { kubernets: {} });
    },
    'kubernets is not a setting (did you mean kubernetes?)',
  ],
];
test.each(cases)('%s is named with its path, its line, what is wrong and a right one', (_name, change, says) => {
  const { problems, message } = refusal(changed(change));
  expect(message).toContain(says);
  expect(problems.filter(({ line }) => line === undefined)).toEqual([]);
});
