import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleText } from '../../test/example-config.ts';

vi.setConfig({ testTimeout: 60_000 });

const NOBODY = 65_534;
const CHILD = fileURLToPath(new URL('fixtures/local-user-child.ts', import.meta.url));
let directory: string;
let state: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-users-'));
  state = join(directory, 'state');
  const approvers = ['cli:root', 'cli:nobody'];
  const high = { approvers, count: 1, selfApproval: false };
  const approval = { tiers: { normal: { approvers, count: 2, selfApproval: true }, high } };
  const key = `file:${join(directory, 'key')}`;
  const ssh = { read: { user: 'reader', key }, change: { user: 'changer', key } };
  writeFileSync(join(directory, 'key'), 'canary-of-a-private-key');
  writeFileSync(join(directory, 'sent'), '');
  const { slack: _, ...example } = parse(exampleText);
  writeFileSync(join(directory, 'storagebot.yaml'), stringify({ ...example, state: { directory: state }, approval, ssh }));
  mkdirSync(state, { mode: 0o700 });
  chmodSync(directory, 0o755);
  for (const path of ['sent', 'state']) chownSync(join(directory, path), NOBODY, NOBODY);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function storagebot(uid: number, ...words: string[]) {
  const args = [CHILD, join(directory, 'storagebot.yaml'), join(directory, 'sent'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { uid, gid: uid, encoding: 'utf8', cwd: directory });
  return { code: status, said: stderr + stdout };
}

/** What is in the state and not its owner's; a link counts as what it is, not as where it leads. */
function ofRoot(): readonly string[] {
  const names = readdirSync(state, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name !== 'linked' && lstatSync(join(state, name)).uid === 0);
}

const runIn = (said: string) => [...said.matchAll(/^ {2}run {6}([0-9a-f]+)$/gm)].at(-1)?.[1] ?? 'no run was shown';

// Only root can become another user, who must be able to read these sources.
const canBeNobody = userInfo().uid === 0 && spawnSync(process.execPath, ['--check', CHILD], { uid: NOBODY }).status === 0;

// Again where the sources were edited between two processes: then no approval of one build counts in the next.
describe.skipIf(!canBeNobody)('two users of one machine, each in a process of their own', () => {
  test('approve one step, and the user whose state it is can go on with what root has written there', { retry: 1 }, () => {
    const first = storagebot(NOBODY, 'switches', 'a', '--apply');
    expect(first).toMatchObject({ code: 1, said: expect.stringContaining('Who can approve it here: cli:root.') });
    const second = storagebot(0, 'approve', runIn(first.said));
    expect(second.said).toContain('Approved by nobody (cli:nobody)');
    expect(second.said).toContain('Approved by root (cli:root)');
    expect(second.code).toBe(0);
    expect(readFileSync(join(directory, 'sent'), 'utf8')).toBe('turn-on a\n');
    expect(ofRoot()).toEqual([]);
    const after = storagebot(NOBODY, 'undo', runIn(first.said), '--apply');
    expect(after.said).toContain('Your approval counts: 1 of 2.');
    expect(storagebot(NOBODY, 'state', 'check').code).toBe(0);
    expect(storagebot(NOBODY, 'audit', 'verify').said).toContain('Everything agrees.');
  });

  test('find the state readable after root has frozen and restored it, and nothing else is given away', { retry: 1 }, () => {
    storagebot(NOBODY, 'switches', 'a', '--apply');
    const [elsewhere, linked, twice] = [join(directory, 'of-root'), join(state, 'linked'), join(state, 'twice')];
    writeFileSync(elsewhere, '');
    symlinkSync(elsewhere, linked);
    linkSync(elsewhere, twice);
    expect(storagebot(0, 'freeze', 'the', 'disks', 'are', 'swapped').code).toBe(0);
    expect(ofRoot()).toEqual(['twice']);
    truncateSync(join(state, 'storagebot.db'), 5_000);
    expect(storagebot(0, 'state', 'restore').code).toBe(0);
    expect(ofRoot()).toEqual(['twice']);
    expect(statSync(elsewhere).uid).toBe(0);
    expect(storagebot(NOBODY, 'state', 'check').code).toBe(0);
  });

  test('are told who may, where the state belongs to another', () => {
    chownSync(state, 0, 0);
    const { code, said } = storagebot(NOBODY, 'switches', 'a', '--apply');
    expect(code).toBe(2);
    expect(said).toContain(`The state directory ${state} is open to its owner (uid 0) and to root only.`);
    expect(statSync(state).uid).toBe(0);
  });
});
