import { describe, expect, it } from 'vitest';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver, replay } from '../../src/core/reading.ts';
import type { Look } from '../../src/core/runbook.ts';
import { recordingOf } from '../../test/contract.ts';
import { record, siteOf } from '../../test/lab/record.ts';
import { cases } from './cases.ts';
import runbook from './index.ts';

/** What a recorded situation would be if one command had printed something else. */
async function lookAt(title: string, edit: (stdout: string, line: string) => string = (stdout) => stdout): Promise<Look> {
  const each = cases.find((one) => ('name' in one ? one.name : one.scenario) === title);
  if (each === undefined) throw new Error(`there is no case ${title}`);
  const recording = Object.entries(recordingOf(runbook, each)).map(([line, outcome]) => [
    line,
    'stdout' in outcome ? { ...outcome, stdout: edit(outcome.stdout, line) } : outcome,
  ]);
  return runbook.look(runbook.fromWords(each.words), readerOver(replay(Object.fromEntries(recording))), siteOf(each));
}

const found = ({ diagnosis }: Look) => diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`);

const inVolumes = (from: string, to: string) => (stdout: string, line: string) =>
  line.includes('get persistentvolumes') ? stdout.replace(from, to) : stdout;

describe('one volume of the cluster with a path that no program could be given', () => {
  it.each([
    ['a control character', '/mnt/main/frigate\\u0007'],
    ['a dash first', '--help'],
    ['no slash first', 'mnt/main/frigate'],
    ['more letters than any path has', `/mnt/${'x'.repeat(5000)}`],
  ])('is said to be one that could not be looked at, and all others are looked at: %s', async (_what, path) => {
    const share = '"share":"/mnt/main/navidrome"';
    const { diagnosis } = await lookAt('whole-cluster', inVolumes(share, `"share":"${path}"`));
    const unseen = diagnosis.evidence.filter(({ status, says }) => status === 'unknown' && says.startsWith('Volume '));
    expect(unseen.map(({ says }) => says)).toEqual([
      expect.stringMatching(/^Volume navidrome\/navidrome-data: could not look. Its path ".*" is none/),
    ]);
    expect(diagnosis.evidence.map(({ says }) => says)).toContainEqual(expect.stringMatching(/^\d+ of \d+ mounts answer/));
  });

  it('keeps the pod that needs it from being ended', async () => {
    const share = '"share":"/mnt/main/immich/profile"';
    const look = await lookAt('frozen-mount', inVolumes(share, '"share":"--help"'));
    expect(found(look)).toEqual([]);
    expect(stepsOf(look.plan)).toEqual([]);
  });
});

it('a slash at the end of the path of a volume changes nothing', async () => {
  const share = '"share":"/mnt/main/immich/library';
  const look = await lookAt('all-well', inVolumes(`${share}"`, `${share}/"`));
  expect(look.diagnosis.evidence.filter(({ status }) => status !== 'ok')).toEqual([]);
});

describe('a mount that waits in the kernel of a node', () => {
  it('is no reason to restart the machine where the pod waits for a volume of another server or driver', async () => {
    const other = (stdout: string, line: string) =>
      line.includes('get events') ? stdout.replaceAll('volume \\"immich-upload\\"', 'volume \\"pvc-of-another\\"') : stdout;
    const look = await lookAt('client-wedged', other);
    expect(found(look)).toEqual([]);
    expect(stepsOf(look.plan)).toEqual([]);
  });

  it('is looked for again before the node is cordoned, and before its machine is switched off', async () => {
    const steps = stepsOf((await lookAt('client-wedged')).plan);
    const again = steps.filter(({ before }) =>
      before.some(({ says }) => says === 'A mount still waits in the kernel of k8s-node2'),
    );
    expect(again.map(({ title }) => title.split(' ', 1)[0])).toEqual(['Cordon', 'Switch']);
  });
});

it('what is left of a controller on its own port does not keep the pod of the node out: kubelet is not restarted', async () => {
  const elsewhere = (stdout: string, line: string) =>
    line.includes('ss -ltnp') ? stdout.replace(':29653 ', ':29652 ').replace(/^LISTEN.*:19809.*\n/m, '') : stdout;
  const look = await lookAt('driver-port-forgotten', elsewhere);
  expect(found(look)).toEqual(['driver-not-registered k8s-node2']);
  expect(stepsOf(look.plan)).toEqual([]);
});

it('a pod is restarted only while fresh mounts of its own volumes work, whatever becomes of those of other pods', async () => {
  const steps = stepsOf((await lookAt('frozen-mount-on-node')).plan);
  const mounts = steps.map(({ title, before }) => [
    title.replace(/.*\/(\w+)-.*/, '$1').split('-', 1)[0],
    ...new Set(before.flatMap(({ says }) => /^A fresh mount of \/mnt\/\w+\/(\w+)/.exec(says)?.[1] ?? [])),
  ]);
  expect(mounts).toEqual([
    ['immich', 'immich'],
    ['navidrome', 'navidrome'],
  ]);
});

it('a directory that another pod reaches through the one above it is not given to anybody', async () => {
  const above = inVolumes('"share":"/mnt/main/navidrome"', '"share":"/mnt/ssd/immich"');
  expect(found(await lookAt('write-denied', above))).toEqual([]);
});

it('a pod that is found by one claim is ended only while fresh mounts of all its claims work', async () => {
  const [step] = stepsOf((await lookAt('frozen-mount-of-claim')).plan);
  const fresh = step?.before.filter(({ says }) => says.startsWith('A fresh mount of ')) ?? [];
  expect(fresh).toHaveLength(5);
});

it('a path that cannot be written into a file of exports is for people, and ends no look', async () => {
  const each = {
    scenario: 'export-missing',
    words: ['immich'],
    nas: 'debian',
    verdict: 'ill',
    findings: [],
    changes: [],
  } as const;
  const [plain, odd] = ['/mnt/main/immich/library', '/mnt/main/immich/l"brary'];
  const recording = Object.entries(await record(runbook, each)).map(([line, outcome]) => {
    const to = line.startsWith('cluster$') ? odd.replace('"', '\\"') : odd;
    const said = 'stdout' in outcome ? { ...outcome, stdout: outcome.stdout.replaceAll(plain, to) } : outcome;
    return [line.replaceAll(plain, `'${odd}'`), said];
  });
  const read = readerOver(replay(Object.fromEntries(recording)));
  const look = await runbook.look(runbook.fromWords(each.words), read, siteOf(each));
  expect(found(look)).toEqual([`export-missing ${odd}`]);
  expect(stepsOf(look.plan)).toEqual([]);
});

it('of a pod that does not end each mount that does not answer is detached, and only the last step waits for the pod', async () => {
  const each = cases.find(({ scenario }) => scenario === 'stuck-terminating');
  if (each === undefined) throw new Error('there is no such case');
  const upload = '/var/lib/kubelet/pods/8b603f5d-ee7b-427b-a9ab-aca9f0884cf6/volumes/kubernetes.io~csi/immich-upload/mount';
  const thumbs = upload.replace('upload', 'thumbs');
  const recording = Object.entries(recordingOf(runbook, each)).map(([line, outcome]) => {
    if (!('stdout' in outcome)) return [line, outcome];
    const { stdout } = outcome;
    if (line === 'k8s-node2$ cat /proc/mounts')
      return [line, { ...outcome, stdout: `${stdout}10.0.10.15:/mnt/ssd/immich/thumbs ${thumbs} nfs rw,vers=3,soft 0 0\n` }];
    if (!line.includes(`' probe '${upload}'`)) return [line, outcome];
    const answers = ['1 1 Stale file handle', '2 1 Stale file handle', ...[3, 4, 5, 6, 7].map((number) => `${number} 0 0:0`)];
    return [line.replace(`'${upload}'`, `'${upload}' '${thumbs}'`), { ...outcome, stdout: `${answers.join('\n')}\n` }];
  });
  const read = readerOver(replay(Object.fromEntries(recording)));
  const steps = stepsOf((await runbook.look(runbook.fromWords(each.words), read, siteOf(each))).plan);
  expect(steps.map(({ after }) => after.says)).toEqual(['The mount is detached', 'The pod is gone']);
  expect(steps.map(({ change }) => show(change.command).includes(thumbs))).toEqual([false, true]);
});
