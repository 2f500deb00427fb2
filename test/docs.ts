import { posix } from 'node:path';

/** A fenced block of a Markdown file. */
export interface Fence {
  readonly language: string;
  /** Where it starts, as `path:line`. */
  readonly at: string;
  readonly text: string;
}

export function fencesOf(path: string, markdown: string): Fence[] {
  return [...markdown.matchAll(/^( *)(`{3,})(\w*)[^\n]*\n([\s\S]*?)^ *\2 *$/gm)].map((match) => ({
    language: match[3] ?? '',
    at: `${path}:${markdown.slice(0, match.index).split('\n').length}`,
    text: match[4] ?? '',
  }));
}

/** Relative links and pictures whose file is not in the project. */
export function brokenLinks(path: string, markdown: string, exists: (path: string) => boolean): string[] {
  const prose = withoutCode(markdown);
  const targets = [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
    ...prose.matchAll(/(?:src|href)="([^"]+)"/g),
  ];
  return targets
    .map((match) => match[1] ?? '')
    .filter((target) => !/^([a-z]+:|#)/i.test(target))
    .filter((target) => !exists(posix.normalize(posix.join(posix.dirname(path), decodeURI(target.replace(/[#?].*$/, ''))))))
    .map((target) => `${path} links to ${target}, which does not exist.`);
}

/** Examples that call a script which package.json does not have. */
export function unknownScripts(fence: Fence, scripts: ReadonlySet<string>): string[] {
  if (!['console', 'sh', 'shell', 'bash'].includes(fence.language)) return [];
  const called = [...fence.text.matchAll(/^\s*(?:\$ )?npm (?:run (\S+)|(test|start)\b)/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  return called
    .filter((script) => !scripts.has(script))
    .map((script) => `${fence.at} runs \`npm run ${script}\`, which is no script.`);
}

/** The packages that docs/dependencies.md explains: one list item each, `- \`name\` version: why`. */
export function explainedPackages(markdown: string): { name: string; version: string }[] {
  const lines = markdown.matchAll(/^- `([^`]+)` (\S+): \S/gm);
  return [...lines].map((match) => ({ name: match[1] ?? '', version: match[2] ?? '' }));
}

/** Paths of the machine somebody wrote this on. Those that runbooks find on the site's own hosts are facts, not leaks. */
export function machinePaths(path: string, text: string): string[] {
  const leak = /(?<![\w.~/-])\/(?:work|root|home\/[\w.-]+)\/(?!secrets\/)[\w.-]+/g;
  return text
    .split('\n')
    .flatMap((line, index) => [...line.matchAll(leak)].map(([found]) => `${path}:${index + 1} names ${found}`));
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^ *(`{3,})[\s\S]*?^ *\1 *$/gm, '').replace(/`[^`\n]*`/g, '');
}
