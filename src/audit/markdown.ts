import { oneLine, visible } from '../slack/visible.ts';

/** Foreign text as words on one line, also in a cell of a table: nothing in it is a mark, a link or HTML. */
export function prose(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>#|~&$!@]/g, String.raw`\$&`)
    .replaceAll('://', String.raw`\://`)
    .replaceAll(/www\./gi, (found) => found.replace('.', String.raw`\.`))
    .replace(/^[-+=]/, String.raw`\$&`)
    .replace(/^(\d+)([.)])/, String.raw`$1\$2`);
}

/** Foreign text as a block of its own, whole: its fence is longer than any that it holds. */
export function fence(text: string): string {
  const shown = visible(text).replace(/\n$/, '');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(Math.max(3, longest + 1));
  return `${mark}text\n${shown}\n${mark}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((cells) => line(cells.map(prose)))].join('\n');
}
