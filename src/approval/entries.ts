/** Who a configuration names, and whether only the groups among them count. */
interface Named {
  readonly approvers: readonly string[];
  readonly differentGroups: boolean;
}

export function isGroup(id: string): boolean {
  return /^S[A-Z0-9]+$/.test(id);
}

/** A user of the command line: in no group of Slack. */
export function isLocal(id: string): boolean {
  return id.startsWith('cli:');
}

/** The entries that can approve, each once: under `differentGroups`, groups only. */
export function approversThatCount({ approvers, differentGroups }: Named): string[] {
  const entries = [...new Set(approvers)];
  return differentGroups ? entries.filter(isGroup) : entries;
}
