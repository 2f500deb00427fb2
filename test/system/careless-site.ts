import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { PODS } from '../../src/commands/cluster.ts';
import type { ConfigAsWritten } from '../../src/config/schema.ts';
import { podOf, SERVER_PODS } from '../lab/scenarios/changes.ts';
import type { World } from '../lab/site/index.ts';
import { logOn } from '../lab/site/nas.ts';
import type { Canary } from './canaries.ts';
import { everyForm, FOREIGN, FOREIGN_WORDS, keyCanaries } from './canaries.ts';
import { type AnchorSink, type Echo, startAnchorSink, startEchoingApi, startVault } from './echoing-servers.ts';
import type { Product } from './product.ts';

/** Secrets of the bot that no pattern would find. */
export const PLAIN = {
  roleId: 'umbrella stand in the hall',
  secretId: 'seven green bottles',
  clientToken: 'lantern-oil-and-wicks',
  anchorToken: 'brass kettle "7/8" & hob',
} as const;

/** What is around a product beside its site and Slack, and all that it is told of it. */
export interface Surroundings {
  readonly sink: AnchorSink;
  readonly env: Readonly<Record<string, string>>;
  readonly configure: (file: ConfigAsWritten) => void;
  readonly stop: () => Promise<void>;
}

/** Secrets in the environment, in files and in Vault; one node is not the pinned host. */
export async function startSurroundings(): Promise<Surroundings> {
  const vault = await startVault({ clientToken: PLAIN.clientToken, value: PLAIN.anchorToken });
  const sink = await startAnchorSink();
  const configure = (file: ConfigAsWritten) => {
    const directory = dirname(file.state.directory);
    writeFileSync(join(directory, 'secret-id'), `${PLAIN.secretId}\n`);
    Object.assign(file.nodes?.hostKeys ?? {}, { 'k8s-node3': [`SHA256:${'A'.repeat(43)}`] });
    file.vault = vaultAt(vault, directory);
    const token = 'vault:secret/data/audit#token';
    file.audit = { anchor: { file: join(directory, 'anchors'), url: `${sink.url}/anchor`, token } };
  };
  const stop = async () => void (await Promise.all([vault.stop(), sink.stop()]));
  return { sink, env: { VAULT_ROLE_ID: PLAIN.roleId }, configure, stop };
}

function vaultAt({ url }: Echo, directory: string): NonNullable<ConfigAsWritten['vault']> {
  return { address: url, auth: { appRole: { roleId: 'env:VAULT_ROLE_ID', secretId: `file:${join(directory, 'secret-id')}` } } };
}

/** Every secret that the bot reads, and nobody else may. */
export async function knownCanaries({ slack, site }: Product): Promise<readonly Canary[]> {
  const text = (name: string) => readFile(join(site.directory, name), 'utf8');
  return [
    { name: 'Slack bot token', secret: slack.botToken },
    { name: 'Slack app token', secret: slack.appToken },
    { name: 'reading token of the kubeconfig', secret: site.kubernetes.tokens.read },
    { name: 'changing token of the kubeconfig', secret: site.kubernetes.tokens.change },
    ...Object.entries(PLAIN).map(([name, secret]) => ({ name: `${name} of Vault`, secret })),
    ...keyCanaries('reading SSH key', await text('ssh-read')),
    ...keyCanaries('changing SSH key', await text('ssh-change')),
  ];
}

/** Makes every machine and every object say these secrets and those of others, where programs and people really do. */
export function makeCareless(world: World, known: readonly Canary[]): void {
  const ours = known.map(everyForm).join(' ');
  const said = `${ours}\n${FOREIGN_WORDS}\n`;
  const shorter = `${known.map(({ secret }) => secret).join(' ')}\n${FOREIGN_WORDS}\n`;
  world.amend = (answer, { machine, isChange }) => {
    if (isChange) return { ...answer, stdout: `${answer.stdout}${said}`, stderr: `${answer.stderr}${said}` };
    const stderr = `${answer.stderr}${shorter}`;
    if (machine.kind === 'hypervisor') return { ...answer, stdout: `${answer.stdout}${shorter}`, stderr };
    // A login shell that ends with a word of its own.
    return machine.name === 'k8s-node4' ? { exitCode: 3, stdout: '', stderr } : { ...answer, stderr };
  };
  logOn(world.nas, world.time.nowMs, { program: 'rpc.mountd', text: said.replaceAll('\n', ' ') });
  const exports = world.nas.files.get('/etc/exports') ?? '';
  world.nas.files.set('/etc/exports', `${exports}# ${FOREIGN_WORDS.replaceAll('\n', '\n# ')}\n# ${ours}\n`);
  carelessPods(world, ours);
}

/** Events, annotations, the status and the environment of pods, and a Secret. */
function carelessPods(world: World, ours: string): void {
  const pod = podOf(world, SERVER_PODS);
  const said = `${ours}\n${FOREIGN_WORDS}`;
  world.cluster.events.warn(pod, 'FailedMount', `MountVolume.SetUp failed: ${said}`);
  const manifest = FOREIGN.at(-1)?.said ?? '';
  const annotations = { note: said, 'kubectl.kubernetes.io/last-applied-configuration': manifest };
  world.store.patch({ resource: PODS, namespace: 'immich', name: pod.metadata.name }, { metadata: { annotations } });
  const env = [
    { name: 'DB_PASSWORD', value: FOREIGN[0]?.secret },
    { name: 'GREETING', value: ours },
  ];
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bystander', namespace: 'immich' },
    spec: { containers: [{ name: 'main', image: 'bystander', env, args: ['--password', FOREIGN[1]?.secret] }] },
    status: { phase: 'Failed', message: said, reason: 'Evicted' },
  });
  world.store.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'database', namespace: 'immich' },
    data: { a: Buffer.from(FOREIGN.at(-1)?.secret ?? '').toString('base64') },
    stringData: { a: FOREIGN.at(-2)?.secret },
  });
}

/** Everything that was there to be said, as no redaction has seen it. */
export function plainWorld(world: World): string {
  const events = { apiVersion: 'v1', plural: 'events', namespaced: true } as const;
  const lists = [PODS, events].map((resource) => world.store.handle({ verb: 'list', resource }));
  return [...lists.map((outcome) => JSON.stringify(outcome)), ...world.nas.files.values(), ...world.nas.log].join('\n');
}

type Change = (file: ConfigAsWritten) => void;

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: object }[];
}

export interface Failing {
  /** For the command line: each is a configuration with which a look fails in its own way. */
  readonly looks: readonly string[];
  /** For both programs: with these they cannot start. */
  readonly starts: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Configurations beside the right one, whose services repeat the credentials that they refuse. */
export async function writeFailing({ site }: Product): Promise<Failing> {
  const right = await readFile(site.configPath, 'utf8');
  const [unauthorised, broken] = await Promise.all([startEchoingApi(401), startEchoingApi(500)]);
  const gives = { clientToken: PLAIN.clientToken, value: PLAIN.anchorToken };
  const [forbidding, failing] = await Promise.all([startVault(gives, 403), startVault(gives, 500)]);
  const write = async (name: string, text: string) => {
    await writeFile(join(site.directory, name), text);
    return join(site.directory, name);
  };
  let ports = 0;
  const changed = (name: string, change: Change) => {
    const file: ConfigAsWritten = parse(right);
    // The bot that runs has its own port and state, and so has each that starts in vain.
    file.state.directory += `-${name}`;
    if (file.http?.port !== undefined) file.http.port -= 1_000 + (ports += 1);
    change(file);
    return write(`${name}.yaml`, stringify(file));
  };
  /** The cluster at another address, or trusted by another authority. */
  const cluster = async (name: string, url: string, ca: string, change: Change = () => undefined) => {
    const access = parse(site.kubernetes.kubeconfig(site.kubernetes.tokens.read)) as Kubeconfig;
    for (const one of access.clusters)
      Object.assign(one.cluster, { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') });
    const kubeconfig = await write(`kubeconfig-${name}`, stringify(access));
    return changed(name, (file) => {
      Object.assign(file.kubernetes, { read: { kubeconfig } });
      change(file);
    });
  };
  const looks = await Promise.all([
    cluster('untrusted', site.kubernetes.url, broken.ca, (file) => {
      file.hosts['truenas']!.user = 'nobody';
      file.hosts['pve']!.port = 1;
    }),
    cluster('unauthorised', unauthorised.url, unauthorised.ca),
    cluster('broken-inside', broken.url, broken.ca),
  ]);
  const starts = await Promise.all([
    changed('vault-forbids', (file) => void (file.vault = vaultAt(forbidding, site.directory))),
    changed('vault-fails', (file) => void (file.vault = vaultAt(failing, site.directory))),
    changed('literal-secret', (file) => void Object.assign(file.ssh.read, { key: FOREIGN[4]?.secret })),
    write('broken.yaml', right.replace('ssh:', `password: "${FOREIGN[0]?.secret}\n  token: [${FOREIGN[4]?.secret}\nssh:`)),
  ]);
  const stop = async () => void (await Promise.all([unauthorised, broken, forbidding, failing].map((echo) => echo.stop())));
  return { looks, starts, stop };
}
