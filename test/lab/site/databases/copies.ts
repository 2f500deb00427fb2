/** How copies of volumes end that are started from now on. */
export interface LabCopies {
  /** What the script says instead of copying. */
  fails?: string;
}
