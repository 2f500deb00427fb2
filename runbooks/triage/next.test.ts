import { expect, it } from 'vitest';
import { HARMLESS } from '../../src/commands/pod-events.ts';
import { readerOver, replay } from '../../src/core/reading.ts';
import { recordingOf } from '../../test/contract.ts';
import { siteOf } from '../../test/lab/record.ts';
import { runbooks } from '../index.ts';
import { cases } from './cases.ts';
import triage from './index.ts';
import { NEXT, ON_NODE, OVER_ISCSI, ROUTES, SILENT_BLOCK } from './routes.ts';

const words = runbooks.map((runbook) => runbook.words.join(' '));

const look = (each: (typeof cases)[number]) =>
  triage.look(triage.fromWords(each.words), readerOver(replay(recordingOf(triage, each))), siteOf(each));

it('the triage sends people to runbooks that the bot has', () => {
  const all = [...Object.values(ROUTES), SILENT_BLOCK].flatMap(({ next }) => next?.words.join(' ') ?? []);
  const named = [NEXT, ON_NODE.words, OVER_ISCSI.words].map((each) => each.join(' '));
  expect(words).toEqual(expect.arrayContaining([...new Set([...all, ...named])]));
});

it('everything that the triage says to run begins with the words of a runbook, and its arguments are understood', async () => {
  const diagnoses = await Promise.all(cases.map(async (each) => (await look(each)).diagnosis));
  const said = diagnoses.flatMap(({ evidence, findings }) => [
    ...evidence.map(({ says }) => says),
    ...findings.flatMap(({ says, remedy, doNot = '' }) => [says, remedy, doNot]),
  ]);
  const commands = said.flatMap((text) =>
    [...text.matchAll(/\/storage ([a-z0-9 ./-]+)/g)].map(([, line = '']) => line.split(' ')),
  );
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const runbook = runbooks.find((each) => each.words.every((word, index) => command[index] === word));
    expect(runbook?.id, command.join(' ')).toBeDefined();
    expect(runbook?.params.safeParse(runbook.fromWords(command.slice(runbook.words.length))).success).toBe(true);
  }
});

it('every meaning of an event is a route or harmless, and none is both', () => {
  const routed = Object.keys(ROUTES);
  const harmless = Object.keys(HARMLESS);
  expect(routed.filter((meaning) => harmless.some((each) => each === meaning))).toEqual([]);
  expect(harmless.toSorted()).toEqual(['attempt-still-running', 'waiting-for-consumer']);
});

it('a name that neither a namespace nor a pod has is answered with the nearest', async () => {
  const [wellCase] = cases;
  await expect(
    triage.look({ target: 'imich' }, readerOver(replay(recordingOf(triage, wellCase))), siteOf(wellCase)),
  ).rejects.toThrow('No namespace and no pod is named imich. Did you mean immich');
});

it('a block volume whose driver timed out is sent along its own way, and not to the NFS server', async () => {
  const next = async (scenario: string) => {
    const each = cases.find((one) => one.scenario === scenario);
    if (each === undefined) throw new Error('there is no such case');
    return (await look(each)).diagnosis.findings.map(({ remedy }) => remedy.replace(/^.*Next: /, ''));
  };
  expect(await next('waits-for-block-in-time')).toEqual(['/storage diagnose block immich/immich-redis-data-proxmox']);
  expect(await next('waits-for-iscsi')).toEqual(['/storage diagnose iscsi k8s-node2']);
  expect(await next('waits-for-iscsi-driver')).toEqual(['/storage diagnose csi org.democratic-csi.iscsi']);
  expect(await next('driver-not-registered')).toEqual(['/storage diagnose csi nfs.csi.k8s.io']);
  expect(await next('waits-for-fsck')).toEqual(['/storage restore pvc immich/immich-redis-data-proxmox']);
});

it('a driver that the bot does not know is left to a person', async () => {
  const each = cases.find(({ scenario }) => scenario === 'waits-for-block-driver');
  if (each === undefined) throw new Error('there is no such case');
  const text = JSON.stringify(recordingOf(triage, each));
  const other = text.replaceAll('driver name csi.proxmox.sinextra.dev not found', 'driver name csi.example.net not found');
  expect(other).not.toBe(text);
  const { diagnosis } = await triage.look({}, readerOver(replay(JSON.parse(other))), siteOf(each));
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['block-driver']);
  expect(diagnosis.findings.filter(({ remedy }) => remedy.includes('/storage'))).toEqual([]);
});
