import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { understand } from '../core/reading.ts';
import { answersOf, inGroups, parseProbes, probeMounts } from './nfs-probes.ts';

const NODE = { name: 'k8s-node1', sudo: false };
const output = (stdout: string, exitCode = 0) => ({ exitCode, stdout, stderr: '' });

describe('probes of many mounts', () => {
  it('are read one by one, in whatever order they ended', () => {
    const text = '3 1 Stale file handle\n1 0 0:0\n2 124 \n4 137 \n5 1 Input/output error\n6 1 No such file or directory\n';
    const states = ['answers', 'hangs', 'stale', 'hangs', 'io-error', 'gone'];
    expect(parseProbes(output(text), 6).map(({ state }) => state)).toEqual(states);
  });

  it('that could not be ended are the ones without a line, and hide no other', () => {
    const read = probeMounts(NODE, ['/a', '/b']);
    const [first, second] = answersOf(understand(read, output('2 0 33:33\n', 124)), ['/a', '/b']);
    expect(first).toMatchObject({ known: false, why: { failed: 'timed-out' } });
    expect(second).toMatchObject({ known: true, value: { state: 'answers', uid: 33, gid: 33 } });
  });

  it('that say something new are "could not look" for that mount alone', () => {
    const seen = understand(probeMounts(NODE, ['/a', '/b']), output('2 0 33:33\n1 1 Permission denied\n'));
    const says = expect.stringContaining('Permission denied');
    expect(answersOf(seen, ['/a', '/b'])).toMatchObject([{ known: false, why: { failed: 'unreadable', says } }, { known: true }]);
  });

  it.each([
    ['a line is missing though all have ended', '1 0 0:0\n', 0],
    ['a line is there twice', '1 0 0:0\n1 0 0:0\n', 0],
    ['a line is of none that was asked for', '1 0 0:0\n3 0 0:0\n', 124],
    ['there is anything else', '1 0 0:0\nwelcome\n2 0 0:0\n', 0],
    ['the number is none', '0 0 0:0\n', 124],
  ])('are not read where %s', (_what, text, exitCode) => {
    expect(() => parseProbes(output(text, exitCode), 2)).toThrow(Error);
  });

  it('are split into groups that one command line can take, in their order', () => {
    const many = Array.from({ length: 120 }, (_, index) => `/var/lib/kubelet/pods/${index}`);
    expect(inGroups(many).map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(inGroups(many).flat()).toEqual(many);
    const long = Array.from({ length: 40 }, (_, index) => `/${`${index}'`.padEnd(4_000, 'x')}`);
    for (const group of inGroups(long)) expect(() => probeMounts(NODE, group)).not.toThrow();
    expect(inGroups([])).toEqual([]);
  });
});

describe('the script of the probes, run by a real shell,', () => {
  let directory: string;
  const hostile = ["it's", '2 0 7:7', ': Stale file handle', '$(touch made)', '*', 'a  b', '; exit 0', '\\n3 0 0:0', 'größe'];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'storagebot-probes-'));
    for (const name of hostile) mkdirSync(join(directory, name));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function run(mountPoints: [string, ...string[]], env: NodeJS.ProcessEnv = process.env) {
    const read = probeMounts(NODE, mountPoints);
    if (read.command.via !== 'ssh') throw new Error('not over SSH');
    const [program, ...args] = read.command.argv;
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, env, encoding: 'utf8', timeout: 20_000 });
    return answersOf(understand(read, { exitCode: status ?? -1, stdout, stderr }), mountPoints);
  }

  it('tells the owner of each directory, whatever it is called, and which is not there', () => {
    const owner = Number(execFileSync('id', ['-u'], { encoding: 'utf8' }));
    const [first = '', ...more] = hostile.map((name) => join(directory, name));
    const answers = run([first, ...more, join(directory, 'nowhere: 0:0')]);
    const known = hostile.map(() => ({ known: true, value: { state: 'answers', uid: owner } }));
    expect(answers).toMatchObject([...known, { known: true, value: { state: 'gone' } }]);
  });

  it('ends though one probe cannot be ended, and says what the others gave', () => {
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    // What waits in the kernel ends by no signal: its timeout(1) waits for it. The outer one is the real program.
    writeFileSync(join(bin, 'timeout'), '#!/bin/sh\ncase "$7" in *stuck) sleep 15 ;; *) echo 0:0 ;; esac\n');
    chmodSync(join(bin, 'timeout'), 0o755);
    const read = probeMounts(NODE, ['/stuck', '/well']);
    if (read.command.via !== 'ssh') throw new Error('not over SSH');
    const [, , , , ...shell] = read.command.argv;
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('/usr/bin/timeout', ['-k', '1', '1', ...shell], { env, encoding: 'utf8' });
    const seen = understand(read, { exitCode: status ?? -1, stdout, stderr });
    expect(answersOf(seen, ['/stuck', '/well'])).toMatchObject([{ known: false }, { known: true, value: { state: 'answers' } }]);
  });
});
