import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import type { Flavour } from '../../../src/commands/nas.ts';
import { type LabKubernetes, startLabKubernetes } from '../kubernetes/server.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { configText } from './config-text.ts';
import { newKey } from './keys.ts';
import { startLabPrometheus } from './prometheus.ts';
import { type LabProxmox, startLabProxmox } from './proxmox-server.ts';
import { machineNamed } from './run.ts';
import { type SshServer, startSshServer } from './ssh-server.ts';
import { newWorld, type World } from './world.ts';

export interface LabSiteOptions {
  readonly scenario: Scenario;
  readonly flavour?: Flavour;
  /** Each answer of a host or of the API server waits this long. */
  readonly latencyMs?: number;
  readonly hangScale?: number;
  /** How many times as fast as outside lab time passes; 1 unless given. */
  readonly speed?: number;
  /** Sections of storagebot.yaml beside those that describe the site: `slack`, `approval`, `http` … */
  readonly sections?: Readonly<Record<string, unknown>>;
}

export interface LabSite {
  readonly world: World;
  readonly kubernetes: LabKubernetes;
  readonly proxmox: LabProxmox;
  /** The text of a storagebot.yaml for this site. */
  readonly configText: string;
  /** Holds storagebot.yaml, the keys, the kubeconfigs and the state directory; removed by `stop`. */
  readonly directory: string;
  readonly configPath: string;
  readonly stop: () => Promise<void>;
}

/** A healthy world, changed as the scenario says. */
export function worldOf({ scenario, ...options }: Pick<LabSiteOptions, 'scenario' | 'flavour' | 'hangScale'>): World {
  const world = newWorld({ ...(scenario.flavour === undefined ? {} : { flavour: scenario.flavour }), ...options });
  scenario.prepare(world);
  return world;
}

/** The site behind real protocols on 127.0.0.1: an SSH server for each machine and an API server over HTTPS. */
export async function startLab({ latencyMs = 0, speed = 1, sections = {}, ...options }: LabSiteOptions): Promise<LabSite> {
  const world = worldOf(options);
  const directory = await mkdtemp(join(tmpdir(), 'storagebot-lab-'));
  const kubernetes = await startLabKubernetes(world.store, { latencyMs });
  for (const resource of world.api.forbidden) kubernetes.forbid(resource);
  if (world.api.hangs) kubernetes.misbehave('hang');
  const keys = { read: await newLogin(directory, 'ssh-read'), change: await newLogin(directory, 'ssh-change') };
  const hosts = await startHosts(world, { keys, latencyMs });
  const proxmox = await openProxmox(world, { directory, latencyMs });
  const prometheus = await startLabPrometheus(world, { latencyMs });
  const kubeconfigs = {
    read: kubernetes.kubeconfig(kubernetes.tokens.read),
    change: kubernetes.kubeconfig(kubernetes.tokens.change),
  };
  for (const [role, text] of Object.entries(kubeconfigs))
    await writeFile(join(directory, `kubeconfig-${role}`), text, { mode: 0o600 });
  await mkdir(join(directory, 'state'));
  const text = configText(world, { directory, hosts, proxmox, prometheusUrl: prometheus.url, sections });
  const configPath = join(directory, 'storagebot.yaml');
  await writeFile(configPath, text);
  const stopTime = world.time.run(speed);
  const stop = async () => {
    stopTime();
    await Promise.all([kubernetes.stop(), proxmox.stop(), prometheus.stop(), ...[...hosts.values()].map((host) => host.stop())]);
    await rm(directory, { recursive: true, force: true });
  };
  return { world, kubernetes, proxmox, configText: text, directory, configPath, stop };
}

/** Keeps the secrets of its tokens and the certificate of its authority in files. */
async function openProxmox(
  world: World,
  { directory, latencyMs }: { directory: string; latencyMs: number },
): Promise<LabProxmox> {
  const proxmox = await startLabProxmox(world, { latencyMs });
  for (const [role, secret] of Object.entries(proxmox.secrets))
    await writeFile(join(directory, `proxmox-${role}`), `${secret}\n`, { mode: 0o600 });
  await writeFile(join(directory, 'pve-root-ca.pem'), proxmox.ca);
  if (world.hypervisor.api.state === 'down') await proxmox.down();
  return proxmox;
}

/** Makes a key pair, and keeps its private half in a file of its own. */
async function newLogin(directory: string, name: string): Promise<ParsedKey> {
  const { text, parsed } = newKey();
  await writeFile(join(directory, name), text, { mode: 0o600 });
  return parsed;
}

export interface LabHost extends SshServer {
  /** As ssh-keygen -l prints it. */
  readonly fingerprint: string;
}

async function startHosts(
  world: World,
  { keys, latencyMs }: { keys: { read: ParsedKey; change: ParsedKey }; latencyMs: number },
) {
  const names = [world.nas.name, world.hypervisor.name, world.workstation.name, ...world.nodes.keys()];
  const started = names.map(async (name): Promise<[string, LabHost]> => {
    const machine = machineNamed(world, name);
    if (machine === undefined) throw new Error(`The lab has no host ${name}`);
    const hostKey = newKey();
    const server = await startSshServer({ world, machine, hostKey: hostKey.text, keys, latencyMs });
    const hash = createHash('sha256').update(hostKey.parsed.getPublicSSH()).digest('base64');
    return [name, { ...server, fingerprint: `SHA256:${hash.replace(/=+$/, '')}` }];
  });
  return new Map(await Promise.all(started));
}
