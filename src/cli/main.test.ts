import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { type ToyWorld, toy, toyWorld } from '../../test/toy.ts';
import type { Plan } from '../core/plan.ts';
import { stepsOf } from '../core/plan.ts';
import type { Runbook } from '../core/runbook.ts';
import { main } from './main.ts';

const SECRET = 'canary-of-a-private-key';
let directory: string;
let config: string;
let world: ToyWorld;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storagebot-cli-'));
  vi.stubEnv('TMPDIR', directory);
  config = join(directory, 'storagebot.yaml');
  world = toyWorld();
  await configure();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function configure(normal: object = { approvers: [`cli:${userInfo().username}`], selfApproval: true }): Promise<void> {
  const example = parse(await readFile(new URL('../../deploy/storagebot.example.yaml', import.meta.url), 'utf8'));
  const key = `file:${join(directory, 'key')}`;
  await writeFile(join(directory, 'key'), SECRET);
  Object.assign(example, {
    state: { directory: join(directory, 'state') },
    approval: { tiers: { normal } },
    ssh: { read: { user: 'reader', key }, change: { user: 'changer', key } },
  });
  await writeFile(config, stringify(example));
}

interface Person {
  readonly runbooks?: readonly Runbook[];
  readonly interactive?: boolean;
  readonly types?: (question: string) => string | Promise<string>;
}

async function storagebot(words: string, { runbooks = [toy], interactive = false, types = () => '' }: Person = {}) {
  const printed: string[] = [];
  const notes: string[] = [];
  const terminal = {
    out: (text: string) => void printed.push(text),
    note: (text: string) => void notes.push(text),
    interactive,
    ask: async (question: string) => types(question),
  };
  const code = await main(words.split(' ').filter(Boolean), {
    terminal,
    runbooks,
    env: { STORAGEBOT_CONFIG: config },
    targets: world.targets,
  });
  return { code, out: printed.join(''), notes: notes.join('') };
}

const approve = (question: string) => /Type (\w+) to approve/.exec(question)?.[1] ?? '';

describe('a diagnosis', () => {
  test('that finds nothing wrong exits with 0', async () => {
    world.answer = 'running';
    const { code, out } = await storagebot('diagnose toy train');
    expect(code).toBe(0);
    expect(out).toContain('It runs.');
    expect(out).toContain('Nothing was changed.');
  });

  test('that finds something wrong exits with 1, shows the plan and how to apply it, and changes nothing', async () => {
    const { code, out } = await storagebot('diagnose toy train');
    expect(code).toBe(1);
    expect(out).toContain('It is stopped.');
    expect(out).toContain('truenas$ start');
    expect(out).toContain('Nothing was changed. To apply the plan: storagebot diagnose toy train --apply');
    expect(world.changes).toEqual([]);
  });

  test('is also had of a runbook whose own words begin with run', async () => {
    const backup: Runbook = { ...toy, words: ['run', 'backup'] };
    for (const words of ['run backup train', 'run run backup train'])
      expect(await storagebot(words, { runbooks: [backup] })).toMatchObject({
        code: 1,
        out: expect.stringContaining('It is stopped.'),
      });
  });

  test('that could not look exits with 3', async () => {
    world.answer = undefined;
    const { code, out } = await storagebot('run diagnose toy train');
    expect(code).toBe(3);
    expect(out).toContain('Nothing answers.');
  });

  test('leaves no state behind', async () => {
    await storagebot('diagnose toy train');
    expect((await readdir(directory)).toSorted()).toEqual(['key', 'storagebot.yaml']);
  });

  test('is printed as JSON where a script asks', async () => {
    const { out } = await storagebot('diagnose toy train --json');
    expect(JSON.parse(out)).toMatchObject({
      status: 'waiting',
      arguments: ['train'],
      rounds: [{ diagnosis: { findings: [{ code: 'stopped' }] } }],
    });
  });

  test.each([
    ['diagnose toy nothing', 'There is no toy of that name.'],
    ['diagnose toy', 'a name is missing'],
    ['diagnose toy UPPER', 'must be lower case'],
    ['diagnose ty train', 'No runbook is called "diagnose ty train". Did you mean: storagebot diagnose toy <name>?'],
    ['bake a cake', 'No runbook is called "bake a cake". See storagebot runbooks.'],
    ['config chekc', 'storagebot config check'],
    ['diagnose toy train --aply', "Unknown option '--aply'"],
    ['diagnose toy train --apply', 'it needs a terminal'],
  ])('that makes no sense is refused with 2 and says why: %s', async (words, says) => {
    const { code, out, notes } = await storagebot(words);
    expect(code).toBe(2);
    expect(out + notes).toContain(says);
    expect(world.changes).toEqual([]);
  });

  test('without a configuration is a fault that names the file', async () => {
    await rm(config);
    const { code, notes } = await storagebot('diagnose toy train');
    expect(code).toBe(4);
    expect(notes).toContain(config);
  });
});

describe('applying', () => {
  test('shows the exact step, changes after its digest was typed, verifies, and exits with the verdict of the last look', async () => {
    const { code, out, notes } = await storagebot('diagnose toy train --apply', { interactive: true, types: approve });
    expect(world.changes).toEqual(['truenas$ start']);
    expect(notes).toContain('  run      truenas$ start\n  risk     normal; ended after 1 s');
    expect(out).toContain('It runs.');
    expect(code).toBe(0);
  });

  test.each([
    ['nothing', () => ''],
    ['yes', () => 'y'],
    ['another digest', () => '0123456789ab'],
  ])('changes nothing when %s was typed', async (_name, types) => {
    const { code, notes } = await storagebot('diagnose toy train --apply', { interactive: true, types });
    expect(world.changes).toEqual([]);
    expect(notes).toContain('Denied.');
    expect(code).toBe(1);
  });

  test('shows control characters of foreign text where a person decides, and does not obey them', async () => {
    const hostile: Runbook = {
      ...toy,
      async look(...about) {
        const look = await toy.look(...about);
        const [step] = stepsOf(look.plan);
        if (step === undefined) return look;
        const plan: Plan = { steps: [{ ...step, title: 'Start \u{1b}[2J\u{202e}the toy' }] };
        return { ...look, plan, planAs: () => plan };
      },
    };
    const { notes } = await storagebot('diagnose toy train --apply', { runbooks: [hostile], interactive: true });
    expect(notes).toContain('Step 1 of round 1');
    for (const obeyed of ['\u{1b}', '\u{202e}']) expect(notes).not.toContain(obeyed);
    expect(notes).toContain('Start ␛[2J\\u{202e}the toy');
  });

  test('is refused to somebody whom the policy does not name, and the offer is withdrawn', async () => {
    await configure({ approvers: ['U0EXAMPLE01'] });
    const { code, notes } = await storagebot('diagnose toy train --apply', { interactive: true, types: approve });
    expect(world.changes).toEqual([]);
    expect(notes).toContain('You may not decide on changes of normal risk.');
    expect(notes).toContain('Denied.');
    expect(code).toBe(1);
  });

  test('waits for a second person where the policy wants two', async () => {
    await configure({ approvers: [`cli:${userInfo().username}`, 'cli:second'], count: 2, selfApproval: true });
    const { notes } = await storagebot('diagnose toy train --apply', { interactive: true, types: approve });
    expect(world.changes).toEqual([]);
    expect(notes).toContain('1 of 2');
  });

  test('is refused with 2 while the bot works on the same state', async () => {
    let inner: Awaited<ReturnType<typeof storagebot>> | undefined;
    const types = async () => {
      inner = await storagebot('diagnose toy train --apply', { interactive: true });
      return '';
    };
    await storagebot('diagnose toy train --apply', { interactive: true, types });
    expect(inner?.code).toBe(2);
    expect(inner?.notes).toContain('Another storagebot works on');
  });
});

describe('the other commands', () => {
  test.each(['', '--help', 'help'])('help is what one gets for %j, with every exit code', async (words) => {
    const { code, out } = await storagebot(words);
    expect(code).toBe(0);
    for (const exit of [0, 1, 2, 3, 4]) expect(out).toMatch(new RegExp(`^ {2}${exit} {2}\\w`, 'm'));
  });

  test('runbooks are listed with their words and whether they can change anything', async () => {
    expect((await storagebot('runbooks')).out).toBe('diagnose toy <name>  Looks at a toy (can plan changes)\n');
  });

  test('a right configuration is checked together with its secrets, of which none is printed', async () => {
    vi.stubEnv('SLACK_APP_TOKEN', 'xapp-canary');
    const { code, out } = await storagebot('config check');
    expect(code).toBe(3);
    expect(out).toContain('The configuration is right.');
    expect(out).toContain('Nobody may approve changes of high risk');
    expect(out).toContain('ok       env:SLACK_APP_TOKEN can be read');
    expect(out).toContain('missing  The secret env:SLACK_BOT_TOKEN cannot be used: the environment variable is not set.');
    expect(out).not.toContain('canary');
  });

  test('a wrong configuration is checked with all its problems', async () => {
    await writeFile(config, 'stat: {}\n');
    const { code, notes } = await storagebot('config check');
    expect(code).toBe(4);
    expect(notes).toContain('line 1: stat is not a setting (did you mean state?)');
    expect(notes).toContain('ssh is missing');
  });
});
