import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPLY_SCRIPT, PLAN_SCRIPT, REPLACE_SCRIPT } from './terraform.ts';

const COMMIT = '9722db814f1c7a30be5d2c96a8e3017b6fd4c052';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'storagebot-terraform-'));
  for (const name of ['bin', 'stack', 'plans']) mkdirSync(join(home, name));
  file = join(home, 'plans', 'stacks.nfs-csi');
  program('git', `echo ${COMMIT}`);
  program(
    'terragrunt',
    `case $1 in plan) for word; do case $word in -out=*) echo binary >"\${word#-out=}" ;; esac; done; echo text ;;
  apply) for last; do :; done; cat "$last" >"${home}/done" ;; esac`,
  );
});
afterEach(() => rmSync(home, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}

function run(script: string, ...words: readonly string[]) {
  const env = { PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  const { status, stderr } = spawnSync('sh', ['-c', script, 'terragrunt', join(home, 'stack'), ...words], {
    env,
    encoding: 'utf8',
  });
  return { status, stderr };
}

const apply = (digest: string) => run(APPLY_SCRIPT, file, digest);
const plan = () => run(PLAN_SCRIPT, join(home, 'plans'), 'stacks.nfs-csi', COMMIT);
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const done = () => (existsSync(join(home, 'done')) ? readFileSync(join(home, 'done'), 'utf8') : undefined);
const kept = () => readdirSync(join(home, 'plans')).toSorted();

describe('the script that applies, in a real shell,', () => {
  it('applies the file that was approved and keeps nothing of it', () => {
    writeFileSync(`${file}.tfplan`, 'approved');
    expect(apply(digestOf('approved'))).toEqual({ status: 0, stderr: '' });
    expect(done()).toBe('approved');
    expect(kept()).toEqual(['stacks.nfs-csi.applied', 'stacks.nfs-csi.log']);
    expect(readFileSync(`${file}.applied`, 'utf8')).toBe('');
  });

  it('applies none that is another one, and puts it back', () => {
    writeFileSync(`${file}.tfplan`, 'another');
    expect(apply(digestOf('approved'))).toMatchObject({ status: 3, stderr: 'the saved plan is not the one that was approved\n' });
    expect({ done: done(), kept: kept() }).toEqual({ done: undefined, kept: ['stacks.nfs-csi.tfplan'] });
  });

  it('applies no link, which could lead elsewhere once it was compared', () => {
    writeFileSync(join(home, 'elsewhere'), 'approved');
    symlinkSync(join(home, 'elsewhere'), `${file}.tfplan`);
    expect(apply(digestOf('approved')).status).toBe(3);
    expect(done()).toBeUndefined();
  });

  it('applies nothing while another application goes on', () => {
    writeFileSync(`${file}.tfplan`, 'approved');
    writeFileSync(`${file}.applying`, 'other');
    expect(apply(digestOf('approved')).status).not.toBe(0);
    expect({ done: done(), other: readFileSync(`${file}.applying`, 'utf8') }).toEqual({ done: undefined, other: 'other' });
  });

  it('applies the file that it compared, though a new plan is saved in its place at that moment', () => {
    writeFileSync(`${file}.tfplan`, 'approved');
    program('sha256sum', `echo another >"${file}.new"; mv "${file}.new" "${file}.tfplan"; exec /usr/bin/sha256sum "$@"`);
    expect(apply(digestOf('approved')).status).toBe(0);
    expect(done()).toBe('approved');
  });

  it('leaves what failed for a person, with its last words', () => {
    writeFileSync(`${file}.tfplan`, 'approved');
    program('terragrunt', 'echo "Error acquiring the state lock" >&2; exit 1');
    expect(apply(digestOf('approved'))).toEqual({ status: 1, stderr: 'Error acquiring the state lock\n' });
    expect(kept()).toEqual(['stacks.nfs-csi.applying', 'stacks.nfs-csi.log']);
  });
});

describe('the script that plans, in a real shell,', () => {
  it('keeps the plan and its text', () => {
    expect(plan()).toEqual({ status: 0, stderr: '' });
    expect(kept()).toEqual(['stacks.nfs-csi.log', 'stacks.nfs-csi.tfplan', 'stacks.nfs-csi.txt']);
  });

  it('asks for one resource to be made anew where that is wanted, and for nothing else', () => {
    program(
      'terragrunt',
      `shift; printf '%s\\n' "$@" >"${home}/asked"; for word; do case $word in -out=*) : >"\${word#-out=}" ;; esac; done`,
    );
    const asked = () => readFileSync(join(home, 'asked'), 'utf8').split('\n');
    expect(plan().status).toBe(0);
    const usual = asked();
    expect(run(REPLACE_SCRIPT, join(home, 'plans'), 'stacks.nfs-csi', COMMIT, 'module.dbaas.null_resource.a[0]').status).toBe(0);
    expect(asked().filter((word) => !usual.includes(word))).toEqual(['-replace=module.dbaas.null_resource.a[0]']);
  });

  it('keeps none of a commit that somebody replaced meanwhile', () => {
    program('git', `echo ${'4'.repeat(40)}`);
    expect(plan()).toMatchObject({ status: 3, stderr: 'another commit was checked out meanwhile\n' });
    expect(kept()).not.toContain('stacks.nfs-csi.tfplan');
  });

  it('keeps no earlier plan beside the text of a new one', () => {
    writeFileSync(`${file}.tfplan`, 'earlier');
    program('mv', 'case $1 in *.new) exit 1 ;; esac; exec /bin/mv "$@"');
    expect(plan().status).not.toBe(0);
    expect(kept()).not.toContain('stacks.nfs-csi.tfplan');
  });
});
