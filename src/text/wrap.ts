/** Breaks prose at spaces so that no line is longer than `width`, unless a single word is; all lines but the first are indented. */
export function wrap(text: string, width: number, indent: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, indent))
    .join(`\n${' '.repeat(indent)}`);
}

function wrapLine(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || longer.length <= width - indent) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
