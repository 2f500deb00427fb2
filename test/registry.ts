/** What the disk holds of one runbook. */
export interface RunbookFolder {
  readonly name: string;
  /** Paths relative to the folder. */
  readonly files: readonly string[];
  /** The text of readme.md; '' where there is none. */
  readonly readme: string;
}

export const headings = ['## When', '## Looks at', '## Changes', '## Undo', '## Not for'];

/** What is wrong between the folders of runbooks/ and the ids that the registry lists, as sentences. */
export function registryFaults(folders: readonly RunbookFolder[], ids: readonly string[]): string[] {
  const names = new Set(folders.map(({ name }) => name));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  return [
    ...twice.map((id) => `${id} is twice in runbooks/index.ts.`),
    ...ids.filter((id) => !names.has(id)).map((id) => `${id} is in runbooks/index.ts, but there is no folder runbooks/${id}/.`),
    ...folders.filter(({ name }) => !ids.includes(name)).map(({ name }) => `runbooks/${name}/ is not in runbooks/index.ts.`),
    ...folders.flatMap(folderFaults),
  ];
}

function folderFaults({ name, files, readme }: RunbookFolder): string[] {
  const missing = ['index.ts', 'index.test.ts', 'readme.md'].filter((file) => !files.includes(file));
  const hasRecording = files.some((file) => file.startsWith('recordings/'));
  const found = readme.split('\n').filter((line) => line.startsWith('## '));
  const inOrder = found.join('\n') === headings.join('\n');
  return [
    ...missing.map((file) => `runbooks/${name}/ has no ${file}.`),
    ...(hasRecording
      ? []
      : [`runbooks/${name}/recordings/ holds no recording: nothing proves what it says about a real system.`]),
    ...(inOrder || readme === ''
      ? []
      : [`runbooks/${name}/readme.md must have the headings ${headings.join(', ')}, in this order.`]),
  ];
}
