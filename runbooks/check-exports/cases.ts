import { casesOfDirectories } from './cases-of-directories.ts';
import { casesOfExports } from './cases-of-exports.ts';

/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [...casesOfExports, ...casesOfDirectories] as const;
