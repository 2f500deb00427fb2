// Runs one of the project's programs on any machine with Node 20 or newer and npm: `node .bootstrap/run.mjs <file.ts> [arguments]`.
// Flags before the file are for Node.
// What is missing is installed first, from the two lock files: a newer Node into .toolchain/, the packages into node_modules/.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bootstrap = dirname(fileURLToPath(import.meta.url));
const root = dirname(bootstrap);
const toolchain = join(root, '.toolchain');

try {
  const words = process.argv.slice(2);
  const flags = words.slice(
    0,
    words.findIndex((word) => !word.startsWith('--')),
  );
  const [program, ...programArguments] = words.slice(flags.length);
  if (program === undefined) throw new Error('Say which file to run: node .bootstrap/run.mjs <file.ts> [arguments].');
  const node = usableNode();
  if (!packagesAreInstalled()) installPackages(node);
  if (!existsSync(join(root, program))) throw new Error(`There is no ${program} in this copy of the project.`);
  runAndExit(node, [...flags, join(root, program), ...programArguments]);
} catch (error) {
  console.error(`storagebot: ${error.message}`);
  process.exit(1);
}

/** The path of a Node that can run the project: this one, or else the one in .toolchain/, installed now if need be. */
function usableNode() {
  if (thisNodeIsEnough()) return process.execPath;
  const pinned = pinnedNode();
  if (!holds(toolchain, pinned)) installToolchain(pinned);
  return binaryOf(pinned);
}

function thisNodeIsEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = readJson(join(root, 'package.json')).engines.node.match(/\d+/g).map(Number);
  const newEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return newEnough && Boolean(process.features.typescript) && isBuiltin('node:sqlite');
}

/** The package in the toolchain's lock that carries Node for this platform. */
function pinnedNode() {
  const packages = Object.entries(readJson(join(bootstrap, 'package-lock.json')).packages);
  const found = packages.find(([, { os, cpu }]) => [os].flat().includes(process.platform) && [cpu].flat().includes(process.arch));
  const here = `${process.platform}-${process.arch}`;
  if (found === undefined) throw new Error(`No newer Node is packaged for ${here}. Install Node 24 and run this again.`);
  const [path, { version, bin }] = found;
  return { path, version, bin: bin.node };
}

function binaryOf({ path, bin }) {
  return join(toolchain, path, bin);
}

function holds(directory, { path, version, bin }) {
  const manifest = join(directory, path, 'package.json');
  return existsSync(manifest) && existsSync(join(directory, path, bin)) && readJson(manifest).version === version;
}

/** Installs beside the final place and renames, so that a run that is killed half-way leaves nothing that looks whole. */
function installToolchain(pinned) {
  console.error(
    `storagebot: Node ${process.versions.node} cannot run storagebot; fetching Node ${pinned.version} into .toolchain/ (once) …`,
  );
  const staging = join(toolchain, `installing-${process.pid}`);
  const hint = `Node ${pinned.version} could not be fetched. Check npm's registry and proxy, or install Node 24 yourself.`;
  mkdirSync(staging, { recursive: true });
  try {
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(bootstrap, file), join(staging, file));
    npmCi(process.execPath, staging, hint);
    // The package is optional to npm, being for one platform only: npm says nothing when it cannot be fetched.
    if (!holds(staging, pinned)) throw new Error(hint);
    moveIntoPlace(staging, pinned);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  requireItRuns(pinned);
}

function moveIntoPlace(staging, pinned) {
  if (holds(toolchain, pinned)) return; // Another run was faster.
  rmSync(join(toolchain, 'node_modules'), { recursive: true, force: true });
  renameSync(join(staging, 'node_modules'), join(toolchain, 'node_modules'));
}

function requireItRuns(pinned) {
  const { status } = spawnSync(binaryOf(pinned), ['--version'], { stdio: 'ignore' });
  if (status !== 0)
    throw new Error(`Node ${pinned.version} was fetched but does not start here. Install Node 24 with your system's tools.`);
}

/** True when npm's own note of what is in node_modules/ agrees with package-lock.json; only optional packages may be absent. */
function packagesAreInstalled() {
  const note = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const locked = readJson(join(root, 'package-lock.json')).packages;
  const present = readJson(note).packages;
  const lockedPaths = Object.keys(locked).filter((path) => path !== '');
  return (
    lockedPaths.every((path) => (path in present ? isSamePackage(present[path], locked[path]) : locked[path].optional)) &&
    Object.keys(present).every((path) => path in locked)
  );
}

function isSamePackage(present, locked) {
  return present.version === locked.version && (locked.integrity === undefined || present.integrity === locked.integrity);
}

function installPackages(node) {
  console.error('storagebot: installing the packages of package-lock.json into node_modules/ (npm ci) …');
  npmCi(node, root, 'The packages could not be installed; npm says why above.');
}

/** Runs `npm ci` under the given Node. Install scripts stay off: no package of ours needs one. */
function npmCi(node, directory, onFailure) {
  const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const options = { cwd: directory, env: environmentWith(node), stdio: ['ignore', 'ignore', 'inherit'] };
  const npm = process.env.npm_execpath;
  const startedByNpm = npm !== undefined && basename(npm) === 'npm-cli.js';
  const result = startedByNpm
    ? spawnSync(node, [npm, ...ci], options)
    : spawnSync('npm', ci, { ...options, shell: process.platform === 'win32' });
  if (result.error?.code === 'ENOENT') throw new Error('npm is not on the PATH. Install it together with Node.');
  if (result.status !== 0) throw new Error(onFailure);
}

/** The environment with that Node first on the PATH, so that whatever the program starts runs under it as well. */
function environmentWith(node) {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [key]: [dirname(node), process.env[key]].filter(Boolean).join(delimiter) };
}

/** Becomes the program, as far as the caller can tell: same terminal, same signals, same exit code. */
function runAndExit(node, programLine) {
  const quiet = '--disable-warning=ExperimentalWarning'; // node:sqlite prints one per process.
  const child = spawn(node, [quiet, ...programLine], { cwd: root, env: environmentWith(node), stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {}); // A terminal sends it to the child as well: wait for the child to end.
  child.on('error', (error) => {
    console.error(`storagebot: ${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.removeAllListeners(name);
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
