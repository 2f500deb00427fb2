/** What must be known again after a restart, by name; on disk when `remember` returns. */
export interface Memory {
  readonly remember: (name: string, value: unknown) => void;
  /** Undefined where nothing was remembered. */
  readonly recall: (name: string) => unknown;
}
