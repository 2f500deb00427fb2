import { describe, expect, it } from 'vitest';
import { cases } from '../../runbooks/diagnose-node/cases.ts';
import diagnoseNode from '../../runbooks/diagnose-node/index.ts';
import { startVmByApi, vmCurrent } from '../../src/commands/proxmox-vm.ts';
import { parseConfig } from '../../src/config/config.ts';
import { siteOf } from '../../src/config/site.ts';
import { createProxmox } from '../../src/connectors/proxmox/index.ts';
import type { Targets } from '../../src/core/ports.ts';
import { readerOver } from '../../src/core/reading.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { targetsOf } from '../lab/site/connect.ts';
import { startLab } from '../lab/site/lab.ts';
import { CHANGE_TOKEN, READ_TOKEN } from '../lab/site/proxmox-api.ts';
import { type LabProxmox, startLabProxmox } from '../lab/site/proxmox-server.ts';
import { labTargets } from '../lab/site/targets.ts';
import type { World } from '../lab/site/world.ts';
import { openWorkshop, statuses, verdictAtEnd } from './repair.ts';

/** The simulated site, but for Proxmox, which is asked over HTTPS by the connector itself. */
function overHttps(world: World, lab: LabProxmox): Targets {
  const site = labTargets(world);
  const proxmox = createProxmox({
    url: lab.url,
    trust: { fingerprint: lab.fingerprint },
    read: { tokenId: READ_TOKEN.tokenId, secret: async () => lab.secrets.read },
    change: { tokenId: CHANGE_TOKEN.tokenId, secret: async () => lab.secrets.change },
    pollMs: 5,
  });
  return {
    read: (command) => (command.via === 'proxmox' ? proxmox.read(command) : site.read(command)),
    change: async (command) => {
      if (command.via !== 'proxmox') return site.change(command);
      const outcome = await proxmox.change({ ...command, timeoutMs: 1_000 });
      world.time.advance(60_000);
      return outcome;
    },
    close: () => proxmox.close(),
  };
}

async function openSite(scenario: string) {
  const each = cases.find((one) => one.scenario === scenario);
  if (each === undefined) throw new Error(`There is no case ${scenario}`);
  const labs: LabProxmox[] = [];
  const workshop = await openWorkshop(diagnoseNode, each, async (world) => {
    const lab = await startLabProxmox(world);
    labs.push(lab);
    return overHttps(world, lab);
  });
  const [lab] = labs;
  if (lab === undefined) throw new Error('The site has a hypervisor');
  return {
    lab,
    workshop,
    /** What was asked of Proxmox besides looking, in order. */
    changes: () => lab.requests.filter(({ method }) => method !== 'GET').map(({ method, path, by }) => `${method} ${path} ${by}`),
    tasks: (type: string) =>
      workshop.world.hypervisor.tasks
        .filter((task) => task.type === type && task.user === CHANGE_TOKEN.tokenId)
        .map(({ status }) => status),
    async [Symbol.asyncDispose]() {
      await workshop[Symbol.asyncDispose]();
      await lab.stop();
    },
  };
}

const STOP = 'POST /nodes/pve/qemu/203/status/stop storagebot@pve!change';
const START = 'POST /nodes/pve/qemu/203/status/start storagebot@pve!change';
const SHOWN_START = 'proxmox$ pvesh create /nodes/pve/qemu/203/status/start';
const SHOWN_STOP = 'proxmox$ pvesh create /nodes/pve/qemu/203/status/stop';

it('a site is reached as its configuration says: its own authority, and tokens that are kept in files', async () => {
  const site = await startLab({ scenario: scenarioNamed('node-off'), hangScale: 0.001 });
  const targets = await targetsOf(site);
  try {
    const api = siteOf(parseConfig(site.configText)).hypervisor?.api;
    if (api === undefined) throw new Error('The configuration of the lab names the API');
    const read = readerOver(targets.read);
    expect(await read(vmCurrent(api, 203))).toMatchObject({ known: true, value: { status: 'stopped' } });
    expect(await targets.change(startVmByApi(api, 203).command)).toMatchObject({ exitCode: 0, stderr: 'TASK OK\n' });
    expect(new Set(site.proxmox.requests.map(({ by }) => by))).toEqual(new Set([READ_TOKEN.tokenId, CHANGE_TOKEN.tokenId]));
  } finally {
    await targets.close();
    await site.stop();
  }
});

describe('a change at Proxmox', () => {
  it('is made by the token for changes, and everything else is asked with the one for looking, but for its own task', async () => {
    await using site = await openSite('node-stalled');
    const run = await site.workshop.repair();
    expect(verdictAtEnd(run)).toBe('well');
    expect(site.changes()).toEqual([STOP, START]);
    const asked = site.lab.requests.filter(({ method, by }) => method === 'GET' && by !== READ_TOKEN.tokenId);
    const about = asked.map(({ path }) =>
      /^\/nodes\/pve\/tasks\/UPID:pve:.*:(qm\w+):203:.*:\/(status|log)/.exec(path)?.slice(1).join(' '),
    );
    expect(about).toEqual(['qmstop status', 'qmstop log', 'qmstart status', 'qmstart log']);
  });

  it.each(['apply-then-reset', 'apply-then-half-body', 'apply-then-hang'] as const)(
    'whose answer is lost in the network (%s) was carried out once, is not sent again, and a look finds that it was made',
    async (fault) => {
      await using site = await openSite('node-off');
      site.lab.misbehave(fault, 1, /status\/start/);
      const run = await site.workshop.repair();
      expect(site.changes()).toEqual([START]);
      expect(site.tasks('qmstart')).toEqual(['OK']);
      expect(statuses(run)).toEqual([['done', SHOWN_START]]);
      expect(run.rounds[0]?.steps[0]?.detail).toMatch(/^The command gave no answer .*Verified: k8s-node3 is ready/);
      const probes = site.lab.requests.slice(site.lab.requests.findIndex(({ method }) => method === 'POST') + 1);
      expect(probes.map(({ method }) => method)).not.toContain('POST');
      expect(verdictAtEnd(run)).toBe('well');
    },
  );

  it('that was cut before it arrived is not sent again either: nobody knows, and the rest of the plan waits for a person', async () => {
    await using site = await openSite('node-crashed');
    site.lab.misbehave('reset', 1, /status\/stop/);
    const run = await site.workshop.repair();
    expect(site.changes()).toEqual([STOP]);
    expect(site.tasks('qmstop')).toEqual([]);
    expect(statuses(run)[0]).toEqual(['unknown', SHOWN_STOP]);
    expect(site.workshop.world.executed).toEqual([]);
  });

  it('that Proxmox took as a task, of which nothing could be seen after that, is found out by a look', async () => {
    await using site = await openSite('node-off');
    site.lab.misbehave('not-json', undefined, /\/tasks\/UPID/);
    const run = await site.workshop.repair();
    expect(site.changes()).toEqual([START]);
    expect(statuses(run)).toEqual([['done', SHOWN_START]]);
    expect(run.rounds[0]?.steps[0]?.detail).toContain('Proxmox took the change as task UPID:pve:');
  });

  it('that Proxmox refuses to the token did not reach its target, and is told with the right that is missing', async () => {
    await using site = await openSite('node-off');
    site.workshop.world.hypervisor.api.forbidden.add('VM.PowerMgmt');
    const run = await site.workshop.repair();
    expect(statuses(run)[0]).toEqual(['failed', SHOWN_START]);
    expect(run.rounds[0]?.steps[0]?.detail).toContain('Permission check failed (/vms/203, VM.PowerMgmt)');
    expect(site.tasks('qmstart')).toEqual([]);
  });
});
