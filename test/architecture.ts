import { posix } from 'node:path';
import { nodesBelow, nodesOf, type SyntaxNode } from './syntax.ts';

/** Project path → source text, of everything below src/, handlers/ and runbooks/ that is neither a test nor a fixture. */
export type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly from: string;
  /** A project path, the name of a package, or a built-in as `node:fs`. */
  readonly to: string;
}

/** Files that may import nothing but what matches. */
interface Layer {
  readonly files: RegExp;
  readonly mayImport: RegExp;
  readonly why: string;
}

const layers: readonly Layer[] = [
  {
    files: /^src\/core\//,
    mayImport: /^(src\/core\/.*|zod|node:crypto|node:util)$/,
    why: 'core is pure, so that everything else can stand on it: it knows no network, clock or environment',
  },
  {
    files: /^src\/commands\//,
    mayImport: /^(src\/(core|commands)\/.*|zod)$/,
    why: 'a command is data made from its arguments, and a parser from its output: it needs core and zod only',
  },
  {
    files: /^src\/topology\//,
    mayImport: /^(src\/(core|commands|topology)\/.*|zod|leven)$/,
    why: 'the topology is computed from what commands read: it needs core, commands, zod and leven only',
  },
  {
    files: /^src\/repairs\//,
    mayImport: /^(src\/(core|commands|topology|repairs)\/.*|zod)$/,
    why: 'a repair is a plan made of commands, and of who stands on what: it needs core, commands, topology and zod only',
  },
  {
    files: /^src\/alerts\//,
    mayImport: /^(src\/(core|commands|topology|repairs|alerts)\/.*|zod|node:crypto|node:timers\/promises)$/,
    why: 'what becomes of alerts is decided from what ports give: it knows no store, no HTTP, no Slack and no engine',
  },
  {
    files: /^src\/slack\/(?!connection)/,
    mayImport: /^(src\/(core\/.*|slack\/(?!connection).*)|@slack\/types)$/,
    why: 'a renderer is a pure function from core types to blocks; what talks to Slack belongs into src/slack/connection',
  },
  {
    files: /^src\/connectors\//,
    mayImport: /^(?!runbooks\/|handlers\/|src\/slack\/|src\/engine\/)/,
    why: 'a connector carries any command to its target: it knows no runbook, no Slack and no engine',
  },
  {
    files: /^/,
    mayImport: /^(?!test\/|bench\/|.*\/fixtures\/|.*\.test\.ts$)/,
    why: 'the product must not depend on its own tests',
  },
];

/** Files that only some files may import. */
const doors: readonly { readonly file: RegExp; readonly importers: RegExp; readonly why: string }[] = [
  {
    file: /^src\/engine\/engine\.ts$/,
    importers: /^src\/(app\.ts$|engine\/)/,
    why: 'only src/app.ts makes an engine, and it hands it redacted targets whatever it was given',
  },
  {
    file: /^src\/connectors\/(redacted-targets|targets|(ssh|kubernetes|proxmox|prometheus|alertmanager)\/index)\.ts$/,
    importers: /^src\/(app\.ts$|app\/|connectors\/|engine\/)/,
    why: 'targets are opened and redacted in one place, so that no output with a secret in it can be had in another',
  },
];

/** Packages that only some files may import. */
const owners: readonly { readonly packages: RegExp; readonly files: RegExp; readonly why: string }[] = [
  {
    packages: /^(ssh2|@kubernetes\/client-node|proxmox-api|node-vault|pg|mysql2?)$/,
    files: /^src\/connectors\//,
    why: 'only src/connectors may reach a target, so that time limits, host keys and secrets are handled in one place',
  },
  {
    packages: /^@slack\//,
    files: /^(src\/slack\/|handlers\/|src\/main\.ts$)/,
    why: 'only src/slack, handlers and src/main.ts know Slack, so that runs work while Slack is down',
  },
  {
    packages: /^openworkflow$/,
    files: /^src\/engine\//,
    why: 'the durable-execution library is young and stays behind src/engine',
  },
];

/** Every way in which the sources break the architecture, as sentences that say why it matters. */
export function violationsOf(sources: Sources, dependencies: ReadonlySet<string>): string[] {
  const trees = [...sources].map(([path, text]) => ({ path, nodes: nodesOf(path, text) }));
  const imports = trees.flatMap(({ path, nodes }) => nodes.flatMap((node) => importOf(path, node)));
  const found = [
    ...imports.flatMap((one) => [...againstLayers(one), ...againstRunbooks(one), ...againstDoors(one), ...againstOwners(one)]),
    ...imports.flatMap((one) => unresolved(one, sources, dependencies)),
    ...cyclesOf(imports),
    ...trees.flatMap(({ path, nodes }) => changesBy(path, nodes)),
    ...trees.flatMap(({ path, nodes }) => nodes.flatMap((node) => definitionBy(path, node))),
    ...trees.flatMap(({ path, nodes }) => nodes.flatMap((node) => redactionBy(path, node))),
  ];
  return [...new Set(found)];
}

function importOf(from: string, node: SyntaxNode): Import[] {
  const isImport = /^(Import(Declaration|Expression)|Export(Named|All)Declaration|TSImportType)$/.test(node.type);
  const { source } = node;
  if (!isImport || source === null || source === undefined) return [];
  return [{ from, to: targetOf(from, literalOf(source)) }];
}

/** The text of a literal, and '' for an import whose target is computed. */
function literalOf(source: unknown): string {
  const isLiteral = typeof source === 'object' && source !== null && 'value' in source && typeof source.value === 'string';
  return isLiteral ? String(source.value) : '';
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function againstLayers({ from, to }: Import): string[] {
  const broken = layers.filter(({ files, mayImport }) => files.test(from) && !mayImport.test(to));
  return broken.map(({ why }) => `${from} imports ${to || 'something computed'}: ${why}.`);
}

function againstRunbooks({ from, to }: Import): string[] {
  const folder = /^runbooks\/[^/]+\//.exec(from)?.[0] ?? (from.startsWith('runbooks/') ? 'runbooks/' : undefined);
  if (folder === undefined || to === 'zod' || to.startsWith(folder)) return [];
  if (/^src\/(core|commands|topology|repairs)\//.test(to)) return [];
  const why = 'a runbook stands on core, commands, topology, repairs and zod, so that deleting its folder deletes the feature';
  return [`${from} imports ${to || 'something computed'}: ${why}.`];
}

function againstDoors({ from, to }: Import): string[] {
  const broken = doors.filter(({ file, importers }) => file.test(to) && !importers.test(from));
  return broken.map(({ why }) => `${from} imports ${to}: ${why}.`);
}

/** Whoever makes them decides what is cleaned out of what the engine sees. */
function redactionBy(path: string, node: SyntaxNode): string[] {
  if (path === 'src/app.ts' || node.type !== 'NewExpression' || nameOf(node['callee']) !== 'RedactedTargets') return [];
  return [`${path} constructs RedactedTargets: only src/app.ts does, with everything that is known to be secret.`];
}

function againstOwners({ from, to }: Import): string[] {
  const broken = owners.filter(({ packages, files }) => packages.test(to) && !files.test(from));
  return broken.map(({ why }) => `${from} imports ${to}: ${why}.`);
}

function unresolved({ from, to }: Import, sources: Sources, dependencies: ReadonlySet<string>): string[] {
  if (to === '') return [`${from} imports something computed: what a file needs must be readable from its text.`];
  if (to.startsWith('node:') || dependencies.has(to) || sources.has(to) || to.endsWith('.json')) return [];
  if (/^(src|handlers|runbooks|test|bench)\//.test(to)) return [`${from} imports ${to}: there is no such file.`];
  return [`${from} imports ${to}: it is not among the dependencies of package.json.`];
}

/** One sentence per import that closes a circle. */
function cyclesOf(imports: readonly Import[]): string[] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const finished = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path].join(' → ');
      found.push(`${circle}: none of these files can be understood, tested or deleted alone.`);
      return;
    }
    if (finished.has(path)) return;
    for (const { to } of next.get(path) ?? []) visit(to, [...trail, path]);
    finished.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return found;
}

/** Uses of the door's changing half outside of the engine: a call, a reference or a destructuring. */
function changesBy(path: string, nodes: readonly SyntaxNode[]): string[] {
  if (path.startsWith('src/engine/')) return [];
  const handedOn = path.startsWith('src/connectors/') ? insideOwnChange(nodes) : new Set<SyntaxNode>();
  const used = nodes.some((node) => !handedOn.has(node) && (isChangeCall(node) || isTargetsMember(node) || isTakenApart(node)));
  return used ? [`${path} uses the changing half of Targets: only the engine may change anything, under an approval.`] : [];
}

/** A connector may wrap another one: what stands inside its own `change: …` only hands the engine's call on. */
function insideOwnChange(nodes: readonly SyntaxNode[]): Set<SyntaxNode> {
  const own = nodes.filter((node) => /^Property(Definition)?$/.test(node.type) && nameOf(node['key']) === 'change');
  return new Set(own.flatMap((node) => [...nodesBelow(node['value'])]));
}

function isChangeCall(node: SyntaxNode): boolean {
  return node.type === 'CallExpression' && nameOf(read(node['callee'], 'property')) === 'change';
}

function isTargetsMember(node: SyntaxNode): boolean {
  if (node.type !== 'MemberExpression' || nameOf(node['property']) !== 'change') return false;
  return /targets$/i.test(nameOf(node['object']) ?? nameOf(read(node['object'], 'property')) ?? '');
}

function isTakenApart(node: SyntaxNode): boolean {
  const pattern = node.type === 'VariableDeclarator' ? node['id'] : node;
  const properties = read(pattern, 'type') === 'ObjectPattern' ? read(pattern, 'properties') : undefined;
  if (!Array.isArray(properties) || !properties.some((property) => nameOf(read(property, 'key')) === 'change')) return false;
  const type = nameOf(read(read(read(pattern, 'typeAnnotation'), 'typeAnnotation'), 'typeName'));
  return type === 'Targets' || /targets$/i.test(nameOf(node['init']) ?? '');
}

function definitionBy(path: string, node: SyntaxNode): string[] {
  if (path.startsWith('src/commands/') || path === 'src/core/command.ts') return [];
  const name = node.type === 'Identifier' ? nameOf(node) : undefined;
  if (name !== 'defineRead' && name !== 'defineChange') return [];
  return [`${path} names ${name}: what the bot can say to a system is defined in src/commands, where it can be reviewed.`];
}

/** The name of an identifier, or the text of a literal used as a property. */
function nameOf(node: unknown): string | undefined {
  const name = read(node, 'name') ?? read(node, 'value');
  return typeof name === 'string' ? name : undefined;
}

function read(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
