import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/core/command.ts';
import type { Outcome } from '../../src/core/output.ts';
import type { Targets } from '../../src/core/ports.ts';
import type { RunView } from '../../src/core/run.ts';
import type { Site } from '../../src/core/site.ts';
import { temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { createLongWorkWorld } from '../../src/engine/fixtures/long-work.ts';
import { site as toySite } from '../../src/engine/fixtures/switches.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, worldOf } from '../lab/site/index.ts';
import type { LifeRequest, Point } from './crash-life.ts';
import { live } from './crash-life.ts';
import type { ToChild, ToParent } from './crash-life-child.ts';
import type { RepairCase } from './repair-cases.ts';
import { scaleDown } from './world-state.ts';

/** Where a life is ended: at the nth time that it comes to this point. */
export interface Kill {
  readonly point: Point;
  readonly nth: number;
}

/** Something that a bot can be asked, in a world that outlives it. */
export interface Play {
  readonly targets: Targets;
  readonly site: Site;
  readonly request: Omit<LifeRequest, 'directory' | 'site'>;
  /** Every change that reached a host or the API server since the play began, as its shown line. */
  readonly executed: () => readonly string[];
}

export interface Plot {
  readonly title: string;
  /** Makes a new world, and in it whatever comes before the run that is killed. */
  readonly open: (directory: string) => Promise<Play>;
}

const CHILD = join(import.meta.dirname, 'crash-life-child.ts');
/** A machine that is busy with other tests may stand still for a while; a run that is stuck never ends. */
const LIFE_MS = 60_000;

export function repairOf({ title, runbook, each: { scenario, nas, words } }: RepairCase): Plot {
  return {
    title,
    open: async () => {
      const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
      return {
        targets: labTargets(world),
        site: labSite(world),
        request: { runbook: runbook.id, words },
        executed: () => [...world.executed],
      };
    },
  };
}

/** The run that takes back this repair, once nothing in the namespace runs any more. */
export function undoOf(repair: RepairCase): Plot {
  return {
    title: `undo of ${repair.title}`,
    open: async (directory) => {
      const { scenario, nas, words } = repair.each;
      const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
      const play = { targets: labTargets(world), site: labSite(world), request: { runbook: repair.runbook.id, words } };
      const { id } = await live({ ...play.request, site: play.site, directory }, { ...play, point: () => undefined });
      scaleDown(world, ['immich']);
      const before = world.executed.length;
      return { ...play, request: { ...play.request, undo: id }, executed: () => world.executed.slice(before) };
    },
  };
}

/** Work that ends by itself once somebody has looked twice, or that goes on until the run is cancelled. */
export function longWorkThat(end: 'ends' | 'is cancelled'): Plot {
  return {
    title: `long work that ${end}`,
    open: async () => {
      const world = createLongWorkWorld({ media: 'stale' });
      let looks = 0;
      world.onRead = (line) => {
        if (!line.startsWith('state ') || world.begun.size === 0) return undefined;
        looks += 1;
        world.tell(`${looks} GiB`);
        if (end === 'ends' && looks > 1) world.succeed();
        return undefined;
      };
      return {
        targets: world.targets,
        site: toySite,
        request: { runbook: 'long-work', words: ['media'], ...(end === 'ends' ? {} : { cancels: true }) },
        executed: () => world.sent.map((line) => `box$ ${line}`),
      };
    },
  };
}

/** Points at which a whole life in this process can be ended, in their order. */
export async function pointsOf(plot: Plot): Promise<readonly Kill[]> {
  const points: Kill[] = [];
  await inDirectory(async (directory) => {
    const { targets, request, site } = await plot.open(directory);
    const point = (name: Point) => {
      const nth = points.filter((one) => one.point === name).length + 1;
      points.push({ point: name, nth });
    };
    await live({ ...request, site, directory }, { targets, point });
  });
  return points;
}

/** What a play came to whose first life was killed, or was not because it did not come to that point. */
export interface Ended {
  readonly play: Play;
  readonly directory: string;
  readonly killed: boolean;
  readonly view: RunView;
}

/** A first life in a process that kills itself, then a second one here, over the same state and the same world. */
export async function liveTwice(plot: Plot, kill: Kill, judge: (ended: Ended, kill: Kill) => Promise<void>): Promise<boolean> {
  return inDirectory(async (directory) => {
    const play = await plot.open(directory);
    const killed = await liveAndDie(play, directory, kill);
    const view = await inTime(live({ ...play.request, site: play.site, directory }, { ...play, point: () => undefined }));
    await judge({ play, directory, killed, view }, kill);
    return killed;
  });
}

async function liveAndDie({ targets, request, site }: Play, directory: string, kill: Kill): Promise<boolean> {
  const child = fork(CHILD, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'storagebot-compiled') },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr?.on('data', (text: Buffer) => (complaints += String(text)));
  const tell = (message: ToChild) => child.connected && child.send(message, () => undefined);
  const inHand = new Set<Promise<unknown>>();
  child.on('message', ({ ask: { id, intent, command } }: ToParent) => {
    const answered = answer(targets, intent, command).then((outcome) => tell({ answer: { id, outcome } }));
    inHand.add(answered.finally(() => inHand.delete(answered)));
  });
  tell({ begin: { request: { ...request, site, directory }, kill } });
  const timer = setTimeout(() => child.kill('SIGTERM'), LIFE_MS);
  const [code, signal] = await once(child, 'close').finally(() => clearTimeout(timer));
  await Promise.all(inHand);
  if (signal !== 'SIGKILL' && (code !== 0 || complaints !== ''))
    throw new Error(`The first life, to be killed at ${kill.point} ${kill.nth}, ended with ${code ?? signal}: ${complaints}`);
  return signal === 'SIGKILL';
}

function answer({ read, change }: Targets, intent: 'read' | 'change', command: Command): Promise<Outcome> {
  return intent === 'read' ? read(command) : change(command);
}

async function inTime(life: Promise<RunView>): Promise<RunView> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('The second life got stuck: its run came to no end.')), LIFE_MS);
  return Promise.race([life, late]).finally(() => clearTimeout(timer));
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory();
  try {
    return await work(directory.path);
  } finally {
    directory.remove();
  }
}
