import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseExportsFile } from '../../src/commands/exports.ts';
import { linesOf as amtoolLines, showMatcher } from '../../src/core/alertmanager.ts';
import type { AlertmanagerCommand, Change, Command, Read } from '../../src/core/command.ts';
import { commandLine } from '../../src/core/command.ts';
import { Refusal } from '../../src/core/errors.ts';
import { httpRequest } from '../../src/core/kubernetes.ts';
import { quote, TooLong, Unprintable } from '../../src/core/quote.ts';
import { samples } from '../deploy/samples.ts';
import { portion } from '../depth.ts';
import { fc, seed } from '../seed.ts';
import type { Count } from './count.ts';
import { heardByBash } from './local-shell.ts';
import type { Maker } from './maker.ts';
import { makers } from './makers.ts';
import { corpus, hostileText, hugeText, parted } from './texts.ts';

/** Commands of src/commands that no text goes into: their arguments are numbers, flavours and constants. */
const WITHOUT_TEXT = parted(
  'nodes pods events persistentVolumes persistentVolumeClaims csiNodes storageClasses deployments statefulSets daemonSets cronJobs',
  'exportsFile scriptIsWhole exportsFileBeforeFix exportsDirectory activeExports dropFsidZero restoreExportsFile shares ownerMapping',
  'kernelOf hasMiddleware serviceRuns serverLog startService reloadExports datasets storedDatasets pools mountsOf processesOf threadsOf',
  'listenersOf ownerOfProcess restartKubelet nfsKernelLines clockOf vmStatus bootDisk startVm resetVm tasksOf taskSince',
  'poolStatuses thinPools diskErrors',
  'exportsText exportsTextBeforeRemoval restoreExportLine deleteShare mountList',
  'backupSchedules backupRuns jobTemplates pushed pushedBefore',
  'jobs schedules mountRates podTraffic poolTraffic poolSpace cacheHits nfsdThreads setNfsdThreads',
  'loadAverage virtualMachines vmMinutes',
  'storages nodeStates',
  'usersOfKind wholeVolumes autoscalers blockClasses',
  'volumeAttachments monitorBlock monitorObjects dropLeftovers blockDevices byId blockMounts diskUses fileSystemUse fileSystemErrors',
  'volumeGroups',
  'claims sizedVolumes expansions claimUsage firingAlerts prometheusUptime claimGrowth claimsBefore poolGrowth poolFreeBefore thinPoolLines',
  'driverVolumes',
  'serverState postgresDatabases postgresSessions postgresRoles replicationOf dataSpace postgresClusters',
  'iscsiSessions sessionDetails liveSessions initiatorDefaults iscsiKernelFacts iscsidLog diskMounts',
  'serverTargets serverDevices serverSessions',
  'redisInfo redisVolume',
  'firingAt silences alertmanagerStatus',
  'runScript', // the path is the configuration's, and checked there
);

/** Texts that a command takes: a name, a path, the name of a volume, and what only a few take. */
const HARMLESS = parted(
  'word /word word/word /dev/sdb sdb 2Gi scsi5 10.0.10.15:3260 iqn.2005-10.org.example:a local-lvm:vm-9999-a backup.service',
  'vm-9999-pvc-a_snap_20260403_0300 storagebot-3f2a9c81d0-1-1 UPID:pve:000133AF:00133AF0:69CF8190:qmstop:203:storagebot@pve:',
  'e3b0'.repeat(16),
);

const everyMaker = Object.entries(makers).flatMap(([name, list]) =>
  list.map((make, index) => ({ name: `${name} ${index}`, make })),
);

interface Made {
  readonly name: string;
  readonly text: string;
  readonly command: Command;
}

export function hostileParameters(count: Count): void {
  describe('a hostile parameter', () => {
    const directory = mkdtempSync(join(tmpdir(), 'storagebot-hostile-'));
    const empty = join(directory, 'empty');
    beforeAll(() => mkdirSync(empty));
    afterAll(() => {
      const made = readdirSync(empty);
      rmSync(directory, { recursive: true });
      expect(made).toEqual([]);
    });

    test('is tried in every command that takes a text', () => {
      const all = Object.values(samples).flatMap((functions) => Object.keys(functions));
      expect(Object.keys(makers).toSorted()).toEqual(all.filter((name) => !WITHOUT_TEXT.includes(name)).toSorted());
    });

    test.each(everyMaker)('has a harmless one beside it that $name takes', ({ name }) => {
      expect(wordsOf(name)).not.toEqual([]);
    });

    test('is refused, or is exactly the arguments and the input that a shell reads out of the line that is shown', () => {
      const made = commandsOf(count);
      const heard = heardByBash(
        made.map(({ command }) => commandLine(command)),
        directory,
      );
      const wrong = made.filter(({ name, command }, index) => !isAsMeant(command, heard[index], wordsOf(name).length));
      expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
    });

    writtenIntoFiles(count, directory);

    test('is never taken for an option by the program that gets it', () => {
      const dashed = fc.tuple(fc.constantFrom('-', '--'), hostileText).map(([dash, text]) => dash + text);
      const property = fc.property(fc.constantFrom(...everyMaker), dashed, ({ name, make }, text) => {
        count.add('parameters');
        const command = commandOf(make, text);
        if (command?.via !== 'ssh') return;
        const harmless = wordsOf(name);
        const end = harmless.includes('--') ? harmless.indexOf('--') : command.argv.length;
        const options = command.argv.slice(0, end);
        const smuggled = options.filter((word, index) => word.startsWith('-') && !harmless[index]?.startsWith('-'));
        expect(smuggled).toEqual([]);
      });
      fc.assert(property, { numRuns: portion(4_000), seed });
    });

    test.each(everyMaker)('of a mebibyte is refused by or whole in the command of $name', ({ make }) => {
      fc.assert(
        fc.property(hugeText, (text) => {
          count.add('parameters');
          const command = commandOf(make, text);
          const line = command?.via === 'ssh' ? command.argv.map(quote).join(' ') : '';
          expect(Buffer.byteLength(line)).toBeLessThan(2 ** 17);
        }),
        { numRuns: portion(6), seed },
      );
    });
  });
}

function writtenIntoFiles(count: Count, directory: string): void {
  test('is written into a file of exports as one path with its clients, or not at all', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        count.add('parameters');
        const path = `/mnt/${text}`;
        const line = inputOf(makers.writeExportFile, path);
        const meant = [{ path, rest: expect.stringMatching(/^10\.0\.20\.0\/24\(/) }];
        expect(line === undefined ? meant : parseExportsFile(line)).toEqual(meant);
      }),
      { numRuns: portion(4_000), seed },
    );
  });

  test('is written into a shell script as two words, or not at all', () => {
    const paths = [...corpus, ...fc.sample(hostileText, { numRuns: 2_000, seed })].map((text) => `/mnt/${text}`);
    count.add('parameters', paths.length);
    const added = paths.flatMap((path) => {
      const line = inputOf(makers.addToScript, path);
      return line === undefined ? [] : [{ path, line }];
    });
    const heard = heardByBash(
      added.map(({ line }) => line),
      directory,
    );
    expect(heard.map(({ words }) => words)).toEqual(
      added.map(({ path }) => ['create_nfs_export', path.slice('/mnt/'.length), path]),
    );
  });

  test('that begins with "=" is quoted, because zsh would make the path of a program out of it', () => {
    expect(['=ls', '--a=b', '='].map(quote)).toEqual(["'=ls'", '--a=b', "'='"]);
  });
}

const PARAMETERS = portion(45_000);

/** The commands that were made of many texts, each put in one place; those that are refused are counted too. */
function commandsOf(count: Count): Made[] {
  const made: Made[] = [];
  const property = fc.property(fc.constantFrom(...everyMaker), hostileText, ({ name, make }, text) => {
    count.add('parameters');
    const command = commandOf(make, text);
    if (command !== undefined) made.push({ name, text, command });
  });
  fc.assert(property, { numRuns: PARAMETERS, seed });
  const every = everyMaker.flatMap(({ name, make }) =>
    corpus.map((text) => ({ name, text, command: commandOf(make, `/mnt/a${text}b`) })),
  );
  return [...made, ...every.flatMap(({ command, ...each }) => (command === undefined ? [] : [{ ...each, command }]))];
}

/** undefined where the text is refused, by one of the ways in which a text may be refused. */
function commandOf(make: Maker, text: string): Command | undefined {
  let made: Read<unknown> | Change;
  try {
    made = make(text);
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unprintable || error instanceof TooLong || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
  // What the API's path could not hold is refused when it is sent.
  if (made.command.via === 'kubernetes') return isRefused(() => httpRequest(requestOf(made.command))) ? undefined : made.command;
  return made.command;
}

/** What the command of the only maker writes; undefined where the text is refused. */
function inputOf(list: readonly Maker[] | undefined, text: string): string | undefined {
  const [make] = list ?? [];
  const command = make && commandOf(make, text);
  return command?.via === 'ssh' ? command.input : undefined;
}

function requestOf(command: Command) {
  if (command.via !== 'kubernetes') throw new Error('not a request to Kubernetes');
  return command.request;
}

function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}

/** The words of the same command with a harmless text in it: the first that it takes. */
function wordsOf(name: string): readonly string[] {
  const maker = everyMaker.find((each) => each.name === name);
  if (maker === undefined) throw new Error(`${name} is no maker`);
  const text = HARMLESS.find((each) => commandOf(maker.make, each) !== undefined);
  if (text === undefined) throw new Error(`${name} takes no harmless text`);
  const { command } = maker.make(text);
  if (command.via === 'alertmanager') return amtoolLines(command.request).flat();
  return command.via === 'ssh'
    ? command.argv
    : commandLine(command)
        .replace(/ <<< .*$/, '')
        .split(' ');
}

/** Over SSH the words are the argument list; kubectl gets as many words as for a harmless name. */
function isAsMeant(command: Command, heard: { words: readonly string[]; input: string } | undefined, count: number): boolean {
  if (heard === undefined || heard.words.length !== count) return false;
  if (command.via === 'kubernetes') return heard.words[0] === 'kubectl' && isRequest(command, heard);
  if (command.via === 'proxmox') return heard.words[0] === 'pvesh' && heard.input === '';
  if (command.via === 'prometheus') return heard.words.at(-1) === command.query && heard.input === '';
  if (command.via === 'alertmanager') return isCall(command, heard);
  const input = command.input === undefined ? '' : `${command.input}\n`;
  return heard.input === input && command.argv.every((word, index) => word === heard.words[index]);
}

/** amtool gets the author, the comment and the labels as they are sent; to end silences their author and labels. */
function isCall(
  { request }: AlertmanagerCommand,
  { words, input }: { readonly words: readonly string[]; readonly input: string },
) {
  if (
    amtoolLines(request)
      .flat()
      .some((word, index) => word !== words[index]) ||
    input !== '' ||
    request.method === 'GET'
  )
    return false;
  if (request.method === 'DELETE')
    return [request.createdBy, ...request.each.flat().map(showMatcher)].every((word) => words.includes(word));
  const { createdBy, comment, each } = request.silences;
  const meant = [`--author=${createdBy}`, `--comment=${comment}`, ...each.flat().map(showMatcher)];
  return meant.every((word) => words.includes(word));
}

/** What kubectl would send as a body is what we send. */
function isRequest(command: Command, { words, input }: { readonly words: readonly string[]; readonly input: string }): boolean {
  const request = requestOf(command);
  const { path, body } = httpRequest(request);
  if (request.verb === 'patch') return words.includes(`--patch=${body}`);
  return body === undefined ? input === '' : words.includes(`--raw=${path}`) && input === `${body}\n`;
}
