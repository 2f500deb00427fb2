import type { Flavour } from '../../../src/commands/nas.ts';
import { type ActiveExport, CLIENT_NETWORK, EXPORTS_SCRIPT, logOn, type Nas } from './nas.ts';

const LINUX_OPTIONS = ['rw', 'sync', 'no_subtree_check', 'no_root_squash'];

/** One line of /etc/exports in the form of this server. */
const LINES: Readonly<Record<Flavour, (path: string, network: string) => string>> = {
  core: (path, network) => `${path} -maproot="root":"wheel" -network ${network}`,
  scale: (path, network) => `"${path}" ${network}(sec=sys,rw,no_root_squash,no_subtree_check)`,
  debian: (path, network) => `${path} ${network}(${LINUX_OPTIONS.join(',')})`,
};

export function exportLine(flavour: Flavour, path: string, network = CLIENT_NETWORK): string {
  return LINES[flavour](path, network);
}

/** Lets the server export exactly these paths: in its middleware, its script, its file, and in effect. */
export function exportPaths(nas: Nas, paths: readonly string[]): void {
  const roots = ['/mnt/main', '/mnt/ssd'];
  const groups =
    nas.flavour === 'core'
      ? roots.map((root) => paths.filter((path) => path.startsWith(`${root}/`)))
      : paths.map((path) => [path]);
  nas.shares = groups.map((group, index) => ({ id: index + 1, paths: group, networks: [CLIENT_NETWORK], enabled: true }));
  nas.files.set(EXPORTS_SCRIPT, scriptText(nas.flavour, paths));
  nas.files.set(
    '/etc/exports',
    exportsText(
      nas.flavour,
      paths.map((path) => exportLine(nas.flavour, path)),
    ),
  );
  loadExports(nas, 0);
}

/** What the middleware writes after each change of a share; then it reloads. */
export function applyShares(nas: Nas, nowMs: number): void {
  const enabled = nas.shares.filter(({ enabled }) => enabled);
  const lines = enabled.flatMap(({ paths, networks, ro }) =>
    paths.map((path) => asShared(exportLine(nas.flavour, path, networks[0]), ro)),
  );
  nas.files.set('/etc/exports', exportsText(nas.flavour, lines));
  loadExports(nas, nowMs);
}

/** The line with the one option of a share that the middleware here looks at. */
function asShared(line: string, ro = false): string {
  return ro ? line.replace(' -maproot', ' -ro -maproot').replace(/\brw\b/, 'ro') : line;
}

export function exportsText(flavour: Flavour, lines: readonly string[]): string {
  const head = flavour === 'core' ? ['V4: / -sec=sys'] : flavour === 'debian' ? ['# /etc/exports: see exports(5)'] : [];
  return `${[...head, ...lines].join('\n')}\n`;
}

function scriptText(flavour: Flavour, paths: readonly string[]): string {
  const reload = flavour === 'core' ? 'service mountd reload' : 'exportfs -ra';
  const write = exportLine(flavour, '$2').replaceAll('"', '\\"');
  const calls = paths.map((path) => `create_nfs_export "${path.replace('/mnt/', '')}" "${path}"`);
  const head = [
    '#!/bin/sh',
    'set -e',
    'tmp=$(mktemp)',
    'create_nfs_export() {',
    '  chmod 777 "$2"',
    `  printf '%s\\n' "${write}" >> "$tmp"`,
    '}',
  ];
  return `${[...head, `trap '[ $? -eq 0 ] && cat "$tmp" > /etc/exports && ${reload}' EXIT`, ...calls].join('\n')}\n`;
}

/** Runs the site's script of exports: it makes the whole file anew, or nothing when a directory is missing. */
export function runScript(nas: Nas, nowMs: number): { readonly exitCode: number; readonly stderr: string } {
  const calls = [...(nas.files.get(EXPORTS_SCRIPT) ?? '').matchAll(/^create_nfs_export "[^"]*" "([^"]*)"$/gm)];
  const paths = calls.map((call) => call[1] ?? '');
  const missing = paths.find((path) => nas.disk.at(path) === undefined);
  if (missing !== undefined) return { exitCode: 1, stderr: `chmod: ${missing}: No such file or directory\n` };
  nas.files.set(
    '/etc/exports',
    exportsText(
      nas.flavour,
      paths.map((path) => exportLine(nas.flavour, path)),
    ),
  );
  loadExports(nas, nowMs);
  return { exitCode: 0, stderr: '' };
}

/** Reads the server's files and exports what they name. A refused line is complained about and dropped. */
export function loadExports(nas: Nas, nowMs: number): readonly string[] {
  return nas.flavour === 'core' ? loadOnFreeBsd(nas, nowMs) : loadOnLinux(nas);
}

/** Two lines for one file system and network must agree in their options (exports(5) of FreeBSD). */
function loadOnFreeBsd(nas: Nas, nowMs: number): readonly string[] {
  const optionsOf = new Map<string, string>();
  const complaints: string[] = [];
  const refuse = (...texts: string[]) => complaints.push(...texts);
  nas.active = [];
  for (const line of linesOf(nas.files.get('/etc/exports')).filter((text) => !text.startsWith('V4:'))) {
    const found = parseFreeBsdLine(line);
    const [path = ''] = found.map((entry) => entry.path);
    const options = found[0]?.options.join(' ') ?? '';
    const key = `${nas.disk.holder(path).name} ${found[0]?.network}`;
    if (found.some((entry) => nas.disk.at(entry.path) === undefined)) {
      refuse(`bad exports list line '${path}': symbolic link in export path or statfs failed`);
    } else if ((optionsOf.get(key) ?? options) !== options) {
      refuse(`can't change attributes for ${path}: Operation not permitted`, `bad exports list line '${path}'`);
    } else {
      optionsOf.set(key, options);
      nas.active.push(...found);
    }
  }
  for (const text of complaints) logOn(nas, nowMs, { program: 'mountd', text });
  return complaints;
}

function parseFreeBsdLine(line: string): ActiveExport[] {
  const words = line.split(/\s+/);
  const paths = words.filter((word) => word.startsWith('/'));
  const network = words[words.indexOf('-network') + 1] ?? '0.0.0.0/0';
  const options = words.filter((word) => word.startsWith('-') && word !== '-network');
  return paths.map((path) => ({ path, network, options }));
}

function loadOnLinux(nas: Nas): readonly string[] {
  const complaints: string[] = [];
  const active = new Map<string, ActiveExport>();
  for (const [file, text] of nas.files) {
    if (file !== '/etc/exports' && !/^\/etc\/exports\.d\/[^.][^/]*\.exports$/.test(file)) continue;
    linesOf(text).forEach((line, index) => {
      const match = /^(?:"([^"]+)"|(\/\S*))\s+(\S+)\(([^)]*)\)$/.exec(line);
      const path = match?.[1] ?? match?.[2];
      if (match?.[3] === undefined || match[4] === undefined || path === undefined) {
        complaints.push(`exportfs: ${file}:${index + 1}: syntax error: bad option list`);
      } else if (nas.disk.at(path) === undefined) {
        complaints.push(`exportfs: Failed to stat ${path}: No such file or directory`);
      } else {
        active.set(`${path} ${match[3]}`, { path, network: match[3], options: match[4].split(',') });
      }
    });
  }
  nas.active = [...active.values()];
  return complaints;
}

function linesOf(text = ''): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
